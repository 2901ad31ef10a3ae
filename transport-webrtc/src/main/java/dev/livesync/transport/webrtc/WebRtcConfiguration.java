package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * Servers, ports and times of a WebRTC transport. Immutable; any thread.
 *
 * <p>A channel holds at most {@link #sendBufferBytes} and one message of what is to be sent, and of what has arrived at most
 * {@link dev.livesync.api.transport.TransportContext#inboundQueueBytes}; libwebrtc takes up to 200 KB more for each.
 */
public final class WebRtcConfiguration {
    private static final WebRtcConfiguration DEFAULTS = new Builder().build();

    private final List<IceServer> iceServers;
    private final boolean relayOnly;
    private final int minPort;
    private final int maxPort;
    private final Duration gatherTimeout;
    private final Duration peerTimeout;
    private final int sendBufferBytes;

    private WebRtcConfiguration(Builder builder) {
        this.iceServers = builder.iceServers;
        this.relayOnly = builder.relayOnly;
        this.minPort = builder.minPort;
        this.maxPort = builder.maxPort;
        this.gatherTimeout = builder.gatherTimeout;
        this.peerTimeout = builder.peerTimeout;
        this.sendBufferBytes = builder.sendBufferBytes;
        if (relayOnly && iceServers.stream().noneMatch(IceServer::relays)) {
            throw new SyncException(ErrorKind.CONFIGURATION, "relayOnly takes a TURN server among the iceServers");
        }
    }

    /**
     * No servers, so that nobody else learns of a connection and peers must be able to reach each other's network addresses;
     * any port; 5 seconds to gather addresses; a silent peer is given up 5 seconds after ICE has missed it (which takes about
     * 7); 1 MiB buffered for sending.
     *
     * @return the defaults
     */
    public static WebRtcConfiguration defaults() {
        return DEFAULTS;
    }

    /**
     * For peers behind NAT or firewalls: the defaults with servers that tell an address (STUN) or relay (TURN).
     *
     * @param servers one or more
     * @return the configuration
     */
    public static WebRtcConfiguration with(IceServer... servers) {
        return builder().iceServers(List.of(servers)).build();
    }

    /**
     * A builder that starts with the {@linkplain #defaults defaults}.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.iceServers = iceServers;
        builder.relayOnly = relayOnly;
        builder.minPort = minPort;
        builder.maxPort = maxPort;
        builder.gatherTimeout = gatherTimeout;
        builder.peerTimeout = peerTimeout;
        builder.sendBufferBytes = sendBufferBytes;
        return builder;
    }

    /**
     * The STUN and TURN servers.
     *
     * @return in order; empty for none
     */
    public List<IceServer> iceServers() {
        return iceServers;
    }

    /**
     * Whether all goes through TURN servers, and signals name no address of this machine.
     *
     * @return false unless set
     */
    public boolean relayOnly() {
        return relayOnly;
    }

    /**
     * The lowest local port to use.
     *
     * @return a port; 0 where any will do
     */
    public int minPort() {
        return minPort;
    }

    /**
     * The highest local port to use.
     *
     * @return a port; 0 where any will do
     */
    public int maxPort() {
        return maxPort;
    }

    /**
     * How long an offer or an answer may wait for servers to tell addresses; then it goes out with those that are known.
     *
     * @return a positive duration
     */
    public Duration gatherTimeout() {
        return gatherTimeout;
    }

    /**
     * How long a peer that ICE misses may stay away. ICE misses it after about 7 seconds of silence, though whole networks can
     * come back: shorter is quicker to notice the dead, longer keeps channels over a bad network.
     *
     * @return a positive duration; above about 10 seconds libwebrtc itself gives up first
     */
    public Duration peerTimeout() {
        return peerTimeout;
    }

    /**
     * A send completes when no more than this waits to leave.
     *
     * @return bytes
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * A server that helps peers to find a path: STUN tells a peer its address beyond NAT, TURN relays.
     *
     * @param urls such as {@code stun:stun.example.org:3478} or {@code turns:turn.example.org?transport=tcp}
     * @param username for TURN; empty for STUN
     * @param password for TURN; empty for STUN
     */
    public record IceServer(List<String> urls, String username, String password) {
        private static final Pattern URL = Pattern.compile("(stuns?:(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?)"
                + "|(turns?:(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(\\?transport=(udp|tcp))?)");

        /**
         * Checks.
         *
         * @throws SyncException {@link ErrorKind#CONFIGURATION} for a URL that is none, or TURN without name and password
         */
        public IceServer {
            urls = List.copyOf(urls);
            Objects.requireNonNull(username, "username");
            Objects.requireNonNull(password, "password");
            if (urls.isEmpty()) {
                throw new SyncException(ErrorKind.CONFIGURATION, "an ICE server needs a URL");
            }
            for (String url : urls) {
                if (!URL.matcher(url).matches()) {
                    throw new SyncException(
                            ErrorKind.CONFIGURATION,
                            "not the URL of an ICE server, as stun:HOST:PORT or turn:HOST:PORT?transport=udp: " + url);
                }
                if (url.startsWith("turn") && (username.isEmpty() || password.isEmpty())) {
                    throw new SyncException(ErrorKind.CONFIGURATION, url + " needs a username and a password");
                }
            }
        }

        /**
         * A STUN server.
         *
         * @param url {@code stun:HOST:PORT}
         * @return the server
         */
        public static IceServer stun(String url) {
            return new IceServer(List.of(url), "", "");
        }

        /**
         * A TURN server.
         *
         * @param url {@code turn:HOST:PORT}, or {@code turns:} over TLS
         * @param username who we are to it
         * @param password what proves it
         * @return the server
         */
        public static IceServer turn(String url, String username, String password) {
            return new IceServer(List.of(url), username, password);
        }

        boolean relays() {
            return urls.stream().anyMatch(url -> url.startsWith("turn"));
        }

        /** The URLs; never the password. */
        @Override
        public String toString() {
            return "IceServer" + urls;
        }
    }

    /** Makes configurations. Not for use by several threads at once. */
    public static final class Builder {
        private List<IceServer> iceServers = List.of();
        private boolean relayOnly;
        private int minPort;
        private int maxPort;
        private Duration gatherTimeout = Duration.ofSeconds(5);
        private Duration peerTimeout = Duration.ofSeconds(5);
        private int sendBufferBytes = 1 << 20;

        private Builder() {}

        /**
         * Sets {@link WebRtcConfiguration#iceServers}.
         *
         * @param servers in order
         * @return this
         */
        public Builder iceServers(List<IceServer> servers) {
            this.iceServers = List.copyOf(servers);
            return this;
        }

        /**
         * Sets {@link WebRtcConfiguration#relayOnly}.
         *
         * @param value whether all goes through TURN servers
         * @return this
         */
        public Builder relayOnly(boolean value) {
            this.relayOnly = value;
            return this;
        }

        /**
         * Sets the local ports to use. Each connection takes a UDP and a TCP port for every network address of the machine.
         *
         * @param lowest 1 to 65,535
         * @param highest no less, up to 65,535
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if they are no such range
         */
        public Builder ports(int lowest, int highest) {
            if (lowest < 1 || highest < lowest || highest > 65_535) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "ports must be a range within 1 to 65535, not " + lowest + " to " + highest);
            }
            this.minPort = lowest;
            this.maxPort = highest;
            return this;
        }

        /**
         * Sets {@link WebRtcConfiguration#gatherTimeout}.
         *
         * @param timeout 100 milliseconds to a minute
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder gatherTimeout(Duration timeout) {
            this.gatherTimeout = within("gatherTimeout", timeout);
            return this;
        }

        /**
         * Sets {@link WebRtcConfiguration#peerTimeout}.
         *
         * @param timeout 100 milliseconds to a minute
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder peerTimeout(Duration timeout) {
            this.peerTimeout = within("peerTimeout", timeout);
            return this;
        }

        /**
         * Sets {@link WebRtcConfiguration#sendBufferBytes}.
         *
         * @param bytes 1 to 8 MiB; libwebrtc closes a channel that buffers 16
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder sendBufferBytes(int bytes) {
            if (bytes < 1 || bytes > 8 << 20) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "sendBufferBytes must be 1 to " + (8 << 20) + ", not " + bytes);
            }
            this.sendBufferBytes = bytes;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return a configuration
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is to relay only and there is no server to do so
         */
        public WebRtcConfiguration build() {
            return new WebRtcConfiguration(this);
        }

        private static Duration within(String what, Duration value) {
            if (value.toMillis() < 100 || value.toMillis() > 60_000) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, what + " must be 100 milliseconds to a minute, not " + value);
            }
            return value;
        }
    }
}
