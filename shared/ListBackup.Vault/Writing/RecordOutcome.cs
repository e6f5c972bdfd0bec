using System.Text.Json.Serialization;

namespace ListBackup.Vault;

/// <summary>What became of one arriving record. A problem is a value: counted, reported, never fatal to the run.</summary>
/// <param name="Effect">What the record did to the stream's state.</param>
/// <param name="Problem">Why it was refused, when <paramref name="Effect"/> is <see cref="RecordEffect.Refused"/>; otherwise <see cref="RecordProblem.None"/>.</param>
/// <param name="Key">The record's key, where it has one.</param>
public readonly record struct RecordOutcome(RecordEffect Effect, RecordProblem Problem = RecordProblem.None, string? Key = null)
{
    /// <summary>The record is safe: new, changed, or known already; or it must not be kept, since its person was erased.</summary>
    public bool IsAccepted => Effect != RecordEffect.Refused;
}

/// <summary>What an arriving record did.</summary>
[JsonConverter(typeof(CamelCaseEnum<RecordEffect>))]
public enum RecordEffect
{
    /// <summary>Its key was not live before this run.</summary>
    Added,

    /// <summary>Its key was live with other content (volatile fields aside).</summary>
    Changed,

    /// <summary>The newest snapshot holds the same content; nothing is written.</summary>
    Unchanged,

    /// <summary>The same content arrived in this run already: overlapping pages, a repeated message. Counted apart.</summary>
    Repeated,

    /// <summary>Another content of the same key arrived in this run already; this one, the later, stands.</summary>
    Superseded,

    /// <summary>Not stored; see the problem.</summary>
    Refused,

    /// <summary>Its person was erased from this vault: counted and not stored, and no doubt about the reading.</summary>
    Erased,
}

/// <summary>Why a record was refused.</summary>
[JsonConverter(typeof(CamelCaseEnum<RecordProblem>))]
public enum RecordProblem
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>Not one well-formed JSON value in UTF-8.</summary>
    InvalidJson,

    /// <summary>JSON, but not an object.</summary>
    NotAnObject,

    /// <summary>An object names the same member twice; which one the platform means is unknown.</summary>
    DuplicateMember,

    /// <summary>Nested deeper than <see cref="RecordLimits.DepthMax"/>.</summary>
    TooDeep,

    /// <summary>More bytes than <see cref="VaultOptions.RecordBytesMax"/>.</summary>
    TooLarge,

    /// <summary>A part of the primary key is absent, null, an object or an array.</summary>
    MissingKey,

    /// <summary>The key has more bytes than <see cref="RecordLimits.KeyBytesMax"/>.</summary>
    KeyTooLong,
}

/// <summary>Limits of the format on a record.</summary>
public static class RecordLimits
{
    /// <summary>Levels of nesting; no platform that we know comes near, and parsers stay safe.</summary>
    public const int DepthMax = 128;

    /// <summary>UTF-8 bytes of a record key.</summary>
    public const int KeyBytesMax = 4096;
}
