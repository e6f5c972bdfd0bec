using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What a comparison of fields looks at.</summary>
[JsonConverter(typeof(CamelCaseEnum<DriftBasis>))]
public enum DriftBasis
{
    /// <summary>The manifests' observed schemas: what was stored up to the earlier snapshot against what was stored since. Costs two manifests; says nothing of records that did not change.</summary>
    Observed,

    /// <summary>All records of both snapshots. Exact; reads the stream twice.</summary>
    Records,
}

/// <summary>How the fields of a stream differ between two snapshots.</summary>
/// <param name="Basis">What was compared.</param>
/// <param name="RecordsBefore">Records, or stored versions, of the earlier side.</param>
/// <param name="RecordsAfter">Those of the later side.</param>
/// <param name="Fields">Fields that differ, by path.</param>
/// <param name="IsTruncated">There are more fields than are kept, so that some may be missing here.</param>
public sealed record SchemaDrift(DriftBasis Basis, long RecordsBefore, long RecordsAfter, IReadOnlyList<FieldDrift> Fields, bool IsTruncated);

/// <summary>How one field differs.</summary>
/// <param name="Path">JSON Pointer; elements of arrays under <c>*</c>.</param>
/// <param name="Change">What happened to it.</param>
/// <param name="TypesBefore">JSON types on the earlier side.</param>
/// <param name="TypesAfter">On the later side; on the basis of <see cref="DriftBasis.Observed"/> all types up to it.</param>
/// <param name="FillBefore">How many of a hundred records have it (0 to 1; may be more for elements of arrays).</param>
/// <param name="FillAfter">The same on the later side.</param>
public sealed record FieldDrift(string Path, FieldChange Change, IReadOnlyList<string> TypesBefore, IReadOnlyList<string> TypesAfter, double FillBefore, double FillAfter);

/// <summary>What happened to a field.</summary>
[JsonConverter(typeof(CamelCaseEnum<FieldChange>))]
public enum FieldChange
{
    /// <summary>It was not there before.</summary>
    Appeared,

    /// <summary>It is in no record any more.</summary>
    Vanished,

    /// <summary>It has other types.</summary>
    TypeChanged,

    /// <summary>A tenth of the records or more have it that had not, or the reverse.</summary>
    FillChanged,
}
