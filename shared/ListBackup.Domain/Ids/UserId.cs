using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a person who signs in.</summary>
[JsonConverter(typeof(IdConverter<UserId>))]
public readonly record struct UserId : IId<UserId>
{
    private readonly string? _text;

    private UserId(string text) => _text = text;

    public static string Prefix => "usr";

    public static UserId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static UserId Parse(string text) => IdText.Parse<UserId>(text);

    public static UserId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out UserId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out UserId result) => TryParse(s, out result);

    static UserId IId<UserId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
