using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace ListBackup.Host;

/// <summary>
/// Serves the exported web app (or the placeholder page) from a folder. Pages get a strict policy: only our own scripts and styles, and of inline
/// scripts only those that the export wrote, by their hashes.
/// </summary>
public static partial class WebApp
{
    private const string NewFileEveryTime = "no-cache";
    // Exported asset names carry a hash of their content.
    private const string NeverChanges = "public, max-age=31536000, immutable";

    public static IApplicationBuilder UseWebApp(this IApplicationBuilder app, HostSettings settings)
    {
        var files = new PhysicalFileProvider(settings.Web ?? Path.Combine(AppContext.BaseDirectory, "wwwroot"));
        var policies = new ConcurrentDictionary<(string Path, DateTimeOffset Modified), string>();
        app.Use((http, next) =>
        {
            if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
                http.Request.Path = PageOf(files, http.Request.Path);
            return next(http);
        });
        return app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            ContentTypeProvider = new FileExtensionContentTypeProvider { Mappings = { [".webmanifest"] = "application/manifest+json" } },
            OnPrepareResponse = sent =>
            {
                var headers = sent.Context.Response.Headers;
                headers.CacheControl = sent.Context.Request.Path.StartsWithSegments("/_next/static") ? NeverChanges : NewFileEveryTime;
                if (sent.File.Name.EndsWith(".html", StringComparison.OrdinalIgnoreCase))
                    headers.ContentSecurityPolicy = policies.GetOrAdd((sent.File.PhysicalPath ?? sent.File.Name, sent.File.LastModified), _ => Policy(sent.File));
            },
        });
    }

    /// <summary>
    /// The file for an address: <c>/</c> → <c>/index.html</c>, <c>/sources</c> → <c>/sources.html</c> or <c>/sources/index.html</c>, and a page about one
    /// thing, <c>/sources/src_1</c>, → the shell that was exported for all of them, <c>/sources/_.html</c> (or <c>/sources/_/index.html</c>).
    /// Returns the address as it is when there is no page for it.
    /// </summary>
    public static PathString PageOf(IFileProvider files, PathString path)
    {
        var address = (path.Value ?? "/").TrimEnd('/');
        if (address.StartsWith("/v1/", StringComparison.Ordinal) || address.Contains("..", StringComparison.Ordinal)) return path;
        if (address.Length > 0 && Exists(files, address)) return path;
        foreach (var candidate in Candidates(address))
        {
            if (Exists(files, candidate)) return candidate;
        }
        return path;
    }

    private static IEnumerable<string> Candidates(string address)
    {
        yield return $"{address}.html";
        yield return $"{address}/index.html";
        // The deepest shell wins: each segment but the first may be the name of a thing.
        var segments = address.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var wildcards = segments.Length - 1;
        if (wildcards is < 1 or > 4) yield break;
        for (var mask = 1; mask < 1 << wildcards; mask++)
        {
            var page = string.Join('/', segments.Select((segment, i) => i > 0 && (mask & (1 << (i - 1))) != 0 ? Shell(segment) : segment));
            yield return $"/{page}";
            yield return $"/{page}.html";
            yield return $"/{page}/index.html";
        }
    }

    // The framework's own payloads of a page lie beside it under the same name with an extension.
    private static string Shell(string segment) => segment.EndsWith(".txt", StringComparison.Ordinal) ? "_.txt" : "_";

    private static bool Exists(IFileProvider files, string path) => files.GetFileInfo(path) is { Exists: true, IsDirectory: false };

    private static string Policy(IFileInfo page)
    {
        using var reader = new StreamReader(page.CreateReadStream());
        var hashes = InlineScript().Matches(reader.ReadToEnd())
            .Select(script => $" 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script.Groups["code"].Value)))}'")
            .Distinct(StringComparer.Ordinal);
        return $"default-src 'self'; script-src 'self'{string.Concat(hashes)}; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
            + "worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'";
    }

    [GeneratedRegex("""<script(?![^>]*\ssrc\s*=)[^>]*>(?<code>.*?)</script>""", RegexOptions.Singleline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex InlineScript();
}
