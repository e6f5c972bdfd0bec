using System.Security.Cryptography;
using System.Text;
using ListBackup.Domain;
using OtpNet;

namespace ListBackup.Embedded.Identity;

/// <summary>TOTP (RFC 6238: SHA-1, six digits, 30 s) and recovery codes of one person.</summary>
internal sealed class SecondFactors(IItemStore items, IKeys keys, IssuerSecret secret, TimeProvider clock)
{
    private const int RecoveryCodeCount = 10;
    // RFC 4226 asks for 160 bits, and every authenticator takes them.
    private const int SecretBytes = 20;
    // One step to either side, for clocks that are half a minute wrong.
    private static readonly VerificationWindow Window = new(previous: 1, future: 1);

    public async Task<TotpEnrolment> EnrolAsync(Credential credential, CancellationToken cancellation)
    {
        var made = RandomNumberGenerator.GetBytes(SecretBytes);
        var wrapped = await keys.WrapAsync(made, Context(credential.UserId), cancellation);
        await ChangeAsync(credential.UserId, c => c.TotpActiveAt is null
            ? c with { TotpWrapped = wrapped, TotpStepUsed = 0 }
            : throw Problem.Conflict("A second factor is active. Remove it before you set up another.", "totp-active"), cancellation);
        var text = Base32Encoding.ToString(made).TrimEnd('=');
        CryptographicOperations.ZeroMemory(made);
        var label = Uri.EscapeDataString($"ListBackup:{credential.Email}");
        return new(text, $"otpauth://totp/{label}?secret={text}&issuer=ListBackup&algorithm=SHA1&digits=6&period=30");
    }

    /// <summary>Switches the enrolled secret on when the code is of it. Null: it is not.</summary>
    public async Task<IReadOnlyList<string>?> ActivateAsync(Credential credential, string code, CancellationToken cancellation)
    {
        if (await StepOfAsync(credential, code, cancellation) is not { } step) return null;
        var codes = MakeRecoveryCodes();
        var hashes = await HashAllAsync(credential.UserId, codes, cancellation);
        var changed = await ChangeAsync(credential.UserId, c => c.TotpActiveAt is null && c.TotpWrapped is { } wrapped && wrapped.AsSpan().SequenceEqual(credential.TotpWrapped)
            ? c with { TotpActiveAt = clock.GetUtcNow(), TotpStepUsed = step, RecoveryCodeHashes = hashes }
            : null, cancellation);
        return changed ? [.. codes.Select(CodeText.Show)] : null;
    }

    /// <summary>Spends a TOTP or recovery code. False when it is wrong or was used before.</summary>
    public async Task<bool> SpendAsync(Credential credential, string code, CancellationToken cancellation)
    {
        if (await StepOfAsync(credential, code, cancellation) is { } step)
            return await ChangeAsync(credential.UserId, c => c.TotpActiveAt is not null && step > c.TotpStepUsed ? c with { TotpStepUsed = step } : null, cancellation);

        var typed = CodeText.Normalize(code);
        if (typed.Length != CodeText.RecoverySymbols) return false;
        var hash = await HashAsync(credential.UserId, typed, cancellation);
        return await ChangeAsync(credential.UserId, c => c.RecoveryCodeHashes.Contains(hash)
            ? c with { RecoveryCodeHashes = [.. c.RecoveryCodeHashes.Where(h => h != hash)] }
            : null, cancellation);
    }

    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(UserId user, CancellationToken cancellation)
    {
        var codes = MakeRecoveryCodes();
        var hashes = await HashAllAsync(user, codes, cancellation);
        await ChangeAsync(user, c => c.TotpActiveAt is not null
            ? c with { RecoveryCodeHashes = hashes }
            : throw Problem.Conflict("There is no second factor. Set one up first; it comes with recovery codes.", "totp-absent"), cancellation);
        return [.. codes.Select(CodeText.Show)];
    }

    public Task RemoveAsync(UserId user, CancellationToken cancellation) => ChangeAsync(
        user, c => c with { TotpWrapped = null, TotpActiveAt = null, TotpStepUsed = 0, RecoveryCodeHashes = [] }, cancellation);

    /// <summary>The time step whose code this is, when it is newer than the one used last.</summary>
    private async Task<long?> StepOfAsync(Credential credential, string code, CancellationToken cancellation)
    {
        var digits = code.Replace(" ", "", StringComparison.Ordinal);
        if (credential.TotpWrapped is not { } wrapped || digits.Length != 6 || !digits.All(char.IsAsciiDigit)) return null;
        var plain = await keys.UnwrapAsync(wrapped, Context(credential.UserId), cancellation);
        var isRight = new Totp(plain).VerifyTotp(clock.GetUtcNow().UtcDateTime, digits, out var step, Window);
        CryptographicOperations.ZeroMemory(plain);
        return isRight && step > credential.TotpStepUsed ? step : null;
    }

    /// <summary>True when the change was made; false when <paramref name="change"/> wanted none.</summary>
    private async Task<bool> ChangeAsync(UserId user, Func<Credential, Credential?> change, CancellationToken cancellation)
    {
        var changed = false;
        await items.UpdateAsync(IdentityKeys.Credential(user), IdentityJson.Default.Credential, credential =>
        {
            var next = change(credential);
            changed = next is not null;
            return next;
        }, cancellation);
        return changed;
    }

    private static List<string> MakeRecoveryCodes() => [.. Enumerable.Range(0, RecoveryCodeCount).Select(_ => CodeText.New(CodeText.RecoverySymbols))];

    private async Task<IReadOnlyList<string>> HashAllAsync(UserId user, IEnumerable<string> codes, CancellationToken cancellation)
    {
        var hashes = new List<string>();
        foreach (var code in codes) hashes.Add(await HashAsync(user, code, cancellation));
        return hashes;
    }

    private async Task<string> HashAsync(UserId user, string code, CancellationToken cancellation) =>
        Convert.ToHexStringLower(await secret.MacAsync("recovery-code", cancellation, user.ToString(), code));

    private static KeyContext Context(UserId user) => new("totp", user.ToString());
}
