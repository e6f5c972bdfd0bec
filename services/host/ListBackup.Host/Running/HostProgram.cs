using System.Collections;
using System.Net.Sockets;
using ListBackup.Domain;
using ListBackup.Embedded;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace ListBackup.Host;

/// <summary>The process: reads settings, starts, says where it is, stops cleanly. What a person can cause ends in one line and an exit code.</summary>
public static class HostProgram
{
    public const int ExitOk = 0;
    public const int ExitFailed = 1;
    public const int ExitUsage = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["--help"] or ["-h"] or ["help"])
        {
            Console.WriteLine(Usage.Text);
            return ExitOk;
        }
        // For scripts/openapi: the document as this very build serves it.
        var wantsDocument = arguments is ["openapi", ..];
        if (wantsDocument) arguments = ["--port", "0", .. arguments[1..]];
        try
        {
            var settings = SettingsReader.Read(arguments, EnvironmentVariables(), Directory.GetCurrentDirectory());
            using var folder = DataFolder.Open(settings.Data);
            await using var app = HostApplication.Build(settings, folder);
            await app.StartAsync();
            if (wantsDocument)
            {
                await WriteDocumentAsync(Address(app));
                await app.StopAsync();
                return ExitOk;
            }
            Console.WriteLine(Greeting.Text(settings, Address(app)));
            await app.WaitForShutdownAsync();
            return ExitOk;
        }
        catch (SettingsException wrong)
        {
            return Fail(wrong.Message, ExitUsage);
        }
        catch (DataFolderException unusable)
        {
            return Fail(unusable.Message, ExitFailed);
        }
        catch (StorageException unusable)
        {
            return Fail(unusable.Message, ExitFailed);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            return Fail($"{taken.Message.TrimEnd('.')}. Stop the other program, or choose another port with --port.", ExitFailed);
        }
        catch (Exception refused) when (refused is SocketException || refused.InnerException is SocketException)
        {
            return Fail($"It cannot listen there: {refused.Message.TrimEnd('.')}. Choose another address with --listen or --port.", ExitFailed);
        }
    }

    private static async Task WriteDocumentAsync(Uri address)
    {
        using var http = new HttpClient { BaseAddress = address };
        Console.WriteLine((await http.GetStringAsync(new Uri(ApiDocument.Address, UriKind.Relative))).ReplaceLineEndings("\n").TrimEnd());
    }

    private static int Fail(string line, int exitCode)
    {
        Console.Error.WriteLine($"listbackup: {line.ReplaceLineEndings(" ")}");
        return exitCode;
    }

    private static Dictionary<string, string> EnvironmentVariables() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(v => (string)v.Key, v => (string?)v.Value ?? "", StringComparer.Ordinal);

    /// <summary>Where it listens in fact, which with port 0 only the server knows.</summary>
    private static Uri Address(WebApplication app)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses
            ?? throw new InvalidOperationException("The server does not tell where it listens.");
        return new(addresses.First());
    }
}
