using System.Buffers.Text;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace ListBackup.Benchmarks.Vault;

/// <summary>A contact as a CRM's API shows it, some 650 bytes of JSON.</summary>
internal sealed class Contact
{
    private static readonly JsonEncodedText[] Tags = [.. ContactWords.Tags.Select(tag => JsonEncodedText.Encode(tag))];

    public static JsonWriterOptions Json { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public required long Id { get; init; }
    public required string Email { get; init; }
    public required string FirstName { get; init; }
    public required string LastName { get; init; }
    public required string? Phone { get; set; }
    public required string? Company { get; init; }
    public required string? JobTitle { get; init; }
    public required string Stage { get; set; }
    public required string Status { get; set; }
    public required long Owner { get; set; }
    public required ContactAddress? Address { get; init; }

    /// <summary>One bit for each of <see cref="ContactWords.Tags"/>, which are sorted.</summary>
    public required uint TagSet { get; set; }

    /// <summary>One bit for each list.</summary>
    public required uint ListSet { get; init; }

    public required string UtmSource { get; init; }
    public required string? Plan { get; init; }
    public required double LifetimeValue { get; init; }
    public required long Sent { get; set; }
    public required long Opens { get; set; }
    public required long Clicks { get; set; }
    public required long CreatedAt { get; init; }
    public required long UpdatedAt { get; set; }
    public required long ActiveAt { get; set; }
    public required string? Ip { get; init; }
    public required string? Note { get; set; }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteId(json);
        json.WriteString("email"u8, Email);
        json.WriteString("first_name"u8, FirstName);
        json.WriteString("last_name"u8, LastName);
        json.WriteString("phone"u8, Phone);
        json.WriteString("company"u8, Company);
        json.WriteString("job_title"u8, JobTitle);
        json.WriteString("lifecycle_stage"u8, Stage);
        json.WriteString("email_status"u8, Status);
        json.WriteNumber("owner_id"u8, Owner);
        WriteAddress(json);
        WriteSets(json);
        json.WriteStartObject("custom_fields"u8);
        json.WriteString("utm_source"u8, UtmSource);
        json.WriteString("plan"u8, Plan);
        WriteDecimal(json, "ltv"u8, LifetimeValue, "0.0#");
        json.WriteEndObject();
        json.WriteStartObject("stats"u8);
        json.WriteNumber("sent"u8, Sent);
        json.WriteNumber("opens"u8, Opens);
        json.WriteNumber("clicks"u8, Clicks);
        WriteDecimal(json, "open_rate"u8, Sent == 0 ? 0 : Math.Min(1, Opens / (double)Sent), "0.0###");
        json.WriteEndObject();
        WriteTime(json, "created_at"u8, CreatedAt);
        WriteTime(json, "updated_at"u8, UpdatedAt);
        WriteTime(json, "last_activity_at"u8, ActiveAt);
        if (Ip is not null) json.WriteString("opt_in_ip"u8, Ip);
        if (Note is not null) json.WriteString("last_note"u8, Note);
        json.WriteEndObject();
    }

    private void WriteId(Utf8JsonWriter json)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(Id, text, out var length);
        json.WriteString("id"u8, text[..length]);
    }

    private void WriteAddress(Utf8JsonWriter json)
    {
        if (Address is null)
        {
            json.WriteNull("address"u8);
            return;
        }

        json.WriteStartObject("address"u8);
        json.WriteString("line1"u8, Address.Line);
        json.WriteString("city"u8, Address.City.Name);
        json.WriteString("state"u8, Address.City.State);
        json.WriteString("postal_code"u8, Address.PostalCode);
        json.WriteString("country"u8, Address.City.Country);
        json.WriteEndObject();
    }

    private void WriteSets(Utf8JsonWriter json)
    {
        json.WriteStartArray("tags"u8);
        for (var tag = 0; tag < Tags.Length; tag++)
        {
            if ((TagSet & (1u << tag)) != 0) json.WriteStringValue(Tags[tag]);
        }

        json.WriteEndArray();
        json.WriteStartArray("list_ids"u8);
        for (var list = 0; list < ContactWords.ListCount; list++)
        {
            if ((ListSet & (1u << list)) != 0) json.WriteNumberValue(ContactWords.FirstList + list);
        }

        json.WriteEndArray();
    }

    private static void WriteDecimal(Utf8JsonWriter json, ReadOnlySpan<byte> name, double value, string format)
    {
        Span<byte> text = stackalloc byte[32];
        value.TryFormat(text, out var length, format, CultureInfo.InvariantCulture);
        json.WritePropertyName(name);
        json.WriteRawValue(text[..length], skipInputValidation: true);
    }

    private static void WriteTime(Utf8JsonWriter json, ReadOnlySpan<byte> name, long seconds)
    {
        Span<byte> text = stackalloc byte[32];
        DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.TryFormat(text, out var length, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        json.WriteString(name, text[..length]);
    }
}

/// <summary>Where a contact lives.</summary>
internal sealed record ContactAddress(string Line, ContactCity City, string PostalCode);

/// <summary>A city and how its postal codes begin.</summary>
internal sealed record ContactCity(string Name, string? State, string Country, string PostalPrefix);
