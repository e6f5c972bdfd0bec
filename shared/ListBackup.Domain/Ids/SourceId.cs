using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies what is backed up through a connection.</summary>
[JsonConverter(typeof(IdConverter<SourceId>))]
public readonly record struct SourceId : IId<SourceId>
{
    private readonly string? _text;

    private SourceId(string text) => _text = text;

    public static string Prefix => "src";

    public static SourceId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static SourceId Parse(string text) => IdText.Parse<SourceId>(text);

    public static SourceId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out SourceId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SourceId result) => TryParse(s, out result);

    static SourceId IId<SourceId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
