package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A {@code ws:} or {@code wss:} address.
 *
 * @param secure whether it asks for TLS
 * @param host a name or a literal, IPv6 without brackets
 * @param port 0 to 65,535
 * @param path from the slash on, percent-encoded
 */
record Address(boolean secure, String host, int port, String path) {
    private static final int MAX_LENGTH = 2_048;

    /** Reads an address that came without query and fragment; those, and credentials, are refused. */
    static Address parse(String text) {
        URI uri;
        try {
            if (text.length() > MAX_LENGTH) {
                throw unusable(text, "it is longer than " + MAX_LENGTH + " characters");
            }
            uri = new URI(text);
        } catch (URISyntaxException
                | NumberFormatException e) { // the latter for an IPv6 address with a very long number in it
            throw unusable(text, "it is no URI");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (!scheme.equals("ws") && !scheme.equals("wss")) {
            throw unusable(text, "it must start with ws:// or wss://");
        }
        // Not shown from here on: what stands in these places may be a secret.
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw unusable(scheme + "://…", "credentials, query and fragment do not belong to the transport");
        }
        if (uri.getHost() == null) {
            throw unusable(text, "it names no host");
        }
        boolean secure = scheme.equals("wss");
        int port = uri.getPort() == -1 ? (secure ? 443 : 80) : uri.getPort();
        if (port > 65_535) {
            throw unusable(text, "there is no port " + port);
        }
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        if (!path.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw unusable(text, "its path must be percent-encoded");
        }
        return new Address(secure, bare, port, path);
    }

    Address withPort(int actual) {
        return new Address(secure, host, actual, path);
    }

    /** The host as URIs and Host headers write it. */
    String bracketedHost() {
        return host.indexOf(':') >= 0 ? '[' + host + ']' : host;
    }

    /** The value of the Host header: the port only where it is not the scheme's own. */
    String authority() {
        return port == (secure ? 443 : 80) ? bracketedHost() : bracketedHost() + ':' + port;
    }

    @Override
    public String toString() {
        return (secure ? "wss://" : "ws://") + bracketedHost() + ':' + port + path;
    }

    /** Plain text stays on this machine, unless the user said otherwise. */
    void requireProtected(InetAddress resolved, boolean allowed) {
        if (!secure && !allowed && !resolved.isLoopbackAddress()) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    this
                            + " is not on this machine, and ws is not encrypted: use wss, or set allowPlaintextOffLoopback");
        }
    }

    /** An address and port as people write them. */
    static String of(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        String host = address == null ? socket.getHostString() : address.getHostAddress();
        return (host.indexOf(':') >= 0 ? '[' + host + ']' : host) + ':' + socket.getPort();
    }

    private static SyncException unusable(String text, String why) {
        String shown = text.length() > 200 ? text.substring(0, 200) + "…" : text;
        return new SyncException(
                ErrorKind.CONFIGURATION,
                "not a usable address: '" + shown.replaceAll("[\\p{Cntrl}]", "?") + "': " + why);
    }
}
