namespace ListBackup.Demo.Seeding;

/// <summary>Made-up people and firms, with the spellings that break careless software.</summary>
internal static class Words
{
    public static readonly string[] FirstNames =
    [
        "Ada", "Zoë", "Łukasz", "Søren", "Mei", "Priya", "Fatima", "Chloé", "José", "Björn", "Siobhán", "Oluwaseun", "Jürgen", "Ines",
        "Tom", "Grace", "Noah", "Lena", "Omar", "Yuki", "Ana", "Ivan", "Ruth", "Hugo", "美咲", "Дарья", "יוסף", "Anaïs", "Nguyễn", "Emma",
    ];

    public static readonly string[] LastNames =
    [
        "Okafor", "O'Neill", "D'Angelo", "Müller", "Kowalski", "Østergaard", "Dvořák", "Yamamoto", "Haddad", "Ivanova", "Fernández",
        "Smith", "Garcia", "van der Berg", "Papadopoulos", "Nguyen", "Silva", "Kim", "Patel", "Rossi", "Dubois", "Weiß", "Larsen", "Sato",
    ];

    public static readonly string[] MailDomains = ["example.com", "example.org", "example.net", "mail.example.com"];

    public static readonly string[] CompanyNames =
        ["Blue Harbor", "North & Sons", "Café Größe", "Summit \"Peak\" Media", "Iron/Clay", "Orion Legal", "Maple Dental", "Αθήνα Foods", "Delta Solar"];

    public static readonly string[] CompanyForms = ["LLC", "GmbH", "Ltd", "S.A.", "BV"];

    public static readonly string[] Tags = ["vip", "newsletter", "trial", "churn-risk", "webinar", "black-friday", "партнёр", "日本", "a,b", "🎉"];

    public static readonly string[] Cities = ["Austin", "Łódź", "München", "São Paulo", "Montréal", "東京", "Cork"];

    public static readonly string[] Plans = ["free", "starter", "growth", "pro"];

    public static readonly string[] Lists =
        ["Newsletter", "Product updates", "Événements", "Customers 2025", "Beta testers", "Investors"];

    public static readonly string[] Notes =
    [
        "Asked for a call next week.", "Met at the trade fair.\nWants a quote.", "Prefers e-mail; says \"no phone\".",
        "Budget approved 👍", "Left voicemail.\tNo answer.", "Bezahlt immer pünktlich – Größe XL", "Refund of 12.10 agreed", "عميل مهم",
    ];

    public static readonly string[] FileNames = ["contract.pdf", "invoice-2025.pdf", "Foto Größe.png", "notes.txt", "data.bin"];

    /// <summary>The ASCII form that an e-mail address or a web address is made of.</summary>
    public static string Ascii(string name)
    {
        Span<char> kept = stackalloc char[name.Length];
        var length = 0;
        foreach (var c in name)
        {
            if (char.IsAsciiLetter(c)) kept[length++] = char.ToLowerInvariant(c);
        }

        return length == 0 ? "person" : new string(kept[..length]);
    }
}
