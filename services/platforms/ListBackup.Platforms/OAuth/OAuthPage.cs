namespace ListBackup.Platforms;

/// <summary>The tiny page that the platform sends the person back to. Plain HTML without scripts: it shows nothing that came with the request.</summary>
internal static class OAuthPage
{
    public const string ContentType = "text/html; charset=utf-8";

    public static string Html(OAuthOutcome outcome)
    {
        var (title, text) = outcome switch
        {
            OAuthOutcome.Connected => ("Connected", "ListBackup may now read this platform. You can close this window."),
            OAuthOutcome.Declined => ("Not connected", "Access was not granted. You can close this window, and start connecting again at any time."),
            OAuthOutcome.Refused => ("Not connected", "The platform did not accept the sign-in. Close this window and start connecting again."),
            _ => ("This link is not valid any more", "It can be used once, within ten minutes, in the browser that it was made for. Close this window and start connecting again."),
        };
        return $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title} · ListBackup</title></head>
            <body><main><h1>{title}</h1><p>{text}</p></main></body>
            </html>
            """;
    }
}
