using ListBackup.Demo;

if (!DemoPlatformArguments.TryParse(args, out var options, out var complaint))
{
    await Console.Error.WriteLineAsync(complaint);
    return 2;
}

await using var demo = DemoPlatform.Create(options);
await demo.StartAsync(CancellationToken.None);
Console.WriteLine($"Demo CRM with {options.Contacts} contacts (seed {options.Seed}): {demo.BaseUrl}");
Console.WriteLine($"API key: {options.ApiKeys[0]}   user: {options.UserEmail} / {options.UserPassword}   stop: Ctrl+C");
await demo.WaitForShutdownAsync(CancellationToken.None);
return 0;
