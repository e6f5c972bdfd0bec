using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies one sync of a source.</summary>
[JsonConverter(typeof(IdConverter<RunId>))]
public readonly record struct RunId : IId<RunId>
{
    private readonly string? _text;

    private RunId(string text) => _text = text;

    public static string Prefix => "run";

    public static RunId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static RunId Parse(string text) => IdText.Parse<RunId>(text);

    public static RunId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out RunId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out RunId result) => TryParse(s, out result);

    static RunId IId<RunId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
