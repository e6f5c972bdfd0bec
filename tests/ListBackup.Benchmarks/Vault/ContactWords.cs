namespace ListBackup.Benchmarks.Vault;

/// <summary>What made-up contacts are made of: as many distinct values, and as unevenly used, as in a real CRM.</summary>
internal static class ContactWords
{
    public const int FirstList = 1201;
    public const int ListCount = 24;

    public static readonly string[] FirstNames = Split(
        "James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah Christopher Karen " +
        "Charles Lisa Daniel Nancy Matthew Sandra Anthony Betty Mark Ashley Donald Emily Steven Kimberly Andrew Margaret Paul Donna Joshua Michelle Kenneth " +
        "Carol Kevin Amanda Brian Melissa Timothy Deborah Ronald Stephanie Jason Rebecca George Sharon Edward Laura Jeffrey Cynthia Ryan Dorothy Jacob Amy " +
        "Nicholas Kathleen Gary Angela Eric Shirley Jonathan Emma Stephen Brenda Larry Pamela Justin Nicole Scott Anna Brandon Samantha Benjamin Katherine " +
        "Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn Frank Janet Raymond Maria Jack Olivia Dennis Heather Jerry Helen Tyler Catherine Aaron " +
        "Diane Jose Julie Adam Victoria Nathan Joyce Henry Lauren Zachary Kelly Douglas Christina Peter Ruth Kyle Joan Noah Virginia Ethan Judith Jürgen Zoë " +
        "Łukasz Søren Mei Haruto Priya Aarav Fatima Omar Chloé Renée José Núria Björn Ingrid Siobhan Oluwaseun");

    public static readonly string[] LastNames = Split(
        "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson Thomas Taylor Moore Jackson Martin " +
        "Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson " +
        "Baker Hall Rivera Campbell Mitchell Carter Roberts Gomez Phillips Evans Turner Diaz Parker Cruz Edwards Collins Reyes Stewart Morris Morales Murphy " +
        "Cook Rogers Gutierrez Ortiz Morgan Cooper Peterson Bailey Reed Kelly Howard Ramos Kim Cox Ward Richardson Watson Brooks Chavez Wood James Bennett Gray " +
        "Mendoza Ruiz Hughes Price Alvarez Castillo Sanders Patel Myers Long Ross Foster Jimenez Powell Jenkins Perry Russell Sullivan Bell Coleman Butler " +
        "Henderson Barnes Fisher Vasquez Müller Kowalski Østergaard Dvořák O'Neill D'Angelo Yamamoto Okafor Haddad Ivanova Papadopoulos Fernández");

    public static readonly string[] CompanyFirst = Split(
        "Blue North Bright Summit Iron Clear Silver Global Prime Urban Coastal Red Golden Quantum Pioneer Apex Vertex Nova Cedar Harbor Maple Atlas Orion Delta " +
        "Stone River Sun Peak Lunar Evergreen");

    public static readonly string[] CompanySecond = Split(
        "Works Labs Media Logistics Health Foods Dental Realty Capital Studio Systems Digital Partners Solar Fitness Design Legal Travel Homes Motors Events " +
        "Consulting Software Supply Retail Insurance");

    public static readonly string[] CompanyForms = Split(
        "LLC Inc. GmbH Ltd Co. Group SAS BV");

    public static readonly string[] Streets = Split(
        "Main Oak Pine Maple Cedar Elm View Washington Lake Hill Walnut Spring North Ridge Church Willow Mill Sunset Railroad Jefferson Park River Highland " +
        "Forest Jackson");

    public static readonly string[] StreetForms = Split(
        "St Ave Blvd Rd Ln Dr Ct Way");

    public static readonly string?[] JobTitles =
    [
        "Owner", "CEO", "Marketing Manager", "Sales Director", "VP Sales", "Office Manager", "Account Executive", "CTO", "Designer",
        "Operations Manager", "Consultant", "Realtor", "Coach", "HR Manager", "Founder", "Buyer", "Engineer", "Customer Success Manager",
        "Accountant", null,
    ];

    public static readonly string[] Stages = Split(
        "subscriber lead mql sql opportunity customer evangelist other");

    public static readonly string[] Statuses = Split(
        "subscribed subscribed subscribed subscribed subscribed unsubscribed cleaned pending");

    public static readonly string[] Tags = Split(
        "beta black-friday churn-risk cold course-a course-b ebook-download event-vegas hot-lead invoice-overdue newsletter nps-detractor nps-promoter partner " +
        "podcast referral renewal-q1 renewal-q3 trial vip webinar-2023");

    public static readonly string[] UtmSources = Split(
        "google facebook linkedin direct newsletter partner instagram bing referral import");

    public static readonly string[] MailHosts = Split(
        "gmail.com yahoo.com outlook.com hotmail.com icloud.com gmx.de aol.com proton.me");

    public static readonly string?[] Plans =
    [
        "free", "starter", "growth", "pro", "enterprise", null,
    ];

    public static readonly string[] Notes =
    [
        "Asked for a callback next week", "Met at trade show booth", "Prefers email over phone", "Budget approved, waiting on legal",
        "Sent proposal v2", "No answer, left voicemail", "Interested in annual billing", "Forwarded to partner team",
    ];

    public static readonly ContactCity[] Cities =
    [
        new("Austin", "TX", "US", "787"),
        new("Denver", "CO", "US", "802"),
        new("Portland", "OR", "US", "972"),
        new("Chicago", "IL", "US", "606"),
        new("Miami", "FL", "US", "331"),
        new("Seattle", "WA", "US", "981"),
        new("Boston", "MA", "US", "021"),
        new("Phoenix", "AZ", "US", "850"),
        new("Toronto", "ON", "CA", "M5V"),
        new("London", null, "GB", "SW1"),
        new("Manchester", null, "GB", "M1 "),
        new("Berlin", "BE", "DE", "101"),
        new("München", "BY", "DE", "803"),
        new("Paris", null, "FR", "750"),
        new("Lyon", null, "FR", "690"),
        new("Madrid", null, "ES", "280"),
        new("Amsterdam", null, "NL", "101"),
        new("Sydney", "NSW", "AU", "200"),
        new("Dublin", null, "IE", "D02"),
        new("São Paulo", "SP", "BR", "010"),
        new("Mumbai", "MH", "IN", "400"),
        new("Tokyo", null, "JP", "100"),
    ];

    private static string[] Split(string words) => words.Split(' ');
}
