using System.Text.Json.Nodes;

namespace ListBackup.Demo.Crm;

/// <summary>Changes as JSON lines, appended and flushed one by one; the seeded data are never written. A torn last line is dropped.</summary>
internal sealed class Journal : IDisposable
{
    private readonly FileStream _file;
    private readonly string _header;

    public Journal(string path, DemoPlatformOptions options)
    {
        _header = $$"""{"demo_crm":1,"seed":{{options.Seed}},"contacts":{{options.Contacts}},"contacts_only":{{(options.ContactsOnly ? "true" : "false")}}}""";
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
    }

    public void Replay(CrmStore store)
    {
        var bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        var whole = bytes.AsSpan(0, bytes.AsSpan().LastIndexOf((byte)'\n') + 1);
        var isHeader = true;
        foreach (var range in whole.Split((byte)'\n'))
        {
            var line = whole[range];
            if (line.IsEmpty) continue;
            if (isHeader) CheckHeader(line);
            else Apply(store, CrmJson.Parse(line));
            isHeader = false;
        }

        _file.SetLength(whole.Length);
        _file.Position = whole.Length;
        if (isHeader) Truncate();
    }

    public void Write(RecordKind kind, Row row, string? reason, long? mergedInto, string? suppress)
    {
        var line = new JsonObject
        {
            ["kind"] = (int)kind, ["n"] = row.Number, ["seeded"] = row.SeedIndex, ["parent"] = row.Parent, ["contact"] = row.Contact,
            ["updated"] = row.Updated, ["archived"] = row.Archived, ["gone"] = row.Gone,
        };
        if (reason is not null) line["reason"] = reason;
        if (mergedInto is not null) line["into"] = mergedInto;
        if (suppress is not null) line["suppress"] = suppress;
        if (row is { Gone: false, Json: not null }) line["json"] = CrmJson.Parse(row.Json);
        if (row is { Gone: false, Content: not null }) line["content"] = Convert.ToBase64String(row.Content);
        Append(CrmJson.Write(line));
    }

    public void Truncate()
    {
        _file.SetLength(0);
        Append(System.Text.Encoding.UTF8.GetBytes(_header));
    }

    private void CheckHeader(ReadOnlySpan<byte> line)
    {
        var found = System.Text.Encoding.UTF8.GetString(line);
        if (found != _header) throw new InvalidDataException($"The data file belongs to another CRM: it says {found}, this one is {_header}.");
    }

    private static void Apply(CrmStore store, JsonObject line)
    {
        var kind = (RecordKind)(int)line["kind"]!;
        var table = store[kind];
        var row = table.Find((long)line["n"]!);
        if ((bool)line["gone"]!)
        {
            if (row is null) return;
            row.Updated = (long)line["updated"]!;
            table.Remove(row);
            store.LogDeletion(kind, row, (string)line["reason"]!, (long?)line["into"]);
            if ((string?)line["suppress"] is { } suppress) store.Suppressed.Add(suppress);
            return;
        }

        if (row is null)
        {
            row = new Row
            {
                Number = (long)line["n"]!, SeedIndex = (int)line["seeded"]!, Parent = (long)line["parent"]!, Contact = (long)line["contact"]!,
            };
            table.Add(row);
        }

        row.Updated = (long)line["updated"]!;
        row.Archived = (bool)line["archived"]!;
        row.Json = line["json"] is JsonObject json ? CrmJson.Write(json) : null;
        row.Content = (string?)line["content"] is { } content ? Convert.FromBase64String(content) : null;
        table.Changed();
    }

    private void Append(ReadOnlySpan<byte> line)
    {
        Span<byte> whole = new byte[line.Length + 1];
        line.CopyTo(whole);
        whole[^1] = (byte)'\n';
        _file.Write(whole);
        _file.Flush();
    }

    public void Dispose() => _file.Dispose();
}
