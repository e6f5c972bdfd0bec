using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies a planned export.</summary>
[JsonConverter(typeof(IdConverter<ExportPlanId>))]
public readonly record struct ExportPlanId : IId<ExportPlanId>
{
    private readonly string? _text;

    private ExportPlanId(string text) => _text = text;

    public static string Prefix => "exp";

    public static ExportPlanId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static ExportPlanId Parse(string text) => IdText.Parse<ExportPlanId>(text);

    public static ExportPlanId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out ExportPlanId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ExportPlanId result) => TryParse(s, out result);

    static ExportPlanId IId<ExportPlanId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
