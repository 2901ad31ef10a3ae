package dev.livesync.core.transports;

import dev.livesync.AddressPolicy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Refuses wildcard, multicast and link-local targets (among them the address at which clouds serve credentials). Loopback
 * and private networks are where most peers live, and stay.
 */
public final class StandardAddressPolicy implements AddressPolicy {
    /** The only instance. */
    public static final AddressPolicy INSTANCE = new StandardAddressPolicy();

    private static final Pattern AUTHORITY =
            Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*:(/*)(?:[^/?#@]*@)?(\\[[^\\]]*\\]|[^/?#:\\[]*).*");
    private static final Pattern NUMERIC = Pattern.compile("\\[.*\\]|[0-9]+(\\.[0-9]+){3}");
    private static final Pattern MULTIADDR = Pattern.compile("/(?:ip4|ip6|dns|dns4|dns6|dnsaddr)/([^/]+)");

    private StandardAddressPolicy() {}

    @Override
    public boolean permits(String address) {
        Matcher parts = MULTIADDR.matcher(address);
        if (parts.find()) {
            do {
                if (!permitsHost(parts.group(1))) {
                    return false;
                }
            } while (parts.find());
            return true;
        }
        Matcher authority = AUTHORITY.matcher(address);
        if (!authority.matches()) {
            return true;
        }
        // Without slashes what follows the scheme need not be a host: memory:peer is not for the resolver.
        String host = authority.group(2);
        return authority.group(1).isEmpty() && !NUMERIC.matcher(host).matches() || permitsHost(host);
    }

    private static boolean permitsHost(String host) {
        if (host.isEmpty()) {
            return true;
        }
        try {
            for (InetAddress a : InetAddress.getAllByName(host)) {
                if (a.isAnyLocalAddress() || a.isMulticastAddress() || a.isLinkLocalAddress()) {
                    return false;
                }
            }
            return true;
        } catch (UnknownHostException e) {
            // Nothing is there to be reached; the dial says so in its own words.
            return true;
        }
    }
}
