namespace ListBackup.Demo.Crm;

internal enum RecordKind { Contact, Company, List, Membership, Note, Attachment }

internal static class RecordKinds
{
    public static readonly IReadOnlyList<RecordKind> All = Enum.GetValues<RecordKind>();

    /// <summary>The kind's name in answers and in the journal.</summary>
    public static string Object(RecordKind kind) => kind switch
    {
        RecordKind.Contact => "contact",
        RecordKind.Company => "company",
        RecordKind.List => "list",
        RecordKind.Membership => "membership",
        RecordKind.Note => "note",
        _ => "attachment",
    };

    public static string Plural(RecordKind kind) => kind == RecordKind.Company ? "companies" : Object(kind) + "s";

    /// <summary>Contacts and lists have numbers for ids, the others text. A membership has none: its list and contact name it.</summary>
    public static string IdPrefix(RecordKind kind) => kind switch
    {
        RecordKind.Company => "co_",
        RecordKind.Note => "note_",
        RecordKind.Attachment => "att_",
        _ => "",
    };

    public static bool HasNumericId(RecordKind kind) => kind is RecordKind.Contact or RecordKind.List;

    public static string IdText(RecordKind kind, long number) => IdPrefix(kind) + number;

    public static bool TryParseId(RecordKind kind, string? text, out long number)
    {
        number = 0;
        var prefix = IdPrefix(kind);
        return text is not null && text.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(text.AsSpan(prefix.Length), System.Globalization.NumberStyles.None, null, out number);
    }
}
