using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace ListBackup.Domain;

/// <summary>Identifies an account: a node of the tenancy tree.</summary>
[JsonConverter(typeof(IdConverter<AccountId>))]
public readonly record struct AccountId : IId<AccountId>
{
    private readonly string? _text;

    private AccountId(string text) => _text = text;

    public static string Prefix => "acc";

    public static AccountId New(TimeProvider clock) => new(IdText.New(Prefix, clock));

    public static AccountId Parse(string text) => IdText.Parse<AccountId>(text);

    public static AccountId Parse(string s, IFormatProvider? provider) => Parse(s);

    public static bool TryParse([NotNullWhen(true)] string? text, out AccountId id) => IdText.TryParse(text, out id);

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out AccountId result) => TryParse(s, out result);

    static AccountId IId<AccountId>.FromValid(string text) => new(text);

    public override string ToString() => _text ?? throw new InvalidOperationException("An id that was never set was used.");
}
