using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a sign-in: one family of refresh tokens.</summary>
[JsonConverter(typeof(IdConverter<SessionId>))]
public readonly record struct SessionId : IId<SessionId>
{
    private readonly string? _text;

    private SessionId(string text) => _text = text;

    public static string Prefix => "ses";

    public static SessionId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static SessionId Parse(string text) => IdText.Parse<SessionId>(text);

    public static SessionId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out SessionId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SessionId result) => TryParse(s, out result);

    static SessionId IId<SessionId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
