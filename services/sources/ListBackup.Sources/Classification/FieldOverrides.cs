using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>What people of the account decided about fields of a stream, <c>SRC#id / CLASSES#stream</c>.</summary>
/// <param name="Fields">JSON Pointers, elements of lists under <c>*</c>; each holds for all that lies in the field, unless a closer one is there.</param>
public sealed record FieldOverrides(IReadOnlyDictionary<string, DataClass> Fields)
{
    public const int FieldsMax = 500;
    private const int PathLengthMax = 1000;

    public static readonly FieldOverrides None = new(new Dictionary<string, DataClass>(StringComparer.Ordinal));

    public static ItemKey Key(SourceId source, string stream) => new(Table.Sources, SourceKeys.Partition(source), $"CLASSES#{stream}");

    /// <summary>Refuses (422) what names no fields.</summary>
    public static FieldOverrides Require(IReadOnlyDictionary<string, DataClass> fields)
    {
        if (fields.Count > FieldsMax) throw Problem.Invalid("fields", $"At most {FieldsMax} fields of a stream are decided one by one.");
        foreach (var (path, @class) in fields)
        {
            if (!IsField(path)) throw Problem.Invalid("fields", "Name fields by JSON Pointer (RFC 6901), such as /address/city or /phones/*/number.");
            if (!Enum.IsDefined(@class)) throw Problem.Invalid("fields", "A class is none, personal, sensitive or consent.");
        }
        return new(fields);
    }

    /// <summary>True of a JSON Pointer to something inside a record.</summary>
    public static bool IsField(string path) => path.Length <= PathLengthMax && path is ['/', ..] && IsPointer(path);

    /// <summary>RFC 6901, section 3: <c>~</c> stands only before 0 and 1.</summary>
    private static bool IsPointer(string path)
    {
        for (var i = path.IndexOf('~'); i >= 0; i = path.IndexOf('~', i + 1))
        {
            if (i + 1 == path.Length || path[i + 1] is not ('0' or '1')) return false;
        }
        return true;
    }
}
