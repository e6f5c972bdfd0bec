using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a manifest that a customer brought.</summary>
[JsonConverter(typeof(IdConverter<ManifestId>))]
public readonly record struct ManifestId : IId<ManifestId>
{
    private readonly string? _text;

    private ManifestId(string text) => _text = text;

    public static string Prefix => "man";

    public static ManifestId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static ManifestId Parse(string text) => IdText.Parse<ManifestId>(text);

    public static ManifestId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out ManifestId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ManifestId result) => TryParse(s, out result);

    static ManifestId IId<ManifestId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
