using System.Globalization;
using ListBackup.Connectors.Hooks;

namespace ListBackup.Connectors.Manifest;

/// <summary>Reads <c>x-listbackup.webhooks</c>.</summary>
internal static class WebhooksReader
{
    private const int ToleranceSecondsMax = 3_600;

    /// <param name="reader">Of the map.</param>
    /// <param name="knows">Whether a stream of this name exists, or may exist at the platform.</param>
    public static WebhookDescription Read(PlainReader reader, Func<string, bool> knows)
    {
        var events = reader.FieldOrNull("events");
        var isList = reader.Flag("list", false);
        var (type, typeHeader) = (Plain(reader, "type"), reader.TextOrNull("type_header"));
        if (isList && events is not null) throw reader.Problem("list", "Either list or events: the body itself is a list, or it lies in a field of it.");
        if (type is not null && typeHeader is not null) throw reader.Problem("type", "Either type or type_header.");
        var types = reader.MapOrNull("types") ?? throw reader.Problem("types", "This option is required: what each type of event changes.");

        return reader.Done(new WebhookDescription
        {
            Signature = reader.MapOrNull("signature") is { } signature ? Signature(signature) : null,
            SecretField = reader.FieldOrNull("secret_field"),
            Events = events,
            IsList = isList,
            Id = Plain(reader, "id"),
            Type = type,
            TypeHeader = typeHeader,
            Topics = Topics(types, knows),
        });
    }

    private static IReadOnlyList<WebhookTopic> Topics(PlainReader types, Func<string, bool> knows)
    {
        var topics = new List<WebhookTopic>();
        foreach (var pattern in types.Map.Keys.ToList())
        {
            var streams = types.Texts(pattern);
            if (pattern.IndexOf('*', StringComparison.Ordinal) is var star and >= 0 && star < pattern.Length - 1) throw types.Problem(pattern, "An asterisk stands at the end of a type only.");
            if (streams.Count == 0) throw types.Problem(pattern, "At least one stream is wanted; leave out a type that changes none.");
            if (streams.FirstOrDefault(name => !knows(name)) is { } unknown) throw types.Problem(pattern, $"It names the stream '{unknown}', which the manifest does not have.");
            topics.Add(new WebhookTopic(pattern, streams));
        }

        return topics.Count > 0 ? topics : throw new ManifestException(types.Path, "", "At least one type of event is wanted.");
    }

    private static WebhookSignature Signature(PlainReader reader)
    {
        var key = reader.TextOrNull("signature_key");
        var time = reader.MapOrNull("time") is { } at ? Time(at, key) : null;
        var signed = Signed(reader, reader.TextOrNull("signed") ?? "{body}");
        if (signed.All(part => part.Kind != SignedPartKind.Body)) throw reader.Problem("signed", "Without {body} anybody could put another body below a signature.");
        if (signed.Any(part => part.Kind == SignedPartKind.Time) != time is not null)
            throw reader.Problem("signed", "{time} and the option time belong together: a time that is not signed proves nothing.");

        return reader.Done(new WebhookSignature
        {
            Header = reader.Text("header"),
            SignatureKey = key,
            Prefix = reader.TextOrNull("prefix") ?? "",
            Encoding = reader.Text("encoding") switch
            {
                "hex" => SignatureEncoding.Hex,
                "base64" => SignatureEncoding.Base64,
                _ => throw reader.Problem("encoding", "It is one of hex, base64."),
            },
            Signed = signed,
            Time = time,
        });
    }

    private static SignatureTime Time(PlainReader reader, string? signatureKey)
    {
        var (header, key) = (reader.TextOrNull("header"), reader.TextOrNull("key"));
        if (header is null == key is null) throw reader.Problem("header", "Either header or key is required: where the time stands.");
        if (key is not null && signatureKey is null) throw reader.Problem("key", "A key of the signature's header is wanted only where that holds pairs; see signature_key.");

        return reader.Done(new SignatureTime
        {
            Header = header,
            Key = key,
            IsMilliseconds = reader.TextOrNull("unit") switch
            {
                null or "seconds" => false,
                "milliseconds" => true,
                _ => throw reader.Problem("unit", "It is one of seconds, milliseconds."),
            },
            Tolerance = reader.TextOrNull("tolerance_seconds") switch
            {
                null => SignatureTime.ToleranceDefault,
                var text when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and <= ToleranceSecondsMax => TimeSpan.FromSeconds(seconds),
                _ => throw reader.Problem("tolerance_seconds", $"A number of seconds from 1 to {ToleranceSecondsMax} is wanted."),
            },
        });
    }

    /// <summary><c>{time}.{body}</c> → its parts.</summary>
    private static IReadOnlyList<SignedPart> Signed(PlainReader reader, string text)
    {
        var parts = new List<SignedPart>();
        while (text.Length > 0)
        {
            var (open, close) = (text.IndexOf('{', StringComparison.Ordinal), text.IndexOf('}', StringComparison.Ordinal));
            if (open != 0)
            {
                var plain = open < 0 ? text : text[..open];
                parts.Add(new SignedPart(SignedPartKind.Text, plain));
                text = text[plain.Length..];
                continue;
            }

            parts.Add(new SignedPart((close < 0 ? "" : text[1..close]) switch
            {
                "body" => SignedPartKind.Body,
                "time" => SignedPartKind.Time,
                "method" => SignedPartKind.Method,
                "url" => SignedPartKind.Url,
                _ => throw reader.Problem("signed", "In braces it names one of body, time, method, url."),
            }));
            text = text[(close + 1)..];
        }

        return parts;
    }

    /// <summary>A field of one event; what reaches into lists would be many.</summary>
    private static FieldPath? Plain(PlainReader reader, string key) => reader.FieldOrNull(key) is { } path && path.Keys.Contains("*")
        ? throw reader.Problem(key, "It names one field; '*' stands for many.")
        : reader.FieldOrNull(key);
}
