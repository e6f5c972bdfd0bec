using System.Security.Cryptography;
using ListBackup.Vault.Format;

namespace ListBackup.Vault.Attachments;

/// <summary>A plan whose signature was checked, with the hash of its body.</summary>
internal sealed record CheckedAttachmentPlan(AttachmentPlan Plan, string Sha256)
{
    public bool IsBehind(CheckedAttachmentPlan? other) => Plan.Seq == (other?.Plan.Seq ?? 0) + 1 && Plan.Parent == other?.Sha256;
}

/// <summary>
/// The account's plans under g/ (vault-format.md, "Garbage of attachments"): which names of attachments were ever given up. A chain that only grows; what was read
/// is remembered, each read asks for what is behind it.
/// </summary>
internal sealed class AttachmentPlans(VaultCore core)
{
    private const int AttemptsMax = 20;

    private volatile State _known = State.None;

    /// <summary>What is given up up to a plan. Immutable.</summary>
    /// <param name="Newest">The last entry; null when there is none.</param>
    /// <param name="Names">Each name with the first plan that names it.</param>
    internal sealed record State(CheckedAttachmentPlan? Newest, IReadOnlyDictionary<string, long> Names)
    {
        public static State None { get; } = new(null, new Dictionary<string, long>());

        public long Seq => Newest?.Plan.Seq ?? 0;

        /// <summary>The plan that waits to be carried out; null when there is none.</summary>
        public AttachmentPlan? Pending => Newest?.Plan is { Kind: AttachmentPlanKind.Plan } plan ? plan : null;
    }

    /// <summary>The plans as they stand now. One list, and one read for each that is new to this process.</summary>
    public async Task<State> ReadAsync(CancellationToken cancellation)
    {
        var state = _known;
        var read = new List<CheckedAttachmentPlan>();
        var newest = state.Newest;
        await foreach (var head in core.Objects.ListAsync(ObjectNames.AttachmentPlans, newest is null ? null : ObjectNames.AttachmentPlan(newest.Plan.Seq), cancellation))
        {
            var entry = await ReadAsync(head.Name, cancellation);
            if (!entry.IsBehind(newest)) throw new VaultDamagedException(head.Name, 0, "It does not follow from the plan before it.");
            read.Add(newest = entry);
        }

        if (read.Count == 0) return state;
        var names = new Dictionary<string, long>(state.Names, StringComparer.Ordinal);
        foreach (var entry in read)
        {
            foreach (var name in entry.Plan.Names ?? []) names.TryAdd(name, entry.Plan.Seq);
        }

        return _known = new State(newest, names);
    }

    /// <summary>Adds an entry that is made from the newest state; null when there is nothing to add, or somebody else added something.</summary>
    public async Task<CheckedAttachmentPlan?> TryAppendAsync(State state, AttachmentPlan made, CancellationToken cancellation)
    {
        var entry = made with
        {
            Vault = core.Secrets.Vault,
            Seq = state.Seq + 1,
            Parent = state.Newest?.Sha256,
            Attempt = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            Time = core.Options.Clock.GetUtcNow(),
        };
        var name = ObjectNames.AttachmentPlan(entry.Seq);
        var body = CanonicalJson.Write(entry, FormatJson.Default.AttachmentPlan);
        try
        {
            await core.Objects.PutAsync(name, SignedDocument.Write(body, core.Secrets.SigningKey), PutCondition.CreateOnly, cancellation);
            return new CheckedAttachmentPlan(entry, HashOf(body));
        }
        catch (ObjectExistsException)
        {
            // An adapter that repeats a put may meet its own.
            return await ReadAsync(name, cancellation) is { } standing && standing.Plan.Attempt == entry.Attempt ? standing : null;
        }
    }

    /// <summary>An entry to be filled in by <see cref="TryAppendAsync"/>.</summary>
    public static AttachmentPlan New(AttachmentPlanKind kind) => new() { Vault = "", Seq = 0, Attempt = "", Time = default, Kind = kind };

    /// <summary>Reads one entry from the store.</summary>
    public async Task<CheckedAttachmentPlan> ReadAsync(string name, CancellationToken cancellation)
    {
        var body = SignedDocument.Read(await core.Objects.ReadAsync(name, cancellation), core.Secrets.SigningKey, name);
        var plan = CanonicalJson.Read(body, FormatJson.Default.AttachmentPlan, name);
        if (plan.Vault != core.Secrets.Vault || ObjectNames.AttachmentPlan(plan.Seq) != name) throw new VaultDamagedException(name, 0, "It is another vault's or another plan.");
        return new CheckedAttachmentPlan(plan, HashOf(body));
    }

    /// <summary>
    /// Makes a source known as one whose records may have attachments, before it looks at the plans for the first time: a collector that lists the sources
    /// behind its plan either finds it, and its commits meet the plan, or the source finds the plan.
    /// </summary>
    public async Task RegisterAsync(string source, CancellationToken cancellation)
    {
        try
        {
            await core.Objects.PutAsync(ObjectNames.AttachmentSource(source), RegistrationOf(source), PutCondition.CreateOnly, cancellation);
        }
        catch (ObjectExistsException)
        {
            // It is known.
        }
    }

    /// <summary>What lies under a registered source's name.</summary>
    public static byte[] RegistrationOf(string source) => CanonicalJson.Write(new AttachmentSource(source), FormatJson.Default.AttachmentSource);

    /// <summary>Whether a line's attachment has a name of its content: the first generation's that was not given up when it was written.</summary>
    public static bool IsNameOf(Keys.VaultSecrets secrets, State state, Attachment attachment)
    {
        for (var generation = 0; ; generation++)
        {
            var name = secrets.AttachmentName(attachment.Sha256, generation);
            if (name == attachment.Name) return true;
            if (!state.Names.ContainsKey(name)) return false;
        }
    }

    private static string HashOf(byte[] body) => Convert.ToHexStringLower(SHA256.HashData(body));
}
