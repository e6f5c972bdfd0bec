namespace ListBackup.Sources;

/// <summary>Names that fields with personal data, secrets and consent commonly have. For what no connector declares.</summary>
internal static class PersonalWords
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
        "cardnumber", "creditcard", "creditcardnumber", "religion", "ethnicity", "health", "diagnosis",
    };

    private static readonly HashSet<string> Consent = new(StringComparer.Ordinal)
    {
        "consent", "gdprconsent", "marketingconsent", "emailconsent", "smsconsent", "marketingpermissions", "acceptsmarketing", "optin", "optedin", "optinat", "optout", "optedout",
        "hasoptedout", "hasoptedoutofemail", "emailoptin", "emailoptout", "smsoptin", "smsoptout", "doubleoptin", "subscribed", "subscriptionstatus", "unsubscribed", "unsubscribedat",
        "donotcall", "donotcontact", "donotemail",
    };

    /// <summary>By the name alone, however it is spelled: <c>First Name</c>, <c>first_name</c>, <c>firstName</c>.</summary>
    public static DataClass? ClassOf(string name)
    {
        var word = string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        if (Sensitive.Contains(word)) return DataClass.Sensitive;
        if (Personal.Contains(word)) return DataClass.Personal;
        return Consent.Contains(word) ? DataClass.Consent : null;
    }
}
