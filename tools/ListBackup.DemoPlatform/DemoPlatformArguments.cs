using System.Diagnostics.CodeAnalysis;

namespace ListBackup.Demo;

/// <summary>The command line of the runnable program.</summary>
internal static class DemoPlatformArguments
{
    private const string Usage = """
        usage: ListBackup.DemoPlatform [--port N] [--data FILE] [--seed N] [--contacts N] [--contacts-only]
                                       [--page-size-max N] [--requests-per-second N] [--forget-rendered]
          --port                 loopback port, default 4010; 0 takes a free one
          --data                 keeps changes in this file; without it everything is in memory
          --seed, --contacts     what the CRM holds before anybody touches it; default 1 and 1000
          --contacts-only        no companies, lists, notes or attachments (for benchmarks)
          --forget-rendered      renders a record each time it is served instead of keeping its bytes
        """;

    public static bool TryParse(
        string[] args, [NotNullWhen(true)] out DemoPlatformOptions? options, [NotNullWhen(false)] out string? complaint)
    {
        var parsed = new DemoPlatformOptions { Port = 4010 };
        options = null;
        complaint = null;

        for (var i = 0; i < args.Length; i++)
        {
            var flag = args[i] switch
            {
                "--contacts-only" => parsed with { ContactsOnly = true },
                "--forget-rendered" => parsed with { KeepRendered = false },
                _ => null,
            };
            if (flag is not null)
            {
                parsed = flag;
                continue;
            }

            var value = i + 1 < args.Length ? args[i + 1] : "";
            var isNumber = int.TryParse(value, out var number) && number >= 0;
            var next = args[i] switch
            {
                "--data" when value != "" => parsed with { DataFile = value },
                "--port" when isNumber && number <= 65535 => parsed with { Port = number },
                "--seed" when isNumber => parsed with { Seed = number },
                "--contacts" when isNumber => parsed with { Contacts = number },
                "--page-size-max" when isNumber && number > 0 => parsed with { PageSizeMax = number },
                "--requests-per-second" when isNumber && number > 0 => parsed with { RateLimit = new RateLimit(number, number) },
                _ => null,
            };
            if (next is null)
            {
                complaint = $"Cannot read \"{args[i]} {value}\".\n{Usage}";
                return false;
            }

            parsed = next;
            i++;
        }

        options = parsed;
        return true;
    }
}
