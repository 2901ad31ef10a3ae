package dev.livesync.discovery.mdns;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An address as a transport has bound it, and what others on a network dial instead: {@code scheme://HOST:PORT…}, or a multiaddr behind a scheme.
 * Immutable; any thread.
 */
final class BoundAddress {
    private static final Pattern URL =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*://)(\\[[^\\[\\]/]+]|[^\\[\\]/:@]+)(?::([0-9]{1,5}))?(/.*)?");
    private static final Pattern MULTIADDR =
            Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*:)/(ip4|ip6|dns|dns4|dns6)/([^/]+)/tcp/([0-9]{1,5})(/.*)?");
    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");

    private final String text;
    private final String before;
    private final boolean multiaddr;
    private final String host;
    private final String after;
    private final int port;

    /** Null for a name. */
    private final @Nullable InetAddress address;

    private BoundAddress(String text, Matcher parts, boolean multiaddr) {
        this.text = text;
        this.multiaddr = multiaddr;
        this.before = parts.group(1);
        String written = parts.group(multiaddr ? 3 : 2);
        this.host = written.startsWith("[") ? written.substring(1, written.length() - 1) : written;
        String portText = parts.group(multiaddr ? 4 : 3);
        this.port = portText == null ? 0 : Integer.parseInt(portText);
        String path = parts.group(multiaddr ? 5 : 4);
        this.after = (portText == null ? "" : (multiaddr ? "/tcp/" : ":") + portText) + (path == null ? "" : path);
        this.address = literal(host);
    }

    /**
     * Reads what a transport says.
     *
     * @throws SyncException CONFIGURATION if it has no host
     */
    static BoundAddress parse(String text) {
        Matcher multiaddr = MULTIADDR.matcher(text);
        if (multiaddr.matches()) {
            return new BoundAddress(text, multiaddr, true);
        }
        Matcher url = URL.matcher(text);
        if (!url.matches()) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, text + " has no host that others on the network could dial");
        }
        return new BoundAddress(text, url, false);
    }

    /** The port; 0 if it has none. */
    int port() {
        return port;
    }

    /**
     * Under which address it is dialled by whoever is reached from one of this machine's addresses.
     *
     * @return empty if it isn't reached from there
     */
    Optional<String> at(InetAddress local) {
        if (address == null) {
            boolean here = host.equalsIgnoreCase("localhost");
            return here == local.isLoopbackAddress() ? Optional.of(text) : Optional.empty();
        }
        if (!address.isAnyLocalAddress()) {
            return address.equals(local) ? Optional.of(text) : Optional.empty();
        }
        boolean heard = local instanceof Inet4Address || !(address instanceof Inet4Address);
        return heard && !local.isLoopbackAddress() ? Optional.of(with(local)) : Optional.empty();
    }

    private String with(InetAddress local) {
        String shown = shown(local);
        boolean four = local instanceof Inet4Address;
        if (multiaddr) {
            return before + (four ? "/ip4/" : "/ip6/") + shown + after;
        }
        return before + (four ? shown : "[" + shown + "]") + after;
    }

    /** Without a zone, which means something on this machine only. */
    private static String shown(InetAddress local) {
        String shown = local.getHostAddress();
        int zone = shown.indexOf('%');
        return zone < 0 ? shown : shown.substring(0, zone);
    }

    private static @Nullable InetAddress literal(String host) {
        if (!LITERAL.matcher(host).matches()) {
            return null;
        }
        try {
            return InetAddress.getByName(host); // a literal: nothing is looked up
        } catch (UnknownHostException e) {
            return null;
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
