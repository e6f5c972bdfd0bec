using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a restore, export, verify or drill.</summary>
[JsonConverter(typeof(IdConverter<JobId>))]
public readonly record struct JobId : IId<JobId>
{
    private readonly string? _text;

    private JobId(string text) => _text = text;

    public static string Prefix => "job";

    public static JobId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static JobId Parse(string text) => IdText.Parse<JobId>(text);

    public static JobId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out JobId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out JobId result) => TryParse(s, out result);

    static JobId IId<JobId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
