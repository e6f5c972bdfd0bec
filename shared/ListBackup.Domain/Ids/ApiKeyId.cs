using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies an API key; not secret.</summary>
[JsonConverter(typeof(IdConverter<ApiKeyId>))]
public readonly record struct ApiKeyId : IId<ApiKeyId>
{
    private readonly string? _text;

    private ApiKeyId(string text) => _text = text;

    public static string Prefix => "key";

    public static ApiKeyId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static ApiKeyId Parse(string text) => IdText.Parse<ApiKeyId>(text);

    public static ApiKeyId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out ApiKeyId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ApiKeyId result) => TryParse(s, out result);

    static ApiKeyId IId<ApiKeyId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
