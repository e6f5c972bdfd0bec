using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a notification channel.</summary>
[JsonConverter(typeof(IdConverter<ChannelId>))]
public readonly record struct ChannelId : IId<ChannelId>
{
    private readonly string? _text;

    private ChannelId(string text) => _text = text;

    public static string Prefix => "chn";

    public static ChannelId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static ChannelId Parse(string text) => IdText.Parse<ChannelId>(text);

    public static ChannelId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out ChannelId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ChannelId result) => TryParse(s, out result);

    static ChannelId IId<ChannelId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
