using System.Globalization;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Restoring;

/// <summary>A loaded <c>restore.yaml</c>: how records of a platform are written back. Immutable; one instance serves every account. See docs/connectors/restore.md.</summary>
public sealed class RestoreManifest
{
    private readonly RestoreProgram _program;

    private RestoreManifest(RestoreProgram program) => _program = program;

    /// <summary>Compiles the text of a restore manifest against the connector whose streams it writes.</summary>
    /// <exception cref="ManifestException">Every problem of the text, each with its path.</exception>
    public static RestoreManifest Load(string yaml, Connector connector, LoadOptions? options = null) =>
        new(RestoreCompiler.Compile(yaml, connector.Program, options ?? new LoadOptions()));

    public static RestoreManifest LoadFile(string path, Connector connector, LoadOptions? options = null) => Load(File.ReadAllText(path), connector, options);

    /// <summary>
    /// The streams that can be written, in an order in which a stream comes after those it refers to. Streams that only the platform names are among them in
    /// what <see cref="ForAsync"/> gives.
    /// </summary>
    public IReadOnlyList<RestoreStreamInfo> Streams => _program.Streams;

    /// <summary>True when some streams are only known to the platform.</summary>
    public bool HasDynamicStreams => _program.Dynamic.Count > 0;

    /// <summary>The same for one configuration, with the streams that its platform names. Asks the platform only when the manifest has <c>dynamic_streams</c>.</summary>
    /// <exception cref="PlatformException">The platform did not tell its streams.</exception>
    /// <exception cref="ConfigException">The configuration is not one that the manifest accepts.</exception>
    public async Task<RestoreManifest> ForAsync(ConnectorConfig config, ConnectorPorts ports, CancellationToken cancellation) =>
        HasDynamicStreams ? new(await DynamicRestore.FillAsync(_program, config, ports, cancellation)) : this;

    /// <summary>Opens one connection for writing.</summary>
    public RestoreTarget Target(ConnectorConfig config, ConnectorPorts ports) => new(_program, config, ports);
}

/// <summary>How one stream is written back.</summary>
public sealed record RestoreStreamInfo
{
    public required string Name { get; init; }

    /// <summary>Where a record holds the id under which other records refer to it. What the id map translates.</summary>
    public required FieldPath Id { get; init; }

    /// <summary>The fields that make a record's key in a backup.</summary>
    public IReadOnlyList<FieldPath> Key { get; init; } = [];

    /// <summary>Streams that must be written first.</summary>
    public IReadOnlyList<string> After { get; init; } = [];

    /// <summary>Streams whose records of the same key belong to those of this one and hold what is known of their consent: whoever restores this stream restores them too.</summary>
    public IReadOnlyList<string> With { get; init; } = [];

    public required bool CanCreate { get; init; }

    public required bool CanUpdate { get; init; }

    public required bool CanUpsert { get; init; }

    public required bool CanDelete { get; init; }

    /// <summary>How a live counterpart is looked for, in this order.</summary>
    public IReadOnlyList<MatchRule> Match { get; init; } = [];

    /// <summary>Fields that the platform sets itself: neither sent nor compared.</summary>
    public IReadOnlyList<FieldPath> ReadOnly { get; init; } = [];

    /// <summary>Fields without which the platform makes no record, besides those by which one is found.</summary>
    public IReadOnlyList<FieldPath> Required { get; init; } = [];

    /// <summary>Fields that hold ids of other streams' records, translated through the id map before they are sent.</summary>
    public IReadOnlyList<Relation> References { get; init; } = [];

    /// <summary>Consent: a live value that is stricter than the backed up one stays.</summary>
    public IReadOnlyList<NeverWeaken> NeverWeaken { get; init; } = [];

    /// <summary>Fields whose elements are merged one by one: tags.</summary>
    public IReadOnlyList<SetField> Sets { get; init; } = [];

    /// <summary>True when it matters what was seen of a record after the version that is restored: <see cref="RestoreRecord.Newer"/>.</summary>
    public bool NeedsNewer { get; init; }

    /// <summary>Most records of one write request; 1 when the platform has no batches.</summary>
    public int BatchSize { get; init; } = 1;

    /// <summary>Most records that one request looks for; 1 when the platform is asked for each alone.</summary>
    public int FindSize { get; init; } = 1;

    /// <summary>True when the platform takes an idempotency key, so that a repeated write is harmless.</summary>
    public bool HasIdempotencyKey { get; init; }

    /// <summary>What a person should know before restoring (mails that go out, ids that change).</summary>
    public string? Warning { get; init; }
}

/// <summary>A field that is a set of plain values; their order means nothing.</summary>
/// <param name="Field">Where it stands.</param>
/// <param name="Separator">What stands between the values where the platform writes them as one text; null: it is a list.</param>
public sealed record SetField(FieldPath Field, string? Separator);

/// <summary>One way to find a record's live counterpart.</summary>
/// <param name="By">What is compared.</param>
/// <param name="Fields">The fields of the record that are compared.</param>
public sealed record MatchRule(MatchKind By, IReadOnlyList<FieldPath> Fields);

public enum MatchKind
{
    /// <summary>The id that the platform gave the record.</summary>
    LiveId,

    /// <summary>An id of the customer's or ours that the platform keeps.</summary>
    ExternalId,

    /// <summary>What makes it the same thing for a person: an e-mail address.</summary>
    NaturalKey,
}

/// <summary>A consent field and its values from the strictest to the laxest. A restore never moves a live record to a laxer value.</summary>
public sealed record NeverWeaken(FieldPath Field, IReadOnlyList<string> StrictestFirst)
{
    /// <summary>What <see cref="AbsentMeans"/> says of a list of what was left.</summary>
    internal const string NothingLeft = "none";

    /// <summary>What <see cref="CreatedAs"/> says where the field alone lets nobody be written to.</summary>
    internal const string AsBackedUp = "as_backed_up";

    /// <summary>
    /// The field is a list of what a person agreed to (newsletters, lists): of the backup's items only those stay which the live record has as well. What
    /// tells two items apart: a field of the item, or <c>*</c> for the item itself. Null: the field is one value.
    /// </summary>
    public FieldPath? ItemsBy { get; init; }

    /// <summary>Where a record names what the person left by themselves. Only those items are taken out then; others may come back. Null: whatever is not live was left.</summary>
    public FieldPath? LeftIn { get; init; }

    /// <summary>The laxest value that a record is made anew with, unless the restore was asked to bring consent back. Null: the strictest, of a list none of its items. <c>as_backed_up</c>: whatever it had.</summary>
    public string? CreatedAs { get; init; }

    /// <summary>What it means when a record lacks the field. Null: that is not known, and the field is not weakened.</summary>
    public string? AbsentMeans { get; init; }

    /// <summary>Values under which the platform keeps a record that somebody deleted: they say nothing about what the person wanted.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Whose consent it is: the field with the address. Null: the record's own, whatever its address.</summary>
    public FieldPath? Address { get; init; }

    public ConsentWrites Written { get; init; }

    /// <summary>
    /// A value's place from the strictest on. One that the manifest does not know may mean anything and is -1: the strictest in a live record. Null: the record
    /// lacks the field, and nobody said what that means.
    /// </summary>
    internal int? Strictness(Value value)
    {
        if (value.IsNothing)
            return AbsentMeans is { } meant ? Place(meant) : null;

        return Place(Text(value));
    }

    internal bool IsDeleted(Value value) => !value.IsNothing && Deleted.Contains(Text(value), StringComparer.OrdinalIgnoreCase);

    internal int CreatedAsPlace => CreatedAs is { } value && value != AsBackedUp ? Place(value) : 0;

    /// <summary><see cref="CreatedAs"/> as the record spells such values.</summary>
    internal Value CreatedAsLike(Value spelled)
    {
        var text = CreatedAs ?? StrictestFirst[0];

        return text switch
        {
            "true" or "false" when !spelled.IsText => Value.Of(text == "true"),
            _ when spelled.Kind == ValueKind.Integer && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => Value.Of(number),
            _ => Value.Of(text),
        };
    }

    private int Place(string text)
    {
        for (var place = 0; place < StrictestFirst.Count; place++)
        {
            if (string.Equals(StrictestFirst[place], text, StringComparison.OrdinalIgnoreCase))
                return place;
        }

        return -1;
    }

    private static string Text(Value value) => value.Kind == ValueKind.Boolean ? value.Boolean ? "true" : "false" : PythonText.Str(value);
}

/// <summary>When a consent field is among what is written.</summary>
public enum ConsentWrites
{
    Always,

    /// <summary>The platform takes it with a new record only.</summary>
    WhenCreated,

    /// <summary>The platform does not take it: it is read only.</summary>
    Never,
}
