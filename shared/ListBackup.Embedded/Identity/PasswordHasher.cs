using System.Security.Cryptography;
using System.Text;
using Konscious.Security.Cryptography;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>
/// Argon2id (RFC 9106) in the PHC string form <c>$argon2id$v=19$m=…,t=…,p=1$salt$hash</c>, so that a hash says what it cost. A bounded number runs at
/// once and a bounded number waits: a login storm gets 429, not all of the memory.
/// </summary>
internal sealed class PasswordHasher(PasswordCost cost) : IDisposable
{
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    // At 60 ms each these wait for about two seconds on two cores; whoever comes later is better told to.
    private const int WaitingMax = 64;

    private readonly SemaphoreSlim _slots = new(cost.AtOnce, cost.AtOnce);
    // Compared against when nobody has the address: the same work, and no password gives 32 zero bytes.
    private readonly string _nobody = Format(cost.MemoryKiB, cost.Passes, new byte[SaltBytes], new byte[HashBytes]);
    private int _waiting;

    public async Task<string> HashAsync(string password, CancellationToken cancellation)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Format(cost.MemoryKiB, cost.Passes, salt, await ComputeAsync(password, salt, cost.MemoryKiB, cost.Passes, cancellation));
    }

    /// <summary>False for a null hash too, after the same work.</summary>
    public async Task<bool> VerifyAsync(string password, string? hash, CancellationToken cancellation)
    {
        var (memory, passes, salt, expected) = Parse(hash ?? _nobody);
        var actual = await ComputeAsync(password, salt, memory, passes, cancellation);
        return CryptographicOperations.FixedTimeEquals(actual, expected) & hash is not null;
    }

    /// <summary>True when the hash was made at another cost than today's.</summary>
    public bool IsOutdated(string hash) => Parse(hash) is var (memory, passes, _, _) && (memory != cost.MemoryKiB || passes != cost.Passes);

    public void Dispose() => _slots.Dispose();

    private async Task<byte[]> ComputeAsync(string password, byte[] salt, int memoryKiB, int passes, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > WaitingMax + cost.AtOnce)
        {
            Interlocked.Decrement(ref _waiting);
            throw Problem.TooMany("Very many people are signing in right now. Try again in a few seconds.", TimeSpan.FromSeconds(3), "busy");
        }
        try
        {
            await _slots.WaitAsync(cancellation);
            try
            {
                using var argon = new Argon2id(Encoding.UTF8.GetBytes(password)) { Salt = salt, MemorySize = memoryKiB, Iterations = passes, DegreeOfParallelism = 1 };
                return await argon.GetBytesAsync(HashBytes);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    private static string Format(int memoryKiB, int passes, byte[] salt, byte[] hash) =>
        $"$argon2id$v=19$m={memoryKiB},t={passes},p=1${Base64(salt)}${Base64(hash)}";

    private static (int MemoryKiB, int Passes, byte[] Salt, byte[] Hash) Parse(string phc)
    {
        if (phc.Split('$') is not ["", "argon2id", "v=19", var costs, var salt, var hash] || costs.Split(',') is not [['m', '=', .. var memory], ['t', '=', .. var passes], "p=1"])
            throw new InvalidDataException("A stored password hash is not in the form that we write.");
        return (int.Parse(memory), int.Parse(passes), Bytes(salt), Bytes(hash));
    }

    // The PHC form writes base64 without padding.
    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    private static byte[] Bytes(string text) => Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
}
