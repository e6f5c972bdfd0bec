using ListBackup.Demo.Seeding;
using ListBackup.Demo.Webhooks;

namespace ListBackup.Demo.Crm;

/// <summary>An entry of the deletions log. Only contacts, companies and notes are logged: the vendor says so, and we live with it.</summary>
internal sealed record Deletion(long Sequence, RecordKind Kind, long Number, long At, string Reason, long? MergedInto);

/// <summary>All data of the CRM. Whoever reads or writes holds <see cref="Gate"/>.</summary>
internal sealed class CrmStore : IDisposable
{
    private readonly DemoPlatformOptions _options;
    private readonly WebhookSubscriptions _webhooks;
    private readonly SeedRecords _seeds;
    private readonly Journal? _journal;
    private readonly Dictionary<RecordKind, RecordTable> _tables = [];
    private Dictionary<string, long>? _contactsByEmail;

    public CrmStore(DemoPlatformOptions options, WebhookSubscriptions webhooks)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Contacts, 20_000_000);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Contacts);
        _options = options;
        _webhooks = webhooks;
        _seeds = new SeedRecords(options.Seed, options.ContactsOnly ? 0 : CompanyCount(options.Contacts));
        Plant();
        if (options.DataFile is null) return;
        _journal = new Journal(options.DataFile, options);
        _journal.Replay(this);
    }

    public Lock Gate { get; } = new();

    public List<Deletion> Deletions { get; } = [];

    /// <summary>Addresses ("email") and addresses on a list ("list|email") that said no, remembered beyond the record's deletion.</summary>
    public HashSet<string> Suppressed { get; } = new(StringComparer.OrdinalIgnoreCase);

    public RecordTable this[RecordKind kind] => _tables[kind];

    public long Now => _options.Time.GetUtcNow().ToUnixTimeSeconds();

    public int Seed => _options.Seed;

    public static int CompanyCount(int contacts) => contacts == 0 ? 0 : Math.Max(3, contacts / 10);

    /// <summary>The record as it is stored; what is computed at each request is added by the endpoints.</summary>
    public ReadOnlySpan<byte> Json(RecordKind kind, Row row)
    {
        if (row.Json is not null) return row.Json;
        var rendered = _seeds.Render(kind, row);
        if (_options.KeepRendered) row.Json = rendered;
        return rendered;
    }

    public byte[] Content(Row attachment) => attachment.Content ?? SeedRecords.AttachmentContent(_options.Seed, attachment.Number);

    public long? FindContactByEmail(string email) => ContactsByEmail.TryGetValue(email, out var number) ? number : null;

    public void Insert(RecordKind kind, Row row, string? email = null)
    {
        this[kind].Add(row);
        if (email is not null) ContactsByEmail[email] = row.Number;
        _journal?.Write(kind, row, reason: null, mergedInto: null, suppress: null);
        _webhooks.Tell(kind, row.Number, "created");
    }

    public void Replace(RecordKind kind, Row row, byte[] json, (string Old, string New)? email = null)
    {
        row.Json = json;
        if (email is { } change && !string.Equals(change.Old, change.New, StringComparison.OrdinalIgnoreCase))
        {
            ContactsByEmail.Remove(change.Old);
            ContactsByEmail[change.New] = row.Number;
        }

        this[kind].Changed();
        _journal?.Write(kind, row, reason: null, mergedInto: null, suppress: null);
        _webhooks.Tell(kind, row.Number, "updated");
    }

    /// <param name="suppress">An address that may not be subscribed again without its owner's click.</param>
    public void Remove(RecordKind kind, Row row, string reason, string? email = null, long? mergedInto = null, string? suppress = null)
    {
        this[kind].Remove(row);
        if (email is not null) ContactsByEmail.Remove(email);
        if (suppress is not null) Suppressed.Add(suppress);
        row.Updated = Now;
        LogDeletion(kind, row, reason, mergedInto);
        _journal?.Write(kind, row, reason, mergedInto, suppress);
        _webhooks.Tell(kind, row.Number, "deleted");
    }

    public void LogDeletion(RecordKind kind, Row row, string reason, long? mergedInto)
    {
        if (kind is not (RecordKind.Contact or RecordKind.Company or RecordKind.Note)) return;
        Deletions.Add(new Deletion(Deletions.Count + 1, kind, row.Number, row.Updated, reason, mergedInto));
    }

    /// <summary>Back to the seed, as if nothing had ever happened.</summary>
    public void Reset()
    {
        Deletions.Clear();
        Suppressed.Clear();
        _contactsByEmail = null;
        Plant();
        _journal?.Truncate();
    }

    /// <summary>Built when first needed: a benchmark that only reads never pays for it.</summary>
    private Dictionary<string, long> ContactsByEmail
    {
        get
        {
            if (_contactsByEmail is not null) return _contactsByEmail;
            var byEmail = new Dictionary<string, long>(StringComparer.OrdinalIgnoreCase);
            foreach (var row in this[RecordKind.Contact].Rows)
            {
                if (row.Gone) continue;
                var email = row.Json is null ? SeedRecords.Email(_options.Seed, row.SeedIndex) : (string?)CrmJson.Parse(row.Json)["email"];
                byEmail[email!] = row.Number;
            }

            return _contactsByEmail = byEmail;
        }
    }

    private void Plant()
    {
        var seed = _options.Seed;
        var contacts = _options.Contacts;
        var others = _options.ContactsOnly ? 0 : contacts;

        Plant(RecordKind.Contact, contacts, SeedRecords.FirstContact, (_, i) => new Row
        {
            Number = SeedRecords.FirstContact + i, SeedIndex = i, Archived = Dice.For(seed, 300, i).Percent(3),
        });
        Plant(RecordKind.Company, CompanyCount(others), SeedRecords.FirstCompany, (number, i) => new Row { Number = number, SeedIndex = i });
        Plant(RecordKind.List, others == 0 ? 0 : Words.Lists.Length, 1, (number, i) => new Row { Number = number, SeedIndex = i });
        Plant(RecordKind.Note, others / 5, 1_001, (number, i) => new Row
        {
            Number = number, SeedIndex = i, Parent = SeedRecords.FirstContact + Dice.For(seed, 301, i).Below(contacts),
        });
        Plant(RecordKind.Attachment, others / 25, 1_001, (number, i) => new Row
        {
            Number = number, SeedIndex = i, Parent = SeedRecords.FirstContact + Dice.For(seed, 302, i).Below(contacts),
        });
        PlantMemberships(others);
    }

    private void Plant(RecordKind kind, int count, long first, Func<long, int, Row> make)
    {
        var table = new RecordTable(kind, count) { NextNumber = first };
        for (var i = 0; i < count; i++)
        {
            var row = make(first + i, i);
            row.Updated = SeedRecords.Updated(_options.Seed, kind, i);
            table.Add(row);
        }

        _tables[kind] = table;
    }

    /// <summary>The newsletter has most people, every further list about half of the one before.</summary>
    private void PlantMemberships(int contacts)
    {
        var table = new RecordTable(RecordKind.Membership, contacts);
        for (var i = 0; i < contacts; i++)
        {
            var dice = Dice.For(_options.Seed, 303, i);
            for (var list = 1; list <= Words.Lists.Length; list++)
            {
                if (!dice.Percent(70 >> (list - 1))) continue;
                var index = (int)table.NextNumber;
                table.Add(new Row
                {
                    Number = index, SeedIndex = index, Parent = list, Contact = SeedRecords.FirstContact + i,
                    Updated = SeedRecords.Updated(_options.Seed, RecordKind.Membership, index),
                });
            }
        }

        _tables[RecordKind.Membership] = table;
    }

    public void Dispose()
    {
        _seeds.Dispose();
        _journal?.Dispose();
    }
}
