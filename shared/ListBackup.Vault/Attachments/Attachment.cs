namespace ListBackup.Vault;

/// <summary>A file that belongs to a record, such as a picture or an invoice. What names it in the record opens it: who lost the record's line has lost the file.</summary>
/// <param name="Path">Where in the record it belongs, for example the JSON Pointer of the field with its address; unique in the record, at most 1,024 characters.</param>
/// <param name="Name">Its object's name, a keyed hash of the content, hex. Equal contents are stored once in a vault.</param>
/// <param name="Size">Bytes of the content.</param>
/// <param name="Sha256">SHA-256 of the content, lower-case hex.</param>
public sealed record Attachment(string Path, string Name, long Size, string Sha256)
{
    /// <summary>Longest <see cref="Path"/>.</summary>
    public const int PathLengthMax = 1_024;

    /// <summary>Most attachments of one record.</summary>
    public const int CountMax = 1_000;
}
