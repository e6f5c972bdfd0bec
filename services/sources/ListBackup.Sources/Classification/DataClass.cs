using System.Text.Json.Serialization;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>What a field holds, as far as the protection of people is concerned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DataClass>))]
public enum DataClass
{
    /// <summary>Nothing that is about a person, as somebody decided.</summary>
    [JsonStringEnumMemberName("none")] None,
    /// <summary>Identifies or describes a person.</summary>
    [JsonStringEnumMemberName("personal")] Personal,
    /// <summary>A special category (health, religion, …), or a secret.</summary>
    [JsonStringEnumMemberName("sensitive")] Sensitive,
    /// <summary>Whether and how a person may be contacted.</summary>
    [JsonStringEnumMemberName("consent")] Consent,
}

/// <summary>Why a field is taken for what it is taken for; the first that says anything counts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassBasis>))]
public enum ClassBasis
{
    /// <summary>A person of the account decided it.</summary>
    [JsonStringEnumMemberName("override")] Override,
    /// <summary>The platform's connector declares it.</summary>
    [JsonStringEnumMemberName("declared")] Declared,
    /// <summary>Fields of this name usually hold it.</summary>
    [JsonStringEnumMemberName("name")] Name,
    /// <summary>Its values look like it.</summary>
    [JsonStringEnumMemberName("values")] Values,
}

/// <summary>What a field is taken for, and why.</summary>
public readonly record struct FieldVerdict(DataClass Class, ClassBasis Basis);

internal static class DataClasses
{
    public static DataClass Of(PrivacyClass declared) => declared switch
    {
        PrivacyClass.Sensitive => DataClass.Sensitive,
        PrivacyClass.Consent => DataClass.Consent,
        _ => DataClass.Personal,
    };
}
