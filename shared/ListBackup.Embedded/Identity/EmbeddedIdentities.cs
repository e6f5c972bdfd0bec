using System.Diagnostics;
using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>The identities of a self-hosted installation. What each part promises stands with the part; docs/identity.md tells the whole.</summary>
internal sealed class EmbeddedIdentities(
    IItemStore items, PasswordHasher hasher, SignInThrottle throttle, MailedCodes codes, SecondFactors secondFactors, Sessions sessions, AccessTokens tokens,
    IssuerSecret secret, IdentityMails mails, TimeProvider clock) : IIdentities
{
    private static readonly TimeSpan ChallengeLifetime = TimeSpan.FromMinutes(5);
    private const int ChallengeGuessesMax = 5;
    // From so many failures on a success is worth a mail to the owner.
    private const int NoticeFailuresMin = 5;

    public async Task<UserId?> RegisterAsync(string email, string password, UserId proposed, ClientInfo client, CancellationToken cancellation)
    {
        PasswordRules.Check(password, email, "password");
        await throttle.CountAsync(SignInThrottle.Requests, SignInThrottle.NameOf(client), cancellation);
        var hash = await hasher.HashAsync(password, cancellation);
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await RegisterOnceAsync(EmailAddress.Normalize(email), hash, proposed, cancellation);
            }
            catch (ConditionFailedException) when (tries < 3)
            {
                // The address was registered at the same moment; look at what that left.
            }
        }
    }

    public async Task<UserId> ConfirmAsync(string email, string code, ClientInfo client, CancellationToken cancellation)
    {
        await throttle.CountAsync(SignInThrottle.Network, SignInThrottle.NameOf(client), cancellation);
        var user = await codes.SpendAsync(MailedCodes.Confirm, email, code, cancellation) ?? throw WrongMailedCode();
        await throttle.TakeBackAsync(SignInThrottle.Network, SignInThrottle.NameOf(client), cancellation);
        await items.UpdateAsync(
            IdentityKeys.Credential(user), IdentityJson.Default.Credential, c => c.ConfirmedAt is null ? c with { ConfirmedAt = clock.GetUtcNow() } : null, cancellation);
        return user;
    }

    public async Task ResendConfirmationAsync(string email, ClientInfo client, CancellationToken cancellation)
    {
        await throttle.CountAsync(SignInThrottle.Requests, SignInThrottle.NameOf(client), cancellation);
        if (await FindByEmailAsync(email, cancellation) is { ConfirmedAt: null } credential) await MailConfirmationAsync(credential, cancellation);
    }

    public async Task<SignIn> SignInAsync(string email, string password, ClientInfo client, CancellationToken cancellation)
    {
        var (network, account) = (SignInThrottle.NameOf(client), EmailAddress.Hash(email));
        await throttle.CountAsync(SignInThrottle.Network, network, cancellation);
        var failures = await throttle.CountAsync(SignInThrottle.Account, account, cancellation);

        var credential = await FindByEmailAsync(email, cancellation);
        if (!await hasher.VerifyAsync(password, credential?.PasswordHash, cancellation) || credential is null)
            throw Problem.NotAuthenticated("The e-mail address or the password is wrong.", "wrong-credentials");

        await throttle.ClearAsync(SignInThrottle.Account, account, cancellation);
        await throttle.TakeBackAsync(SignInThrottle.Network, network, cancellation);
        if (credential.ConfirmedAt is null)
            throw Problem.NotAuthenticated("Confirm your e-mail address first. The code was mailed to you; you can ask for a new one.", "not-confirmed");
        await RehashAsync(credential, password, cancellation);

        if (credential.TotpActiveAt is not null) return new(null, await ChallengeAsync(credential.UserId, failures, cancellation));
        return new(await StartSessionAsync(credential, failures, client, cancellation), null);
    }

    public async Task<TokenSet> AnswerChallengeAsync(string challenge, string code, ClientInfo client, CancellationToken cancellation)
    {
        var key = await ChallengeKeyAsync(challenge, cancellation);
        // Counted before it is compared, here and per person: neither many answers at once nor many challenges give more guesses.
        var counted = await items.UpdateAsync(key, IdentityJson.Default.MfaChallenge, c => c with { Attempts = c.Attempts + 1 }, cancellation);
        if (counted is null || counted.Value.Attempts > ChallengeGuessesMax) throw ChallengeExpired();
        var user = counted.Value.UserId;
        var wrongCodes = await throttle.CountAsync(SignInThrottle.SecondFactor, user.ToString(), cancellation);

        if (await FindAsync(user, cancellation) is not { TotpActiveAt: not null } credential) throw ChallengeExpired();
        if (!await secondFactors.SpendAsync(credential, code, cancellation))
            throw Problem.NotAuthenticated("The code is wrong or was used before. Wait for the next one, or use a recovery code.", "wrong-code");
        try
        {
            await items.DeleteAsync(key, Condition.Present, cancellation);
        }
        catch (ConditionFailedException)
        {
            throw ChallengeExpired();
        }
        await throttle.ClearAsync(SignInThrottle.SecondFactor, user.ToString(), cancellation);
        return await StartSessionAsync(credential, Math.Max(counted.Value.FailuresBefore, wrongCodes), client, cancellation);
    }

    public async Task<TokenSet> RefreshAsync(string refreshToken, ClientInfo client, CancellationToken cancellation)
    {
        var ended = Problem.NotAuthenticated("The session has ended. Sign in again.", "session-ended");
        var rotated = await sessions.RotateAsync(refreshToken, client, cancellation) ?? throw ended;
        if (!rotated.IsReuse) return await TokensAsync(rotated, cancellation);

        if (await FindAsync(rotated.Session.UserId, cancellation) is { } credential) await mails.SessionStolenAsync(credential.Email, rotated.Session, cancellation);
        throw ended;
    }

    public Task SignOutAsync(string refreshToken, CancellationToken cancellation) => sessions.EndByTokenAsync(refreshToken, cancellation);

    public async Task ForgotPasswordAsync(string email, ClientInfo client, CancellationToken cancellation)
    {
        await throttle.CountAsync(SignInThrottle.Requests, SignInThrottle.NameOf(client), cancellation);
        if (await FindByEmailAsync(email, cancellation) is not { ConfirmedAt: not null } credential) return;
        if (await throttle.TryCountAsync(SignInThrottle.Mail, EmailAddress.Hash(email), cancellation) is null) return;
        await mails.ResetAsync(credential.Email, await codes.MakeAsync(MailedCodes.Reset, credential.Email, credential.UserId, cancellation), cancellation);
    }

    public async Task ResetPasswordAsync(string email, string code, string newPassword, ClientInfo client, CancellationToken cancellation)
    {
        PasswordRules.Check(newPassword, email, "newPassword");
        await throttle.CountAsync(SignInThrottle.Network, SignInThrottle.NameOf(client), cancellation);
        var hash = await hasher.HashAsync(newPassword, cancellation);
        var user = await codes.SpendAsync(MailedCodes.Reset, email, code, cancellation) ?? throw WrongMailedCode();
        await throttle.TakeBackAsync(SignInThrottle.Network, SignInThrottle.NameOf(client), cancellation);
        await throttle.ClearAsync(SignInThrottle.Account, EmailAddress.Hash(email), cancellation);
        await SetPasswordAsync(user, hash, keepSession: null, cancellation);
    }

    public async Task ChangePasswordAsync(SignedIn who, string currentPassword, string newPassword, ClientInfo client, CancellationToken cancellation)
    {
        var credential = await ProvenAsync(who, currentPassword, "currentPassword", client, cancellation);
        PasswordRules.Check(newPassword, credential.Email, "newPassword");
        await SetPasswordAsync(who.UserId, await hasher.HashAsync(newPassword, cancellation), who.SessionId, cancellation);
    }

    public async Task<SecondFactor> GetSecondFactorAsync(SignedIn who, CancellationToken cancellation)
    {
        var credential = await GetAsync(who.UserId, cancellation);
        return new(credential.TotpActiveAt is not null, credential.RecoveryCodeHashes.Count);
    }

    public async Task<TotpEnrolment> EnrolTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) =>
        await secondFactors.EnrolAsync(await ProvenAsync(who, password, "password", client, cancellation), cancellation);

    public async Task<IReadOnlyList<string>> VerifyTotpAsync(SignedIn who, string code, ClientInfo client, CancellationToken cancellation)
    {
        var credential = await GetAsync(who.UserId, cancellation);
        if (credential is not { TotpActiveAt: null, TotpWrapped: not null })
            throw Problem.Conflict("There is no second factor that waits for its first code. Set one up first.", "totp-absent");
        await throttle.CountAsync(SignInThrottle.SecondFactor, who.UserId.ToString(), cancellation);
        var recoveryCodes = await secondFactors.ActivateAsync(credential, code, cancellation)
            ?? throw Problem.Invalid("code", "The code is wrong. Check the clock of the device that shows it, and use the newest code.");
        await throttle.ClearAsync(SignInThrottle.SecondFactor, who.UserId.ToString(), cancellation);
        await mails.SecondFactorChangedAsync(credential.Email, "switched on", cancellation);
        return recoveryCodes;
    }

    public async Task RemoveTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation)
    {
        var credential = await ProvenAsync(who, password, "password", client, cancellation);
        await secondFactors.RemoveAsync(who.UserId, cancellation);
        await mails.SecondFactorChangedAsync(credential.Email, "switched off", cancellation);
    }

    public async Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation)
    {
        var credential = await ProvenAsync(who, password, "password", client, cancellation);
        var recoveryCodes = await secondFactors.RenewRecoveryCodesAsync(who.UserId, cancellation);
        await mails.SecondFactorChangedAsync(credential.Email, "new recovery codes were made", cancellation);
        return recoveryCodes;
    }

    public async Task<IReadOnlyList<Session>> ListSessionsAsync(SignedIn who, CancellationToken cancellation) =>
        [.. (await sessions.ListAsync(who.UserId, cancellation)).Select(s => new Session(s.Id, s.CreatedAt, s.RotatedAt, s.ExpiresAt, s.Address, s.UserAgent))];

    public async Task<bool> EndSessionAsync(SignedIn who, SessionId session, CancellationToken cancellation)
    {
        if (await items.GetAsync(IdentityKeys.Session(who.UserId, session), cancellation) is null) return false;
        await sessions.EndAsync(who.UserId, session, cancellation);
        return true;
    }

    public Task<AccessToken> IssueForApiKeyAsync(ApiKeyGrant grant, CancellationToken cancellation) => tokens.IssueAsync(grant, cancellation);

    public Task ProvePasswordAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) =>
        ProvenAsync(who, password, "password", client, cancellation);

    public async Task DeleteAsync(SignedIn who, CancellationToken cancellation)
    {
        if (await FindAsync(who.UserId, cancellation) is { } credential)
        {
            await items.DeleteAsync(IdentityKeys.EmailOwner(credential.Email), Condition.None, cancellation);
            await codes.VoidAsync(MailedCodes.Confirm, credential.Email, cancellation);
            await codes.VoidAsync(MailedCodes.Reset, credential.Email, cancellation);
        }
        await sessions.EndAllAsync(who.UserId, except: null, cancellation);
        await items.DeleteAsync(IdentityKeys.Credential(who.UserId), Condition.None, cancellation);
    }

    private async Task<UserId?> RegisterOnceAsync(string email, string passwordHash, UserId proposed, CancellationToken cancellation)
    {
        var owner = await items.FindAsync(IdentityKeys.EmailOwner(email), IdentityJson.Default.EmailOwner, cancellation);
        var existing = owner is null ? null : await FindAsync(owner.Value.UserId, cancellation);
        if (existing is { ConfirmedAt: not null })
        {
            if (await throttle.TryCountAsync(SignInThrottle.Mail, EmailAddress.Hash(email), cancellation) is not null) await mails.AlreadyRegisteredAsync(email, cancellation);
            return null;
        }
        var credential = new Credential { UserId = owner?.Value.UserId ?? proposed, Email = email, PasswordHash = passwordHash, PasswordChangedAt = clock.GetUtcNow() };
        // A code mailed for the password before must not confirm this one.
        await codes.VoidAsync(MailedCodes.Confirm, email, cancellation);
        await items.TransactAsync(
        [
            ItemWrite.Putting(
                ItemJson.Item(IdentityKeys.EmailOwner(email), new(credential.UserId), IdentityJson.Default.EmailOwner),
                owner is null ? Condition.Absent : Condition.VersionIs(owner.Version)),
            ItemWrite.Putting(ItemJson.Item(IdentityKeys.Credential(credential.UserId), credential, IdentityJson.Default.Credential)),
        ], cancellation);
        await MailConfirmationAsync(credential, cancellation);
        return credential.UserId;
    }

    private async Task MailConfirmationAsync(Credential credential, CancellationToken cancellation)
    {
        if (await throttle.TryCountAsync(SignInThrottle.Mail, EmailAddress.Hash(credential.Email), cancellation) is null) return;
        await mails.ConfirmAsync(credential.Email, await codes.MakeAsync(MailedCodes.Confirm, credential.Email, credential.UserId, cancellation), cancellation);
    }

    private async Task<Credential> ProvenAsync(SignedIn who, string password, string field, ClientInfo client, CancellationToken cancellation)
    {
        var credential = await GetAsync(who.UserId, cancellation);
        var (network, account) = (SignInThrottle.NameOf(client), EmailAddress.Hash(credential.Email));
        await throttle.CountAsync(SignInThrottle.Network, network, cancellation);
        await throttle.CountAsync(SignInThrottle.Account, account, cancellation);
        if (!await hasher.VerifyAsync(password, credential.PasswordHash, cancellation)) throw Problem.Invalid(field, "The password is wrong.");
        await throttle.ClearAsync(SignInThrottle.Account, account, cancellation);
        await throttle.TakeBackAsync(SignInThrottle.Network, network, cancellation);
        return credential;
    }

    private async Task SetPasswordAsync(UserId user, string hash, SessionId? keepSession, CancellationToken cancellation)
    {
        var changed = await items.UpdateAsync(
            IdentityKeys.Credential(user), IdentityJson.Default.Credential, c => c with { PasswordHash = hash, PasswordChangedAt = clock.GetUtcNow() }, cancellation)
            ?? throw Problem.NotFound("The user");
        await sessions.EndAllAsync(user, keepSession, cancellation);
        await codes.VoidAsync(MailedCodes.Reset, changed.Value.Email, cancellation);
        await mails.PasswordChangedAsync(changed.Value.Email, cancellation);
    }

    private async Task RehashAsync(Credential credential, string password, CancellationToken cancellation)
    {
        if (!hasher.IsOutdated(credential.PasswordHash)) return;
        var hash = await hasher.HashAsync(password, cancellation);
        await items.UpdateAsync(
            IdentityKeys.Credential(credential.UserId), IdentityJson.Default.Credential,
            c => c.PasswordHash == credential.PasswordHash ? c with { PasswordHash = hash } : null, cancellation);
    }

    private async Task<string> ChallengeAsync(UserId user, int failuresBefore, CancellationToken cancellation)
    {
        var challenge = Guid.CreateVersion7(clock.GetUtcNow()).ToString("N") + CodeText.New(26);
        await items.PutAsync(
            ItemJson.Item(await ChallengeKeyAsync(challenge, cancellation), new(user, 0, failuresBefore), IdentityJson.Default.MfaChallenge, expiresAt: clock.GetUtcNow() + ChallengeLifetime),
            Condition.Absent, cancellation);
        return challenge;
    }

    private async Task<ItemKey> ChallengeKeyAsync(string challenge, CancellationToken cancellation) =>
        IdentityKeys.Challenge(Convert.ToHexStringLower(await secret.MacAsync("challenge", cancellation, challenge)));

    private async Task<TokenSet> StartSessionAsync(Credential credential, int failuresBefore, ClientInfo client, CancellationToken cancellation)
    {
        var started = await sessions.StartAsync(credential.UserId, client, cancellation);
        if (failuresBefore >= NoticeFailuresMin) await mails.SignedInAfterLockOutAsync(credential.Email, client, cancellation);
        return await TokensAsync(started, cancellation);
    }

    private async Task<TokenSet> TokensAsync(IssuedSession issued, CancellationToken cancellation)
    {
        Debug.Assert(!issued.IsReuse);
        var session = issued.Session;
        return new(session.UserId, session.Id, await tokens.IssueAsync(session.UserId, session.Id, cancellation), issued.RefreshToken, session.ExpiresAt);
    }

    private async Task<Credential?> FindByEmailAsync(string email, CancellationToken cancellation) =>
        await items.FindAsync(IdentityKeys.EmailOwner(email), IdentityJson.Default.EmailOwner, cancellation) is { } owner
            ? await FindAsync(owner.Value.UserId, cancellation)
            : null;

    private async Task<Credential?> FindAsync(UserId user, CancellationToken cancellation) =>
        (await items.FindAsync(IdentityKeys.Credential(user), IdentityJson.Default.Credential, cancellation))?.Value;

    private async Task<Credential> GetAsync(UserId user, CancellationToken cancellation) =>
        await FindAsync(user, cancellation) ?? throw Problem.NotFound("The user");

    private static Problem WrongMailedCode() => Problem.Invalid("code", "The code is wrong, was used, or has expired. Ask for a new one.");

    private static Problem ChallengeExpired() => Problem.NotAuthenticated("This sign-in took too long or was tried too often. Sign in again.", "challenge-expired");
}
