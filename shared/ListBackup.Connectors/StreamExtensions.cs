namespace ListBackup.Connectors;

/// <summary>What <c>x-listbackup.streams.NAME</c> says about a stream. See docs/connectors/x-listbackup.md.</summary>
public sealed record StreamExtensions
{
    public static readonly StreamExtensions None = new();

    /// <summary>What people call it: "Contacts".</summary>
    public string? Title { get; init; }

    /// <summary>Fields that change without anybody's doing (counters, "last seen", tokens in urls). They do not make a new version.</summary>
    public IReadOnlyList<FieldPath> Volatile { get; init; } = [];

    /// <summary>How a deletion on the platform is noticed.</summary>
    public DeleteDetection Deletes { get; init; } = DeleteDetection.ByFullRead;

    /// <summary>True when <see cref="Connector.ProbeTotalAsync"/> or the pages themselves tell how many records there are.</summary>
    public bool TellsTotal { get; init; }

    public IReadOnlyList<Relation> Relations { get; init; } = [];

    /// <summary>Personal data and consent, by field.</summary>
    public IReadOnlyList<FieldClass> Classes { get; init; } = [];

    public IReadOnlyList<Attachment> Attachments { get; init; } = [];

    /// <summary>A field that shows a person which record this is (name, e-mail address, subject), or null.</summary>
    public FieldPath? Label { get; init; }
}

/// <summary>How a deletion is noticed. Which of the other members is set follows from <see cref="Kind"/>.</summary>
public sealed record DeleteDetection
{
    public static readonly DeleteDetection ByFullRead = new() { Kind = DeleteDetectionKind.FullRead };

    public required DeleteDetectionKind Kind { get; init; }

    /// <summary>Field: the field of the record that says so.</summary>
    public FieldPath? Field { get; init; }

    /// <summary>Field: the values that mean deleted, as JSON texts without quotes. Empty: any value but null and false.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Stream and IdSweep: the stream that lists the deleted, or the existing, ids.</summary>
    public string? Stream { get; init; }

    /// <summary>Stream and IdSweep: where the id stands in that stream's records.</summary>
    public FieldPath? IdField { get; init; }

    /// <summary>Webhook: the topic that announces a deletion.</summary>
    public string? Topic { get; init; }
}

public enum DeleteDetectionKind
{
    /// <summary>A record that a complete full read did not bring is gone.</summary>
    FullRead,

    /// <summary>A field of the record says so: <c>archived: true</c>.</summary>
    Field,

    /// <summary>Another stream lists what was deleted.</summary>
    Stream,

    /// <summary>Another stream lists every id cheaply; an id that it lacks is gone.</summary>
    IdSweep,

    /// <summary>The platform calls us.</summary>
    Webhook,

    /// <summary>Records are never deleted (logs, events).</summary>
    Never,
}

/// <summary>A field that holds the key of a record of another stream.</summary>
/// <param name="Field">Where the key stands; <c>*</c> reaches into lists.</param>
/// <param name="Stream">The stream that it names.</param>
/// <param name="Key">The key field there, when it is not the primary key.</param>
public sealed record Relation(FieldPath Field, string Stream, FieldPath? Key)
{
    /// <summary>The field holds a map whose member names are the keys: <c>interests: { a1b2: true }</c>. References of a restore only.</summary>
    public bool IsMemberNames { get; init; }
}

/// <summary>Says what a field is under privacy law.</summary>
public sealed record FieldClass(FieldPath Field, PrivacyClass Class);

public enum PrivacyClass
{
    /// <summary>Identifies or describes a person.</summary>
    Personal,

    /// <summary>Special category (health, religion, …) or secret.</summary>
    Sensitive,

    /// <summary>Whether and how a person may be contacted. Never weakened by a restore.</summary>
    Consent,
}

/// <summary>A field that holds the address of a file which belongs to the record.</summary>
/// <param name="Url">Where the address stands.</param>
/// <param name="Name">Where its file name stands, if anywhere.</param>
/// <param name="NeedsCredentials">True when the download needs the connection's own authentication.</param>
public sealed record Attachment(FieldPath Url, FieldPath? Name, bool NeedsCredentials);
