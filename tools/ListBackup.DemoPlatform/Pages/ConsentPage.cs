using ListBackup.Demo.Access;

namespace ListBackup.Demo.Pages;

internal static class ConsentPage
{
    public static string Login(string requestId, bool failed) => Html.Page("Sign in to Demo CRM", $"""
        {(failed ? "<p role=\"alert\">E-mail address or password is wrong.</p>" : "")}
        <form method="post" action="/oauth/login"><input type="hidden" name="request" value="{Html.Text(requestId)}">
        <label>E-mail <input name="email" type="email" autocomplete="username" required></label>
        <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
        <button>Sign in</button></form>
        """);

    public static string Ask(string requestId, AuthorizationRequest request) => Html.Page("Allow ListBackup?", $"""
        <p>ListBackup would like to:</p>
        <ul>{string.Concat(request.Scopes.Select(scope => $"<li>{(scope == "crm.write" ? "change and create your records (for restores)" : "read all your records")}</li>"))}</ul>
        <form method="post" action="/oauth/consent"><input type="hidden" name="request" value="{Html.Text(requestId)}">
        <button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>
        """);

    public static string Error(string message) => Html.Page("That did not work", $"<p role=\"alert\">{Html.Text(message)}</p>");
}
