using System.Net;
using System.Net.Sockets;

namespace ListBackup.Connectors.Requests;

/// <summary>Tells addresses of the public internet from those that only we can reach, where a customer's configuration has no business.</summary>
public static class PublicAddress
{
    private static readonly IPNetwork[] Closed =
    [
        // This host, private, shared (carrier NAT), loopback, link-local with the clouds' metadata, protocol assignments, documentation, benchmarks, multicast, reserved.
        .. Networks("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),

        // Unspecified, loopback and compatible, translated, NAT64 and 6to4 (which hide IPv4 addresses), Teredo and other protocol assignments, documentation,
        // segment routing, unique local, link-local, site-local, multicast.
        .. Networks("::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"),
    ];

    /// <summary>True for an address that the whole internet can reach, whatever dress it comes in (IPv4 inside IPv6 included).</summary>
    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();

        return address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 && !Closed.Any(network => network.Contains(address));
    }

    private static IEnumerable<IPNetwork> Networks(params string[] texts) => texts.Select(text => IPNetwork.Parse(text));
}
