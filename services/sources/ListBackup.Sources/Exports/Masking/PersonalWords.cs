using System.Text.RegularExpressions;
using ListBackup.Connectors;

namespace ListBackup.Sources;

/// <summary>Names that fields with personal data commonly have, and texts that are personal wherever they stand. For what no connector declares.</summary>
internal static partial class PersonalWords
{
    private static readonly HashSet<string> Personal = new(StringComparer.Ordinal)
    {
        "email", "emailaddress", "mail", "phone", "phonenumber", "mobile", "mobilephone", "telephone", "fax", "whatsapp",
        "firstname", "lastname", "middlename", "fullname", "surname", "givenname", "familyname", "displayname", "nickname", "username", "fname", "lname",
        "address", "address1", "address2", "street", "streetaddress", "addressline1", "addressline2", "zip", "zipcode", "postcode", "postalcode",
        "birthday", "birthdate", "dateofbirth", "dob", "ip", "ipaddress", "ipsignup", "ipopt", "latitude", "longitude",
        "iban", "vatid", "taxid", "linkedin", "twitter", "facebook", "instagram", "avatar", "avatarurl", "gravatar",
    };

    private static readonly HashSet<string> Sensitive = new(StringComparer.Ordinal)
    {
        "password", "passwordhash", "passwd", "secret", "token", "accesstoken", "refreshtoken", "apikey", "ssn", "socialsecuritynumber", "passport", "cvv",
        "religion", "ethnicity", "health", "diagnosis",
    };

    /// <summary>By the name alone, however it is spelled: <c>First Name</c>, <c>first_name</c>, <c>firstName</c>.</summary>
    public static PrivacyClass? ClassOf(string name)
    {
        var word = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        return Sensitive.Contains(word) ? PrivacyClass.Sensitive : Personal.Contains(word) ? PrivacyClass.Personal : null;
    }

    public static bool IsEmail(string text) => text.Length <= 320 && text.Contains('@') && Email().IsMatch(text);

    [GeneratedRegex(@"^\s*[^@\s""<>(),;:]+@[^@\s""<>(),;:]+\.[^@\s""<>(),;:.]+\s*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Email();
}
