using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a customer's access to a platform.</summary>
[JsonConverter(typeof(IdConverter<ConnectionId>))]
public readonly record struct ConnectionId : IId<ConnectionId>
{
    private readonly string? _text;

    private ConnectionId(string text) => _text = text;

    public static string Prefix => "con";

    public static ConnectionId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static ConnectionId Parse(string text) => IdText.Parse<ConnectionId>(text);

    public static ConnectionId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out ConnectionId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ConnectionId result) => TryParse(s, out result);

    static ConnectionId IId<ConnectionId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
