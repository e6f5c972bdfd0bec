using System.Globalization;
using System.Text.Json;

namespace ListBackup.Benchmarks.Vault;

/// <summary>
/// A CRM's contacts over some days: the same from the same seed. Every day some are changed, deleted and added, scattered over all of them. A full export is in the
/// order of ids, which have one length, so its lines are in the order of their bytes too.
/// </summary>
internal sealed class ContactWorld
{
    private const long FirstDay = 1_735_689_600; // 2025-01-01
    private const int Day = 86_400;
    private const int BufferBytes = 1 << 20;

    private readonly Dice _dice = new(7);
    private readonly HashSet<long> _used = [];
    private List<Contact> _live;

    public ContactWorld(int count)
    {
        _live = new List<Contact>(count);
        for (var i = 0; i < count; i++) _live.Add(New(FirstDay, isOld: true));
        _live.Sort((left, right) => left.Id.CompareTo(right.Id));
    }

    public double ChangedShare { get; init; } = 0.01;

    public double DeletedShare { get; init; } = 0.002;

    public double AddedShare { get; init; } = 0.003;

    public IReadOnlyList<Contact> Live => _live;

    /// <summary>Lets a day pass; returns what an API with a cursor would show of it.</summary>
    public ContactDay Next(int day)
    {
        var now = FirstDay + (day * (long)Day);
        var (changed, deleted, added) = ((int)(_live.Count * ChangedShare), (int)(_live.Count * DeletedShare), (int)(_live.Count * AddedShare));
        var picked = Sample(changed + deleted);
        var upserts = new List<Contact>(changed + added);
        foreach (var index in picked.AsSpan(0, changed))
        {
            Edit(_live[index], now);
            upserts.Add(_live[index]);
        }

        var gone = picked.AsSpan(changed).ToArray().Select(index => _live[index].Id).ToHashSet();
        for (var i = 0; i < added; i++) upserts.Add(New(now, isOld: false));
        _live = [.. _live.Where(contact => !gone.Contains(contact.Id)).Concat(upserts.Skip(changed)).OrderBy(contact => contact.Id)];
        return new ContactDay([.. upserts.OrderBy(contact => contact.Id)], [.. gone.Order()]);
    }

    /// <summary>Contacts as NDJSON.</summary>
    public static void Write(string path, IEnumerable<Contact> contacts)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        using var json = new Utf8JsonWriter(file, Contact.Json);
        foreach (var contact in contacts)
        {
            contact.Write(json);
            json.Flush();
            json.Reset();
            file.WriteByte((byte)'\n');
        }
    }

    private int[] Sample(int count)
    {
        var order = new int[_live.Count];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        for (var i = 0; i < count; i++)
        {
            var other = (int)_dice.Between(i, order.Length);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order[..count];
    }

    private Contact New(long now, bool isOld)
    {
        var first = _dice.PickSkewed(ContactWords.FirstNames, 1.5);
        var last = _dice.PickSkewed(ContactWords.LastNames, 1.3);
        string[]? company = _dice.Chance(0.7) ? [_dice.Pick(ContactWords.CompanyFirst), _dice.Pick(ContactWords.CompanySecond), _dice.Pick(ContactWords.CompanyForms)] : null;
        var created = now - _dice.Below(isOld ? 900L * Day : Day);
        var updated = Math.Min(now, created + _dice.Below(200L * Day));
        var sent = _dice.Below(260);
        var opens = (long)(sent * _dice.Share() * 0.6);
        return new Contact
        {
            Id = NewId(),
            Email = NewEmail(first, last, company),
            FirstName = first,
            LastName = last,
            Phone = _dice.Chance(0.75) ? string.Create(CultureInfo.InvariantCulture, $"+{_dice.Pick([1, 1, 1, 44, 49, 33])}{_dice.Between(2_000_000_000, 10_000_000_000)}") : null,
            Company = company is null ? null : string.Join(' ', company),
            JobTitle = _dice.Pick(ContactWords.JobTitles),
            Stage = _dice.Pick(ContactWords.Stages),
            Status = _dice.Pick(ContactWords.Statuses),
            Owner = NewOwner(),
            Address = _dice.Chance(0.8) ? NewAddress() : null,
            TagSet = NewSet(ContactWords.Tags.Length, (int)(6 * Math.Pow(_dice.Share(), 2))),
            ListSet = NewSet(ContactWords.ListCount, (int)_dice.Between(1, 4)),
            UtmSource = _dice.Pick(ContactWords.UtmSources),
            Plan = _dice.Pick(ContactWords.Plans),
            LifetimeValue = Math.Pow(_dice.Share(), 4) * 9000,
            Sent = sent,
            Opens = opens,
            Clicks = (long)(opens * _dice.Share() * 0.3),
            CreatedAt = created,
            UpdatedAt = updated,
            ActiveAt = Math.Max(created, updated - _dice.Below(30L * Day)),
            Ip = _dice.Chance(0.5) ? string.Create(CultureInfo.InvariantCulture, $"{_dice.Between(11, 224)}.{_dice.Below(256)}.{_dice.Below(256)}.{_dice.Between(1, 255)}") : null,
            Note = _dice.Chance(0.2) ? _dice.Pick(ContactWords.Notes) : null,
        };
    }

    private void Edit(Contact contact, long now)
    {
        contact.UpdatedAt = now - _dice.Below(Day);
        switch (_dice.Share())
        {
            case < 0.55:
                contact.Sent += _dice.Between(1, 4);
                contact.Opens += _dice.Below(3);
                contact.Clicks += _dice.Below(2);
                contact.ActiveAt = contact.UpdatedAt;
                break;
            case < 0.75:
                contact.TagSet ^= 1u << (int)_dice.Below(ContactWords.Tags.Length);
                break;
            case < 0.87:
                contact.Stage = _dice.Pick(ContactWords.Stages);
                contact.Owner = NewOwner();
                break;
            case < 0.93:
                contact.Status = _dice.Pick(ContactWords.Statuses);
                break;
            case < 0.97:
                contact.Phone = string.Create(CultureInfo.InvariantCulture, $"+1{_dice.Between(2_000_000_000, 10_000_000_000)}");
                break;
            default:
                contact.Note = string.Create(CultureInfo.InvariantCulture, $"{_dice.Pick(ContactWords.Notes)} (#{_dice.Below(100_000)})");
                break;
        }
    }

    private long NewId()
    {
        while (true)
        {
            var id = _dice.Between(10_000_000_000, 100_000_000_000);
            if (_used.Add(id)) return id;
        }
    }

    private string NewEmail(string first, string last, string[]? company)
    {
        var number = _dice.Below(10_000);
        var name = $"{Plain(first)}.{Plain(last)}{(number < 7_000 ? number.ToString(CultureInfo.InvariantCulture) : "")}";
        var host = company is null || _dice.Chance(0.5) ? _dice.Pick(ContactWords.MailHosts) : $"{company[0]}{company[1]}{_dice.Pick([".com", ".io", ".co", ".net"])}".ToLowerInvariant();
        return $"{name}@{host}";
    }

    private ContactAddress NewAddress()
    {
        var city = _dice.PickSkewed(ContactWords.Cities, 1.4);
        var line = string.Create(CultureInfo.InvariantCulture, $"{_dice.Between(1, 9_999)} {_dice.Pick(ContactWords.Streets)} {_dice.Pick(ContactWords.StreetForms)}");
        return new ContactAddress(line, city, $"{city.PostalPrefix}{_dice.Below(100):00}");
    }

    private uint NewSet(int size, int count)
    {
        var set = 0u;
        while (System.Numerics.BitOperations.PopCount(set) < count) set |= 1u << (int)_dice.Below(size);
        return set;
    }

    private long NewOwner() => 4_100_000 + (long)(40 * Math.Pow(_dice.Share(), 2));

    private static string Plain(string name) => string.Concat(name.Select(letter => "üëŁłøéúöñřáØäçã'".IndexOf(letter) is >= 0 and var at ? "ueLloeuonraOaca "[at] : letter)).Replace(" ", "").ToLowerInvariant();
}

/// <summary>What happened on a day.</summary>
/// <param name="Upserts">The new state of what was changed or added, by id.</param>
/// <param name="Deleted">Ids of what was deleted.</param>
internal sealed record ContactDay(IReadOnlyList<Contact> Upserts, IReadOnlyList<long> Deleted);
