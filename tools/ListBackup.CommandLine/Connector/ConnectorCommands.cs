using System.CommandLine;
using ListBackup.Connectors;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Requests;

namespace ListBackup.CommandLine;

/// <summary>connector …: tries any connector manifest on disk, without a server.</summary>
internal static class ConnectorCommands
{
    internal static readonly Argument<FileInfo> Manifest = new("manifest") { Description = "The manifest.yaml of a connector." };
    internal static readonly Option<FileInfo?> Config = new("--config") { Description = "The configuration, a JSON file." };
    internal static readonly Option<bool> Strict = new("--strict") { Description = "Refuse what is only warned about otherwise. For manifests that you write yourself." };

    public static Command Build() => new("connector", "Try a connector manifest: check a connection, list its streams, read them.")
    {
        ConnectorCheck.Build(),
        ConnectorDiscover.Build(),
        ConnectorRead.Build(),
        ConnectorConformance.Build(),
    };

    /// <summary>Whoever runs this owns the machine, so its own network may be reached.</summary>
    internal static ConnectorHttp OpenHttp() => new(new HttpLimits { AllowPrivateNetworks = true });

    internal static Connector Load(ParseResult parsed)
    {
        var file = parsed.GetRequiredValue(Manifest);
        try
        {
            var connector = Connector.LoadFile(file.FullName, new LoadOptions { Strict = parsed.GetValue(Strict) });
            foreach (var warning in connector.Warnings)
                Console.Error.WriteLine($"Warning: {warning}");

            return connector;
        }
        catch (ManifestException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Usage);
        }
        catch (IOException)
        {
            throw new CommandException($"{file} cannot be read.", ExitCode.Usage);
        }
    }

    internal static ConnectorConfig LoadConfig(ParseResult parsed)
    {
        if (parsed.GetValue(Config) is not { } file)
            return ConnectorConfig.Empty;
        try
        {
            return ConnectorConfig.Parse(File.ReadAllBytes(file.FullName));
        }
        catch (ConfigException exception)
        {
            throw new CommandException(exception.Message, ExitCode.Usage);
        }
        catch (IOException)
        {
            throw new CommandException($"{file} cannot be read.", ExitCode.Usage);
        }
    }
}
