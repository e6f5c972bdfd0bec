using System.Text.Json.Serialization;
using ListBackup.Domain;
using ListBackup.Functions;

namespace ListBackup.Auth;

public sealed record RegisterRequest(string Email, string Password, string Name)
{
    /// <summary>Name of the account that is made for the person; theirs when absent.</summary>
    public string? AccountName { get; init; }
}

public sealed record EmailRequest(string Email);

public sealed record ConfirmRequest(string Email, string Code);

public sealed record LoginRequest(string Email, string Password);

public sealed record MfaRequest(string Challenge, string Code);

/// <summary>For clients without a cookie jar; browsers send the cookie and the header <c>X-ListBackup-Client: browser</c> instead.</summary>
public sealed record RefreshRequest(string? RefreshToken);

public sealed record TokenRequest(string ApiKey);

public sealed record ResetPasswordRequest(string Email, string Code, string NewPassword);

public sealed record ChangePasswordRequest(string CurrentPassword, string NewPassword);

public sealed record PasswordRequest(string Password);

public sealed record CodeRequest(string Code);

/// <summary>Either the tokens, or <see cref="Challenge"/> alone: then <c>POST /v1/auth/mfa</c> comes next, within five minutes.</summary>
public sealed record SignInAnswer
{
    public string? Challenge { get; init; }

    public UserId? UserId { get; init; }

    public string? AccessToken { get; init; }

    /// <summary>Seconds.</summary>
    public int? ExpiresIn { get; init; }

    /// <summary>Absent for browsers, which get it as a cookie that scripts cannot read.</summary>
    public string? RefreshToken { get; init; }

    public DateTimeOffset? RefreshExpiresAt { get; init; }
}

public sealed record TokenAnswer(string AccessToken, int ExpiresIn);

public sealed record MfaAnswer(bool Totp, int RecoveryCodesLeft);

/// <summary>The secret to type, and as <c>otpauth://</c> URI for a QR code.</summary>
public sealed record TotpAnswer(string Secret, string Uri);

public sealed record RecoveryCodesAnswer(IReadOnlyList<string> RecoveryCodes);

public sealed record SessionAnswer(SessionId Id, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset LastUsedAt, DateTimeOffset ExpiresAt, string? Address, string? UserAgent);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(EmailRequest))]
[JsonSerializable(typeof(ConfirmRequest))]
[JsonSerializable(typeof(LoginRequest))]
[JsonSerializable(typeof(MfaRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(TokenRequest))]
[JsonSerializable(typeof(ResetPasswordRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(PasswordRequest))]
[JsonSerializable(typeof(CodeRequest))]
[JsonSerializable(typeof(SignInAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(MfaAnswer))]
[JsonSerializable(typeof(TotpAnswer))]
[JsonSerializable(typeof(RecoveryCodesAnswer))]
[JsonSerializable(typeof(Page<SessionAnswer>))]
[JsonSerializable(typeof(SessionId))]
public sealed partial class AuthJson : JsonSerializerContext;
