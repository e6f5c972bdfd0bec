using System.Text.Json.Serialization;
using ListBackup.Connectors;
using ListBackup.Connectors.Restoring;
using ListBackup.Domain;
using ListBackup.Vault;

namespace ListBackup.Sources;

/// <summary>What becomes of single fields in a restore.</summary>
/// <param name="Named">By JSON Pointer; it holds for all that lies in the field, unless a closer one is named. A list is one value.</param>
/// <param name="Others">What holds for fields that are not named.</param>
public sealed record RestoreFields(IReadOnlyDictionary<string, FieldRule> Named, FieldRule Others)
{
    private const int FieldsMax = 100;

    /// <summary>Refuses (422) what names no fields of the streams, names a rule that there is not, or would restore nothing.</summary>
    /// <returns>Null when nothing is said of single fields.</returns>
    public static RestoreFields? Require(IReadOnlyDictionary<string, string>? named, FieldRule? others, SnapshotReader snapshot, IEnumerable<string> streams)
    {
        if (named is null && others is null) return null;
        if (named is null or { Count: 0 or > FieldsMax }) throw Problem.Invalid("fields", $"Name 1 to {FieldsMax} fields.");
        if (others == FieldRule.Overwrite) throw Problem.Invalid("otherFields", "Is restore or keep; conflicts: overwrite is for all fields.");
        var schemas = streams.Select(snapshot.SchemaOf).ToList();
        var paths = schemas.SelectMany(schema => schema.Fields).Select(field => field.Path).ToList();
        foreach (var pointer in named.Keys)
        {
            if (!FieldOverrides.IsField(pointer) || JsonPointer.PartsOf(pointer).Contains("*")) throw Problem.Invalid("fields", "Name fields by JSON Pointer (RFC 6901), such as /address/city; a list is one field.");
            // A schema that is cut off says nothing about what it lacks.
            if (!schemas.Any(schema => schema.IsTruncated) && !paths.Any(path => path == pointer || path.StartsWith($"{pointer}/", StringComparison.Ordinal)))
                throw Problem.Invalid("fields", $"No record of the streams that are restored has a field {pointer} in snapshot {snapshot.Snapshot.Seq}.");
        }
        var rules = named.ToDictionary(field => field.Key, field => RuleOf(field.Value), StringComparer.Ordinal);
        if (others == FieldRule.Keep && rules.Values.All(rule => rule == FieldRule.Keep)) throw Problem.Invalid("fields", "With every field kept there is nothing to restore.");
        return new(rules, others ?? FieldRule.Restore);
    }

    /// <summary>As the connectors take it.</summary>
    public FieldPolicy ToPolicy() => new(Others == FieldRule.Keep, Named.ToDictionary(field => PathOf(field.Key), field => field.Value == FieldRule.Keep));

    /// <summary>True when what was changed in the field since the last backup is written over.</summary>
    public bool IsOverwritten(FieldPath field)
    {
        for (var length = field.Keys.Count; length > 0; length--)
        {
            if (Named.TryGetValue(StreamPlan.Pointer(new(field.Keys.Take(length))), out var rule)) return rule == FieldRule.Overwrite;
        }
        return false;
    }

    private static FieldPath PathOf(string pointer) => new(JsonPointer.PartsOf(pointer));

    private static FieldRule RuleOf(string text) => text switch
    {
        "restore" => FieldRule.Restore,
        "keep" => FieldRule.Keep,
        "overwrite" => FieldRule.Overwrite,
        _ => throw Problem.Invalid("fields", $"'{text}' is none of restore, keep and overwrite."),
    };
}

/// <summary>What becomes of a field in a restore. Consent goes before each of them.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FieldRule>))]
public enum FieldRule
{
    /// <summary>It gets the snapshot's value; a record in which it was changed since the last backup is treated as <c>conflicts</c> says.</summary>
    [JsonStringEnumMemberName("restore")] Restore,
    /// <summary>It stays as it is on the platform. A record that is made anew comes without it, where it can be without it.</summary>
    [JsonStringEnumMemberName("keep")] Keep,
    /// <summary>It gets the snapshot's value also where it was changed since the last backup.</summary>
    [JsonStringEnumMemberName("overwrite")] Overwrite,
}
