using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Connectors.Requests;

/// <summary>
/// Decides which hosts may see a connection's credentials. A requester's own are those that it names with nothing but manifest and configuration. A link
/// of the platform (the next page, the file of a report) may lead anywhere: an own host gets the request as it is, any other one only the bare link. Hosts
/// are compared whole, since what else lies below the same parent (tenants of one platform, pages of its users) need not be the platform.
/// </summary>
/// <param name="configuration">The context in which nothing but the configuration is known.</param>
internal sealed class OwnHosts(ExpressionContext configuration)
{
    // By identity, and no longer than the requester: a restore makes one for each record.
    private readonly ConditionalWeakTable<HttpRequester, IReadOnlyList<OwnHost>> _byRequester = [];
    private readonly ConcurrentDictionary<OwnHost, bool> _all = new();

    /// <summary>Takes the credentials' way away from a request that leads to another host, and takes a link to an own host back to https.</summary>
    /// <exception cref="TransportException">The link leads from https to an address without encryption.</exception>
    public void Check(HttpRequester requester, RequestParts parts)
    {
        var named = _byRequester.GetValue(requester, Named);
        if (!Uri.TryCreate(parts.Url.Trim(), UriKind.Absolute, out var url))
            return;

        // A requester whose whole address comes from the platform downloads what the others have ordered.
        IEnumerable<OwnHost> own = named.Count > 0 ? named : _all.Keys;
        if (own.Any(host => host.Covers(url)))
            return;

        // Behind a proxy that ends TLS, platforms write links with the scheme that they see themselves.
        if (url.Scheme == Uri.UriSchemeHttp && url.IsDefaultPort && Encrypted(url) is var encrypted && own.Any(host => host.Covers(encrypted)))
        {
            parts.Url = encrypted.AbsoluteUri;
            return;
        }

        if (url.Scheme == Uri.UriSchemeHttp && own.Any(host => host.Scheme == Uri.UriSchemeHttps))
            throw new TransportException(TransportFailure.Unreachable, "its link leads from https to an address without encryption");
        parts.IsForeign = true;
    }

    private IReadOnlyList<OwnHost> Named(HttpRequester requester)
    {
        var hosts = new List<OwnHost>();
        foreach (var template in (Template?[])[requester.Url ?? requester.UrlBase, requester.Path])
        {
            if (template is null)
                continue;
            try
            {
                Add(OwnHost.Parse(template.EvaluateText(configuration) ?? template.Words));
            }
            catch (ExpressionException)
            {
                // It cannot be computed without what the platform says; its host may be constant still.
                Add(OwnHost.Parse(template.Words));
            }
        }

        return hosts;

        void Add(OwnHost? host)
        {
            if (host is null || hosts.Contains(host))
                return;
            hosts.Add(host);
            _all[host] = true;
        }
    }

    private static Uri Encrypted(Uri url) => new UriBuilder(url) { Scheme = Uri.UriSchemeHttps, Port = 443 }.Uri;
}

/// <summary>A scheme, host and port. A host that begins with a dot is all below it: <c>https://{{ stream_partition.region }}.api.example.com</c>.</summary>
internal sealed record OwnHost(string Scheme, string Host, int Port)
{
    /// <summary>What a template's <see cref="Template.Words"/> have where something is computed.</summary>
    private const char Computed = '…';

    public static OwnHost? Parse(string address)
    {
        var text = address.Trim();
        var start = text.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
            return null;
        var end = text.IndexOfAny(['/', '?', '#', '\\'], start + 3);
        var authority = text[(start + 3)..(end < 0 ? text.Length : end)];

        // Only a first label that the platform fills in leaves a name that the manifest still decides: below two labels at least, and never in clear.
        var isBelow = authority.StartsWith('.');
        if (isBelow && (!authority.AsSpan(1).Contains('.') || !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
            return null;
        var name = isBelow ? authority[1..] : authority;
        if (name.Contains(Computed) || !Uri.TryCreate($"{text[..start]}://{name}/", UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttps && url.Scheme != Uri.UriSchemeHttp))
            return null;

        return new OwnHost(url.Scheme, isBelow ? $".{url.IdnHost}" : url.IdnHost, url.Port);
    }

    public bool Covers(Uri url) => Redirects.IsSameDoor(Scheme, Port, url)
        && (Host[0] == '.' ? url.IdnHost.EndsWith(Host, StringComparison.OrdinalIgnoreCase) : string.Equals(url.IdnHost, Host, StringComparison.OrdinalIgnoreCase));
}
