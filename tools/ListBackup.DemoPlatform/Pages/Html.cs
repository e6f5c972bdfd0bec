using System.Net;

namespace ListBackup.Demo.Pages;

internal static class Html
{
    private const string Style = """
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1c2430; }
        h1 { font-size: 1.5rem; } table { border-collapse: collapse; } td { padding: .2rem 1.5rem .2rem 0; } td + td { text-align: right; }
        form { margin: .6rem 0; } button { font: inherit; padding: .35rem .9rem; border: 1px solid #98a2b3; border-radius: .4rem; background: #fff; cursor: pointer; }
        button.bad { border-color: #b42318; color: #b42318; } input { font: inherit; padding: .3rem; } label { display: block; margin: .4rem 0; }
        code { background: #f2f4f7; padding: .1rem .3rem; } .note { color: #475467; }
        """;

    public static string Page(string title, string body) => $"""
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
        <title>{Text(title)}</title><style>{Style}</style></head>
        <body><h1>{Text(title)}</h1>
        {body}
        </body></html>
        """;

    public static string Text(string text) => WebUtility.HtmlEncode(text);
}
