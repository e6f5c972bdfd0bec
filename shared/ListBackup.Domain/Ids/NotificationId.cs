using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a notification, and its delivery to each channel.</summary>
[JsonConverter(typeof(IdConverter<NotificationId>))]
public readonly record struct NotificationId : IId<NotificationId>
{
    private readonly string? _text;

    private NotificationId(string text) => _text = text;

    public static string Prefix => "ntf";

    public static NotificationId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    /// <summary>The id of what is told of one event: whoever tells it twice is heard once.</summary>
    public static NotificationId Of(string @event) => new(IdText.Of(Prefix, @event));

    public static NotificationId Parse(string text) => IdText.Parse<NotificationId>(text);

    public static NotificationId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out NotificationId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NotificationId result) => TryParse(s, out result);

    static NotificationId IId<NotificationId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
