using ListBackup.Domain;

namespace ListBackup.Embedded.Identity;

/// <summary>The mails that the issuer sends. Each says what happened, what to do, and what to do when it was not you.</summary>
internal sealed class IdentityMails(IMail mail, IdentityOptions options)
{
    public Task ConfirmAsync(string email, string code, CancellationToken cancellation) => SendAsync(email, "Confirm your e-mail address", $"""
        Your confirmation code is

            {CodeText.Show(code)}

        or open {Link("confirm", email, code)}

        It is valid for {Minutes(MailedCodes.Lifetime)} minutes. If you did not just sign up for ListBackup, ignore this message.
        """, cancellation);

    public Task AlreadyRegisteredAsync(string email, CancellationToken cancellation) => SendAsync(email, "You already have a ListBackup login", $"""
        Somebody, probably you, tried to sign up with this address. It already has a login: sign in at {options.Issuer}/login,
        or choose a new password at {options.Issuer}/forgot-password.

        If it was not you, there is nothing to do. Nothing was changed.
        """, cancellation);

    public Task ResetAsync(string email, string code, CancellationToken cancellation) => SendAsync(email, "Choose a new password", $"""
        Your code for a new password is

            {CodeText.Show(code)}

        or open {Link("reset-password", email, code)}

        It is valid for {Minutes(MailedCodes.Lifetime)} minutes. If you did not ask for it, ignore this message; your password stays as it is.
        """, cancellation);

    public Task PasswordChangedAsync(string email, CancellationToken cancellation) => SendAsync(email, "Your password was changed", $"""
        The password of your ListBackup login was just changed, and your other sessions were ended.

        If it was not you, choose a new password now at {options.Issuer}/forgot-password and look at the activity of your accounts.
        """, cancellation);

    public Task SecondFactorChangedAsync(string email, string what, CancellationToken cancellation) => SendAsync(email, $"Two-step sign-in: {what}", $"""
        Two-step sign-in of your ListBackup login: {what}.

        If it was not you, choose a new password now at {options.Issuer}/forgot-password and set up two-step sign-in again.
        """, cancellation);

    public Task SignedInAfterLockOutAsync(string email, ClientInfo client, CancellationToken cancellation) => SendAsync(email, "Signed in after several wrong attempts", $"""
        Somebody signed in with your password after several wrong attempts, from {client.Address ?? "an unknown address"}.

        If it was not you, choose a new password now at {options.Issuer}/forgot-password.
        """, cancellation);

    public Task SessionStolenAsync(string email, SessionItem session, CancellationToken cancellation) => SendAsync(email, "A session was ended for safety", $"""
        A session of your ListBackup login, begun {session.CreatedAt:yyyy-MM-dd HH:mm} UTC, was used from two places at once. It was ended; sign in again.

        This happens when a copy of a browser profile or of a command line's credentials is in use. If you do not know why, choose a new password at
        {options.Issuer}/forgot-password.
        """, cancellation);

    private string Link(string page, string email, string code) =>
        $"{options.Issuer}/{page}?email={Uri.EscapeDataString(email)}&code={CodeText.Show(code)}";

    private static int Minutes(TimeSpan time) => (int)time.TotalMinutes;

    private Task SendAsync(string email, string subject, string text, CancellationToken cancellation) => mail.SendAsync(new(email, subject, text), cancellation);
}
