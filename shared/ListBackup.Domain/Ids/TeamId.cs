using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a team of an account.</summary>
[JsonConverter(typeof(IdConverter<TeamId>))]
public readonly record struct TeamId : IId<TeamId>
{
    private readonly string? _text;

    private TeamId(string text) => _text = text;

    public static string Prefix => "team";

    public static TeamId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static TeamId Parse(string text) => IdText.Parse<TeamId>(text);

    public static TeamId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out TeamId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out TeamId result) => TryParse(s, out result);

    static TeamId IId<TeamId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
