using System.CommandLine;
using System.Text.Json;
using ListBackup.Vault;

namespace ListBackup.CommandLine;

/// <summary>Files that records name in their fields; vault attachment.</summary>
/// <param name="folder">Where they are.</param>
/// <param name="fields">JSON Pointers.</param>
internal sealed class VaultFiles(string folder, IReadOnlyList<string> fields)
{
    public static readonly Argument<string> Path = new("FIELD") { Description = "The field that names the file, by name or JSON Pointer." };

    private readonly string _folder = System.IO.Path.GetFullPath(folder);

    /// <summary>Stores the files that a record names. A field that is absent or no text names none; a file that is missing ends the backup.</summary>
    public async Task<IReadOnlyList<Attachment>> StoreAsync(StreamBackup backup, ReadOnlyMemory<byte> record, CancellationToken cancellation)
    {
        var attachments = new List<Attachment>();
        foreach (var (field, name) in NamesIn(record))
        {
            var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(_folder, name));
            if (!path.StartsWith(_folder + System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal)) throw new CommandException($"A record's field {field} names a file outside of {_folder}.");
            if (!File.Exists(path)) throw new CommandException($"A record's field {field} names a file that is not in {_folder}.");
            await using var content = File.OpenRead(path);
            attachments.Add(await backup.WriteAttachmentAsync(field, content, cancellation));
        }

        return attachments;
    }

    public static async Task<int> ShowAsync(VaultCommand command)
    {
        var (key, field) = (command.Parsed.GetRequiredValue(VaultReading.Key), VaultBackup.PointerOf(command.Parsed.GetRequiredValue(Path)));
        var vault = await command.OpenAsync();
        var snapshot = await vault.OpenSnapshotAsync(command.SourceId, await command.SeqAsync(vault), command.Cancellation);
        var record = await snapshot.FindAsync(command.StreamName, key, command.Cancellation)
            ?? throw new CommandException($"Snapshot {snapshot.Snapshot.Seq} has no record {key} in stream {command.StreamName}.");
        var attachment = record.Attachments.FirstOrDefault(attachment => attachment.Path == field) ?? throw new CommandException($"The record has no file in {field}.");
        await using var content = await vault.OpenAttachmentAsync(attachment, command.Cancellation);
        await using var output = Console.OpenStandardOutput();
        await content.CopyToAsync(output, command.Cancellation);
        return ExitCode.Success;
    }

    private List<(string Field, string Name)> NamesIn(ReadOnlyMemory<byte> record)
    {
        var names = new List<(string, string)>();
        try
        {
            using var document = JsonDocument.Parse(record);
            foreach (var field in fields)
            {
                if (Find(document.RootElement, field) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } name) names.Add((field, name));
            }
        }
        catch (JsonException)
        {
            // The vault refuses the record and says so.
        }

        return names;
    }

    private static JsonElement? Find(JsonElement element, string pointer)
    {
        foreach (var part in pointer.Split('/').Skip(1).Select(part => part.Replace("~1", "/").Replace("~0", "~")))
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(part, out element)) return null;
        }

        return element;
    }
}
