using System.Text;

namespace Amazon.Lambda.AspNetCoreServer.Hosting.Internal;

/// <summary>Paths as Kestrel hands them to an application.</summary>
internal static class PercentEncoding
{
    /// <summary>
    /// Decodes everything but <c>%2F</c>, which would turn one segment into two. A plus is a plus. What is not valid percent-encoded UTF-8 stays as it is.
    /// </summary>
    public static string DecodePath(string path)
    {
        if (!path.Contains('%')) return path;
        var decoded = new StringBuilder(path.Length);
        for (var start = 0; start < path.Length;)
        {
            var slash = path.IndexOf("%2f", start, StringComparison.OrdinalIgnoreCase);
            var end = slash < 0 ? path.Length : slash;
            decoded.Append(Uri.UnescapeDataString(path.AsSpan(start, end - start)));
            if (slash >= 0) decoded.Append(path, slash, 3);
            start = slash < 0 ? path.Length : slash + 3;
        }
        return decoded.ToString();
    }
}
