namespace ListBackup.Domain;

/// <summary>
/// Proves who people are: passwords, second factors, sessions and tokens. The embedded issuer self-hosted, a Cognito user pool on AWS. It knows a person
/// by user id and e-mail address only; what else we know of them is the <see cref="User"/> item.
/// Refusals are <see cref="Problem"/>s whose codes both adapters share; docs/identity.md lists them. What is refused because of an unknown address answers
/// the same, and takes about the same time, as what is refused because of a wrong password or code.
/// Codes and security notices are mailed by the adapter itself.
/// </summary>
public interface IIdentities
{
    /// <summary>
    /// Creates an unconfirmed identity and mails a confirmation code. For an address that is taken it creates nothing, tells the address's owner by
    /// mail, and returns as if it had (an address that was never confirmed takes the new password and gets a new code).
    /// </summary>
    /// <returns>The user id to keep a profile under, or null when the address is taken.</returns>
    /// <exception cref="Problem">Invalid: the password breaks the rules.</exception>
    Task<UserId?> RegisterAsync(string email, string password, UserId proposed, ClientInfo client, CancellationToken cancellation);

    /// <summary>Confirms an address by the mailed code. Single use.</summary>
    /// <exception cref="Problem">Invalid <c>code</c>: wrong, used, expired, or guessed at too often.</exception>
    Task<UserId> ConfirmAsync(string email, string code, ClientInfo client, CancellationToken cancellation);

    /// <summary>Mails a new confirmation code when the address waits for one; returns the same way when it does not.</summary>
    Task ResendConfirmationAsync(string email, ClientInfo client, CancellationToken cancellation);

    /// <exception cref="Problem">NotAuthenticated <c>wrong-credentials</c> or <c>not-confirmed</c>; TooMany <c>locked-out</c>.</exception>
    Task<SignIn> SignInAsync(string email, string password, ClientInfo client, CancellationToken cancellation);

    /// <summary>Answers a <see cref="SignIn.Challenge"/> with a TOTP code or, when none is at hand, a recovery code.</summary>
    /// <exception cref="Problem">NotAuthenticated <c>wrong-code</c> (try again) or <c>challenge-expired</c> (sign in again); TooMany <c>locked-out</c>.</exception>
    Task<TokenSet> AnswerChallengeAsync(string challenge, string code, ClientInfo client, CancellationToken cancellation);

    /// <summary>
    /// Trades a refresh token for new tokens. The token is spent; using a spent one again ends its session, except within a few seconds for the one spent
    /// last, which returns the same successor (the reply may have been lost).
    /// </summary>
    /// <exception cref="Problem">NotAuthenticated <c>session-ended</c>.</exception>
    Task<TokenSet> RefreshAsync(string refreshToken, ClientInfo client, CancellationToken cancellation);

    /// <summary>Ends the session of the refresh token; nothing happens when it is not valid.</summary>
    Task SignOutAsync(string refreshToken, CancellationToken cancellation);

    /// <summary>Mails a reset code when the address has a confirmed identity; returns the same way when it has not.</summary>
    Task ForgotPasswordAsync(string email, ClientInfo client, CancellationToken cancellation);

    /// <summary>Sets a new password by the mailed code, ends all sessions and lifts a lock-out. The second factor stays.</summary>
    /// <exception cref="Problem">Invalid <c>code</c> or <c>newPassword</c>.</exception>
    Task ResetPasswordAsync(string email, string code, string newPassword, ClientInfo client, CancellationToken cancellation);

    /// <summary>Changes the password and ends all other sessions.</summary>
    /// <exception cref="Problem">Invalid <c>currentPassword</c> or <c>newPassword</c>; TooMany <c>locked-out</c>.</exception>
    Task ChangePasswordAsync(SignedIn who, string currentPassword, string newPassword, ClientInfo client, CancellationToken cancellation);

    /// <summary>Whether the person has a second factor, and how many recovery codes are left.</summary>
    Task<SecondFactor> GetSecondFactorAsync(SignedIn who, CancellationToken cancellation);

    /// <summary>Makes a new TOTP secret, which counts only once <see cref="VerifyTotpAsync"/> has seen a code of it.</summary>
    /// <exception cref="Problem">Conflict <c>totp-active</c>: remove the old one first. Invalid <c>password</c>.</exception>
    Task<TotpEnrolment> EnrolTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation);

    /// <summary>Switches the second factor on.</summary>
    /// <returns>Recovery codes, shown this once. Empty where the adapter has none (Cognito).</returns>
    /// <exception cref="Problem">Invalid <c>code</c>; Conflict when nothing was enrolled.</exception>
    Task<IReadOnlyList<string>> VerifyTotpAsync(SignedIn who, string code, ClientInfo client, CancellationToken cancellation);

    /// <summary>Switches the second factor off and voids the recovery codes.</summary>
    /// <exception cref="Problem">Invalid <c>password</c>.</exception>
    Task RemoveTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation);

    /// <summary>Voids the old recovery codes and returns new ones, shown this once.</summary>
    /// <exception cref="Problem">Invalid <c>password</c>; Conflict without a second factor; NotSupported where the adapter has none.</exception>
    Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation);

    /// <summary>The person's live sessions, newest first.</summary>
    Task<IReadOnlyList<Session>> ListSessionsAsync(SignedIn who, CancellationToken cancellation);

    /// <summary>Ends one session: its refresh token at once, its access tokens within seconds (embedded) or when they expire (Cognito).</summary>
    /// <returns>False when the person has no such live session.</returns>
    Task<bool> EndSessionAsync(SignedIn who, SessionId session, CancellationToken cancellation);

    /// <summary>An access token for an API key that the caller has already proven: claims <c>key</c>, <c>scope</c>, <c>accounts</c>.</summary>
    /// <exception cref="Problem">NotSupported where the adapter cannot issue one.</exception>
    Task<AccessToken> IssueForApiKeyAsync(ApiKeyGrant grant, CancellationToken cancellation);

    /// <summary>Proves the password again before something that cannot be taken back.</summary>
    /// <exception cref="Problem">Invalid <c>password</c>; TooMany <c>locked-out</c>.</exception>
    Task ProvePasswordAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation);

    /// <summary>Deletes the identity, its sessions and secrets; the address is free again. Safe to repeat.</summary>
    Task DeleteAsync(SignedIn who, CancellationToken cancellation);
}

/// <summary>Where a request came from, for lock-out by address and the list of sessions.</summary>
public sealed record ClientInfo(string? Address, string? UserAgent);

/// <summary>A person whose access token was checked. The token itself is there for adapters that must show it to their provider.</summary>
public sealed record SignedIn(UserId UserId, SessionId? SessionId, string AccessToken);

/// <summary>Either tokens, or a challenge that <see cref="IIdentities.AnswerChallengeAsync"/> answers within a few minutes.</summary>
public sealed record SignIn(TokenSet? Tokens, string? Challenge);

/// <summary>What a sign-in or refresh yields. <see cref="RefreshExpiresAt"/> moves on with every refresh, up to the session's end.</summary>
public sealed record TokenSet(UserId UserId, SessionId SessionId, AccessToken Access, string RefreshToken, DateTimeOffset RefreshExpiresAt);

public sealed record AccessToken(string Token, DateTimeOffset ExpiresAt);

public sealed record SecondFactor(bool Totp, int RecoveryCodesLeft);

/// <summary>The secret in base32 for typing, and as <c>otpauth://</c> for the QR code.</summary>
public sealed record TotpEnrolment(string Secret, string Uri);

public sealed record Session(SessionId Id, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent);

/// <summary>What an API key may: <see cref="Accounts"/> null means every account that the person reaches.</summary>
public sealed record ApiKeyGrant(UserId UserId, ApiKeyId KeyId, IReadOnlyList<Permission> Scopes, IReadOnlyList<AccountId>? Accounts);
