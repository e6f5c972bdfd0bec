using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies an invitation to an account.</summary>
[JsonConverter(typeof(IdConverter<InvitationId>))]
public readonly record struct InvitationId : IId<InvitationId>
{
    private readonly string? _text;

    private InvitationId(string text) => _text = text;

    public static string Prefix => "inv";

    public static InvitationId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static InvitationId Parse(string text) => IdText.Parse<InvitationId>(text);

    public static InvitationId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out InvitationId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out InvitationId result) => TryParse(s, out result);

    static InvitationId IId<InvitationId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
