using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using ListBackup.Demo.Crm;

namespace ListBackup.Demo.Seeding;

/// <summary>Renders any seeded record from the seed and its index alone. One instance serves one caller at a time.</summary>
internal sealed class SeedRecords(int seed, int companies) : IDisposable
{
    /// <summary>The first contact id: 2^53 + 1. Neighbours become the same number in software that keeps ids in doubles.</summary>
    public const long FirstContact = 9_007_199_254_740_993;

    public const long FirstCompany = 1_001;

    private readonly ArrayBufferWriter<byte> _buffer = new(2_048);
    private readonly Utf8JsonWriter _json = new(Stream.Null, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public byte[] Render(RecordKind kind, Row row)
    {
        _buffer.ResetWrittenCount();
        _json.Reset(_buffer);
        _json.WriteStartObject();
        switch (kind)
        {
            case RecordKind.Contact: WriteContact(row); break;
            case RecordKind.Company: WriteCompany(row); break;
            case RecordKind.List: WriteList(row); break;
            case RecordKind.Membership: WriteMembership(row); break;
            case RecordKind.Note: WriteNote(row); break;
            default: WriteAttachment(row); break;
        }

        _json.WriteEndObject();
        _json.Flush();
        return _buffer.WrittenSpan.ToArray();
    }

    public static long Updated(int seed, RecordKind kind, int index)
    {
        var dice = Dice.For(seed, (int)kind, index);
        return SeedTimes.Updated(ref dice, index);
    }

    public static string Email(int seed, int index)
    {
        var dice = Dice.For(seed, 100, index);
        return $"{Words.Ascii(dice.Pick(Words.FirstNames))}.{Words.Ascii(dice.Pick(Words.LastNames))}.{index}@{dice.Pick(Words.MailDomains)}";
    }

    /// <summary>Bytes that look like no text, the same for every run.</summary>
    public static byte[] AttachmentContent(int seed, long number)
    {
        var dice = Dice.For(seed, 101, number);
        var content = new byte[200 + dice.Below(8_000)];
        for (var i = 0; i < content.Length; i++) content[i] = (byte)dice.Next();
        return content;
    }

    private void WriteContact(Row row)
    {
        var names = Dice.For(seed, 100, row.SeedIndex);
        var dice = Dice.For(seed, (int)RecordKind.Contact, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);
        var created = SeedTimes.Created(ref dice);
        var status = dice.Below(100) switch { < 78 => "subscribed", < 90 => "unsubscribed", < 95 => "bounced", _ => "pending" };
        var confirmed = status is not "pending";

        _json.WriteNumber("id", row.Number);
        _json.WriteString("email", Email(seed, row.SeedIndex));
        _json.WriteString("first_name", names.Pick(Words.FirstNames));
        _json.WriteString("last_name", names.Pick(Words.LastNames));
        if (companies > 0 && dice.Percent(60)) _json.WriteString("company_id", RecordKinds.IdText(RecordKind.Company, FirstCompany + dice.Below(companies)));
        else _json.WriteNull("company_id");
        if (dice.Percent(70)) _json.WriteString("phone", $"+49 30 {dice.Below(9_000_000) + 1_000_000}");
        else _json.WriteNull("phone");
        _json.WriteString("subscription_status", status);
        WriteTimeOrNull("opt_in_at", confirmed ? created : null);
        if (confirmed) _json.WriteString("opt_in_ip", $"203.0.113.{dice.Below(256)}");
        else _json.WriteNull("opt_in_ip");
        WriteMoney("ltv", ref dice);
        // Larger than a signed 64-bit number for some: points are a counter that marketing has multiplied once too often.
        _json.WriteNumber("points", dice.Percent(2) ? 18_446_744_073_709_551_615UL : (ulong)dice.Below(10_000));
        _json.WriteStartArray("tags");
        for (var i = dice.Below(4); i > 0; i--) _json.WriteStringValue(dice.Pick(Words.Tags));
        _json.WriteEndArray();
        _json.WriteStartObject("custom_fields");
        _json.WriteString("plan", dice.Pick(Words.Plans));
        _json.WriteString("city", dice.Pick(Words.Cities));
        if (dice.Percent(50)) _json.WritePropertyName("shoe_size");
        else _json.WritePropertyName("height_m");
        _json.WriteNumberValue(new decimal(dice.Below(5_000), 0, 0, false, 2));
        if (dice.Percent(10)) _json.WriteString("comment", "line one\nline two \\ \"quoted\" \u0001 end");
        _json.WriteEndObject();
        // Not in the documentation, as always on real platforms.
        if (dice.Percent(5)) _json.WriteString("x_legacy_ref", $"L-{dice.Below(100_000):D5}");
        if (dice.Percent(2))
        {
            _json.WritePropertyName("x_score");
            _json.WriteRawValue("1.50E+2"u8);
        }

        WriteTimeOrNull("last_seen_at", dice.Percent(70) ? row.Updated - dice.Below(86_400) : null);
        _json.WriteBoolean("archived", row.Archived);
        WriteTimeOrNull("archived_at", row.Archived ? row.Updated : null);
        WriteTimes(created, row.Updated);
    }

    private void WriteCompany(Row row)
    {
        var dice = Dice.For(seed, (int)RecordKind.Company, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);
        var name = $"{dice.Pick(Words.CompanyNames)} {row.SeedIndex} {dice.Pick(Words.CompanyForms)}";

        WriteId(RecordKind.Company, row);
        _json.WriteString("name", name);
        _json.WriteString("domain", Words.Ascii(name) + row.SeedIndex + ".example");
        _json.WriteNumber("employees", 1 + dice.Below(5_000));
        WriteMoney("annual_revenue", ref dice);
        _json.WriteStartObject("address");
        _json.WriteString("city", dice.Pick(Words.Cities));
        _json.WriteString("postcode", dice.Below(100_000).ToString("D5"));
        _json.WriteEndObject();
        WriteTimes(SeedTimes.Created(ref dice), row.Updated);
    }

    private void WriteList(Row row)
    {
        var dice = Dice.For(seed, (int)RecordKind.List, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);

        WriteId(RecordKind.List, row);
        _json.WriteString("name", Words.Lists[row.SeedIndex % Words.Lists.Length]);
        _json.WriteString("from_email", $"list{row.Number}@example.com");
        _json.WriteBoolean("double_opt_in", dice.Percent(50));
        WriteTimes(SeedTimes.Created(ref dice), row.Updated);
    }

    private void WriteMembership(Row row)
    {
        var dice = Dice.For(seed, (int)RecordKind.Membership, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);

        _json.WriteNumber("list_id", row.Parent);
        _json.WriteNumber("contact_id", row.Contact);
        _json.WriteString("status", dice.Percent(88) ? "subscribed" : "unsubscribed");
        _json.WriteString("source", dice.Percent(60) ? "form" : "import");
        _json.WriteString("joined_at", Time(SeedTimes.Created(ref dice)));
        _json.WriteString("updated_at", Time(row.Updated));
    }

    private void WriteNote(Row row)
    {
        var dice = Dice.For(seed, (int)RecordKind.Note, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);

        WriteId(RecordKind.Note, row);
        _json.WriteNumber("contact_id", row.Parent);
        _json.WriteString("body", dice.Pick(Words.Notes));
        _json.WriteBoolean("pinned", dice.Percent(10));
        WriteTimes(SeedTimes.Created(ref dice), row.Updated);
    }

    private void WriteAttachment(Row row)
    {
        var dice = Dice.For(seed, (int)RecordKind.Attachment, row.SeedIndex);
        SeedTimes.Updated(ref dice, row.SeedIndex);
        var content = AttachmentContent(seed, row.Number);

        WriteId(RecordKind.Attachment, row);
        _json.WriteNumber("contact_id", row.Parent);
        _json.WriteString("file_name", dice.Pick(Words.FileNames));
        _json.WriteString("content_type", "application/octet-stream");
        _json.WriteNumber("size", content.Length);
        _json.WriteString("sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)));
        WriteTimes(SeedTimes.Created(ref dice), row.Updated);
    }

    private void WriteId(RecordKind kind, Row row)
    {
        if (RecordKinds.HasNumericId(kind)) _json.WriteNumber("id", row.Number);
        else _json.WriteString("id", RecordKinds.IdText(kind, row.Number));
    }

    /// <summary>Two decimals always, as accounting writes them: 12.10 must not come back as 12.1.</summary>
    private void WriteMoney(string name, ref Dice dice) =>
        _json.WriteNumber(name, dice.Percent(10) ? 12.10m : new decimal(dice.Below(1_000_000), 0, 0, false, 2));

    private void WriteTimes(long created, long updated)
    {
        _json.WriteString("created_at", Time(created));
        _json.WriteString("updated_at", Time(updated));
    }

    private void WriteTimeOrNull(string name, long? seconds)
    {
        if (seconds is null) _json.WriteNull(name);
        else _json.WriteString(name, Time(seconds.Value));
    }

    public static string Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");

    public void Dispose() => _json.Dispose();
}
