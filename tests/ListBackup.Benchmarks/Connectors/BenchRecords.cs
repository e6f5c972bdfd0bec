using System.Globalization;
using System.Text;

namespace ListBackup.Benchmarks.Connectors;

/// <summary>Pages of contacts of some 400 bytes each, the same in every run.</summary>
internal static class BenchRecords
{
    /// <summary>Different pages of one month; a read notices when the same page comes twice in a row.</summary>
    private const int Variants = 4;

    private static readonly string[] Names = ["Amélie Dupont", "Björn Ødegård", "Chen Wei", "Dana Whitfield", "Emeka Obi", "Fatima Al-Sayed", "Grzegorz Nowak", "Hana Sato"];

    /// <summary>Rows of a page without brackets, by month and variant.</summary>
    public static byte[][] Pages(int rows) =>
        [.. Enumerable.Range(0, 12 * Variants).Select(page => Encoding.UTF8.GetBytes(string.Join(',', Enumerable.Range(0, rows).Select(row => Record((page * rows) + row, (page / Variants) + 1)))))];

    /// <param name="month">0: any.</param>
    public static byte[] Page(byte[][] pages, int month, long number) =>
        month == 0 ? pages[number % pages.Length] : pages[((month - 1) * Variants) + (number % Variants)];

    public static string Record(int number, int month)
    {
        var name = Names[number % Names.Length];
        var id = 9_007_199_254_740_993L + number;

        return string.Create(CultureInfo.InvariantCulture, $$"""
            {"id":{{id}},"email":"contact.{{number}}@example.com","name":"{{name}}","status":"{{(number % 7 == 0 ? "unsubscribed" : "subscribed")}}","tags":["customer","list-{{number % 50}}"],"note":"Asked about the spring order; would rather be written to than called.","address":{"street":"{{number % 200}} Market Street","city":"Springfield","zip":"{{10000 + (number % 80000)}}","country":"US"},"balance":{{number % 1000}}.50,"vip":{{(number % 11 == 0 ? "true" : "false")}},"created_at":"2023-06-01T08:00:00Z","updated_at":"2024-{{month:00}}-{{(number % 28) + 1:00}}T{{number % 24:00}}:{{number % 60:00}}:00Z"}
            """);
    }
}
