using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>
/// Identities in a Cognito user pool are not built yet; every call says so. What is missing besides these calls is a trigger of the pool that writes our user id
/// into the access token's claims: until then a person whom the gateway lets in is still nobody to the API.
/// </summary>
public sealed class CognitoIdentities : IIdentities
{
    public Task<UserId?> RegisterAsync(string email, string password, UserId proposed, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<UserId> ConfirmAsync(string email, string code, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task ResendConfirmationAsync(string email, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<SignIn> SignInAsync(string email, string password, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<TokenSet> AnswerChallengeAsync(string challenge, string code, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<TokenSet> RefreshAsync(string refreshToken, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task SignOutAsync(string refreshToken, CancellationToken cancellation) => throw Refusal();

    public Task ForgotPasswordAsync(string email, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task ResetPasswordAsync(string email, string code, string newPassword, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task ChangePasswordAsync(SignedIn who, string currentPassword, string newPassword, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<SecondFactor> GetSecondFactorAsync(SignedIn who, CancellationToken cancellation) => throw Refusal();

    public Task<TotpEnrolment> EnrolTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<IReadOnlyList<string>> VerifyTotpAsync(SignedIn who, string code, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task RemoveTotpAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<IReadOnlyList<string>> RenewRecoveryCodesAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task<IReadOnlyList<Session>> ListSessionsAsync(SignedIn who, CancellationToken cancellation) => throw Refusal();

    public Task<bool> EndSessionAsync(SignedIn who, SessionId session, CancellationToken cancellation) => throw Refusal();

    public Task<AccessToken> IssueForApiKeyAsync(ApiKeyGrant grant, CancellationToken cancellation) => throw Refusal();

    public Task ProvePasswordAsync(SignedIn who, string password, ClientInfo client, CancellationToken cancellation) => throw Refusal();

    public Task DeleteAsync(SignedIn who, CancellationToken cancellation) => throw Refusal();

    private static Problem Refusal() => Problem.NotSupported("This installation on AWS cannot manage sign-ins yet.");
}
