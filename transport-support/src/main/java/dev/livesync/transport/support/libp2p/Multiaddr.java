package dev.livesync.transport.support.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A multiaddr that both libp2p transports can use: {@code /ip4|ip6|dns|dns4|dns6/HOST/tcp/PORT}, then {@code /p2p/ID} where it says
 * who must be there. With or without {@code libp2p:} in front.
 *
 * @param protocol what the host is
 * @param host a literal or a name
 * @param port 0 to 65,535
 * @param peer who must be there; null for anybody
 * @param <P> peer ids, which show themselves in base58
 */
public record Multiaddr<P>(
        String protocol, String host, int port, @Nullable P peer) {
    /** The scheme of LiveSync's libp2p addresses. */
    public static final String SCHEME = "libp2p";

    private static final int MAX_LENGTH = 1_024;
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final Pattern IP4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IP6 = Pattern.compile("[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})");

    /**
     * Parses a multiaddr; fails with CONFIGURATION if it can't be used.
     *
     * @param text a user's; a query or fragment, which may be a secret, isn't shown
     * @param peers reads a peer id; fails as CONFIGURATION
     * @param <P> peer ids
     * @return as written, whether there is such a host or not
     */
    public static <P> Multiaddr<P> parse(String text, Function<String, P> peers) {
        if (text.length() > MAX_LENGTH) {
            throw unusable(text, "it is longer than " + MAX_LENGTH + " characters");
        }
        String bare = text.regionMatches(true, 0, SCHEME + ":", 0, SCHEME.length() + 1)
                ? text.substring(SCHEME.length() + 1)
                : text;
        if (bare.indexOf('#') >= 0 || bare.indexOf('?') >= 0) {
            // Not shown: what stands there may be a secret.
            throw unusable(SCHEME + ":…", "query and fragment do not belong to the transport");
        }
        if (!bare.startsWith("/")) {
            throw unusable(text, "a multiaddr such as /ip4/127.0.0.1/tcp/4001 is expected");
        }
        List<String> parts = Arrays.asList(bare.substring(1).split("/", -1));
        if (parts.size() != 4 && parts.size() != 6 || !parts.get(2).equals("tcp")) {
            throw unusable(text, "only /HOST-PROTOCOL/HOST/tcp/PORT, with or without /p2p/ID, is spoken here");
        }
        String protocol = parts.get(0);
        String host = parts.get(1);
        checkHost(text, protocol, host);
        if (!PORT.matcher(parts.get(3)).matches() || Integer.parseInt(parts.get(3)) > 65_535) {
            throw unusable(text, "there is no port " + Libp2pFailures.shown(parts.get(3)));
        }
        P peer = null;
        if (parts.size() == 6) {
            if (!parts.get(4).equals("p2p") && !parts.get(4).equals("ipfs")) {
                throw unusable(text, "/" + Libp2pFailures.shown(parts.get(4)) + " is not spoken here");
            }
            peer = peers.apply(parts.get(5));
        }
        return new Multiaddr<>(protocol, host, Integer.parseInt(parts.get(3)), peer);
    }

    private static void checkHost(String text, String protocol, String host) {
        Pattern pattern = switch (protocol) {
            case "ip4" -> IP4;
            case "ip6" -> IP6;
            case "dns", "dns4", "dns6" -> NAME;
            case "dnsaddr" ->
                throw unusable(text, "/dnsaddr is not looked up here; dial one of the addresses behind it");
            default -> throw unusable(text, "/" + Libp2pFailures.shown(protocol) + " is not spoken here");
        };
        boolean fits = pattern.matcher(host).matches();
        if (fits && pattern == IP4) {
            fits = Arrays.stream(host.split("\\.")).allMatch(part -> Integer.parseInt(part) < 256);
        }
        if (!fits) {
            throw unusable(text, "'" + Libp2pFailures.shown(host) + "' is no " + protocol + " host");
        }
        if (pattern == IP6) {
            try {
                InetAddress.getByName(host); // a literal: nothing is looked up
            } catch (UnknownHostException e) {
                throw unusable(text, "'" + Libp2pFailures.shown(host) + "' is no IPv6 address");
            }
        }
    }

    /**
     * Creates the multiaddr of a socket.
     *
     * @param socket resolved
     * @param peer who is there; null if that isn't known
     * @param <P> peer ids
     * @return its address, without a zone
     */
    public static <P> Multiaddr<P> of(InetSocketAddress socket, @Nullable P peer) {
        InetAddress address = socket.getAddress();
        String host = address.getHostAddress();
        int zone = host.indexOf('%');
        return new Multiaddr<>(
                host.indexOf(':') >= 0 ? "ip6" : "ip4",
                zone < 0 ? host : host.substring(0, zone),
                socket.getPort(),
                peer);
    }

    /**
     * Resolves the host. Blocks if a name has to be looked up.
     *
     * @param failure the kind of the error where there are none
     * @return at least one
     */
    public List<InetAddress> resolve(ErrorKind failure) {
        try {
            InetAddress[] all = InetAddress.getAllByName(host);
            List<InetAddress> fitting = Arrays.stream(all)
                    .filter(address -> switch (protocol) {
                        case "dns4" -> address.getAddress().length == 4;
                        case "dns6" -> address.getAddress().length == 16;
                        default -> true;
                    })
                    .toList();
            if (!fitting.isEmpty()) {
                return fitting;
            }
        } catch (UnknownHostException e) {
            throw new SyncException(failure, "no host of the name in " + this + " is known", e);
        }
        throw new SyncException(failure, "the name in " + this + " has no address of that kind");
    }

    /**
     * Copies the address with another port.
     *
     * @param actual the port
     * @return otherwise the same
     */
    public Multiaddr<P> withPort(int actual) {
        return new Multiaddr<>(protocol, host, actual, peer);
    }

    /**
     * Copies the address with another peer.
     *
     * @param actual who is there
     * @return otherwise the same
     */
    public Multiaddr<P> withPeer(P actual) {
        return new Multiaddr<>(protocol, host, port, actual);
    }

    /**
     * The text without LiveSync's scheme, as other programs write it.
     *
     * @return without our scheme
     */
    public String bare() {
        return "/" + protocol + "/" + host + "/tcp/" + port + (peer == null ? "" : "/p2p/" + peer);
    }

    @Override
    public String toString() {
        return SCHEME + ":" + bare();
    }

    private static SyncException unusable(String text, String why) {
        return new SyncException(
                ErrorKind.CONFIGURATION, "not a usable address: '" + Libp2pFailures.shown(text) + "': " + why);
    }
}
