using ListBackup.Demo;
using ListBackup.Testing;
using ListBackup.Tour;

// The main job without a browser: a fresh data folder, free ports, every step checked. Exit code 1 when a step is wrong.
var contacts = args is ["--contacts", var count] && int.TryParse(count, out var wanted) && wanted >= 100 ? wanted : 1000;
using var folder = new TempFolder();
await using var platform = await DemoPlatform.StartAsync(new() { Contacts = contacts }, CancellationToken.None);
var steps = new Steps(Console.Out);
try
{
    await using var host = await steps.RunAsync("Start the Host on a fresh data folder", () => HostProcess.StartAsync(folder.Path), host => $"ready after {host.ReadyAfter.TotalMilliseconds:0} ms at {host.Address}");
    try
    {
        await new Tour(steps, host, platform, folder.Path).RunAsync();
    }
    catch
    {
        Console.WriteLine($"\n   The Host wrote:\n{host.Output}");
        throw;
    }
    var exit = await host.StopAsync();
    steps.Check(exit == 0, $"The Host stopped with exit code {exit}: {host.Output}");
    Console.WriteLine($"\n{steps.Count} steps, all as they should be, in {steps.Elapsed.TotalSeconds:0.0} s.");
    return 0;
}
catch (Exception exception) when (exception is WrongException or InvalidOperationException or HttpRequestException or TimeoutException or KeyNotFoundException)
{
    Console.WriteLine($"   WRONG: {exception.Message}");
    return 1;
}
