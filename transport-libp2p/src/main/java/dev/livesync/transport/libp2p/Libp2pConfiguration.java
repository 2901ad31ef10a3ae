package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Identity, limits and policy of a libp2p transport. Immutable; any thread.
 *
 * <p>A channel holds at most {@link #receiveWindowBytes} that nobody requested, {@link #receiveBufferBytes} and one message of
 * those that are decoded, one that is arriving, and {@link #sendBufferBytes} and one message of those to be sent. A connection
 * has at most {@link #maxStreams} of them and about 256 KiB more; times {@link #maxConnections} for a listener.
 */
public final class Libp2pConfiguration {
    private static final Libp2pConfiguration DEFAULTS = new Builder().build();

    private final int maxMessageBytes;
    private final int sendBufferBytes;
    private final int receiveBufferBytes;
    private final int receiveWindowBytes;
    private final int maxConnections;
    private final int maxPending;
    private final Duration firstByteTimeout;
    private final int maxStreams;
    private final Duration pingInterval;
    private final Duration stallTimeout;
    private final Duration idleTimeout;
    private final Set<PeerId> allowed;
    private @Nullable Identity identity;

    private Libp2pConfiguration(Builder builder) {
        this.maxMessageBytes = builder.maxMessageBytes;
        this.sendBufferBytes = builder.sendBufferBytes;
        this.receiveBufferBytes = builder.receiveBufferBytes;
        this.receiveWindowBytes = builder.receiveWindowBytes;
        this.maxConnections = builder.maxConnections;
        this.maxPending = builder.maxPending;
        this.firstByteTimeout = builder.firstByteTimeout;
        this.maxStreams = builder.maxStreams;
        this.pingInterval = builder.pingInterval;
        this.stallTimeout = builder.stallTimeout;
        this.idleTimeout = builder.idleTimeout;
        this.allowed = Set.copyOf(builder.allowed);
        this.identity = builder.identity;
    }

    /**
     * Messages up to 1 MiB, 512 KiB buffered for sending, 256 KiB of what has arrived and a window of 1 MiB, 1,024 connections
     * a listener with 32 streams each, as many that have brought no message, a sign of life every 30 seconds, no patience with a connection that takes nothing for
     * 30 seconds or has no use for 60, any peer, and an identity that lives as long as the process.
     *
     * @return the defaults
     */
    public static Libp2pConfiguration defaults() {
        return DEFAULTS;
    }

    /**
     * For many connections or little memory: messages up to 256 KiB, 64 KiB buffered each way, the smallest window.
     *
     * @return the defaults with smaller buffers, and with the defaults' identity
     */
    public static Libp2pConfiguration frugal() {
        return DEFAULTS.toBuilder()
                .maxMessageBytes(256 * 1024)
                .sendBufferBytes(64 * 1024)
                .receiveBufferBytes(64 * 1024)
                .receiveWindowBytes(Yamux.INITIAL_WINDOW)
                .build();
    }

    /**
     * A builder that starts with the {@linkplain #defaults defaults} and an identity of its own, made when it is first needed.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with this configuration, identity included.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.maxMessageBytes = maxMessageBytes;
        builder.sendBufferBytes = sendBufferBytes;
        builder.receiveBufferBytes = receiveBufferBytes;
        builder.receiveWindowBytes = receiveWindowBytes;
        builder.maxConnections = maxConnections;
        builder.maxPending = maxPending;
        builder.firstByteTimeout = firstByteTimeout;
        builder.maxStreams = maxStreams;
        builder.pingInterval = pingInterval;
        builder.stallTimeout = stallTimeout;
        builder.idleTimeout = idleTimeout;
        builder.allowed = allowed;
        builder.identity = identity();
        return builder;
    }

    /**
     * The largest message, before the context's own limit. A larger one that arrives ends the channel.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * A send completes when no more than this waits to be encrypted; one that had to wait for it, when no more than half does.
     *
     * @return bytes
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * Decoding stops when so much has been decoded that was not requested yet.
     *
     * @return bytes
     */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /**
     * How much a peer may send on a channel before we have taken it: yamux's window.
     *
     * @return bytes
     */
    public int receiveWindowBytes() {
        return receiveWindowBytes;
    }

    /**
     * How many connections that have brought a message and have a stream one listener has at a time; further ones are closed.
     *
     * @return connections
     */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * How many other connections one listener has at a time, those in their handshake among them, and half as many of one address.
     * One more ends the oldest of them, so that none of these places can be held against whoever comes and says something.
     *
     * @return connections
     */
    public int maxPending() {
        return maxPending;
    }

    /**
     * How long a socket that was accepted may take for its first byte; for the handshakes it has {@link
     * dev.livesync.api.transport.TransportContext#connectTimeout} from then on.
     *
     * @return a positive duration
     */
    public Duration firstByteTimeout() {
        return firstByteTimeout;
    }

    /**
     * How many streams a peer may have open in one connection; further ones are reset.
     *
     * @return streams
     */
    public int maxStreams() {
        return maxStreams;
    }

    /**
     * How often a peer is asked for a sign of life. After three silent intervals it counts as gone.
     *
     * @return zero for never
     */
    public Duration pingInterval() {
        return pingInterval;
    }

    /**
     * How long a connection may take none of what waits for it. Every libp2p peer reads at all times, so one that doesn't is
     * gone or means harm.
     *
     * @return a positive duration
     */
    public Duration stallTimeout() {
        return stallTimeout;
    }

    /**
     * How long a connection that was accepted may have no stream. For its first it has {@link
     * dev.livesync.api.transport.TransportContext#connectTimeout} where that is less.
     *
     * @return a positive duration
     */
    public Duration idleTimeout() {
        return idleTimeout;
    }

    /**
     * The peers that may connect and be dialled; nobody else may, if there are any.
     *
     * @return peer ids in base58; empty for everybody
     */
    public Set<String> allowedPeers() {
        return allowed.stream().map(PeerId::toString).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Who we are to others.
     *
     * @return the identity's peer id in base58, such as {@code 12D3Koo…}
     */
    public String peerId() {
        return identity().peerId().toString();
    }

    int maxMessageBytes(TransportContext context) {
        return Math.min(maxMessageBytes, context.maxMessageBytes());
    }

    Set<PeerId> allowed() {
        return allowed;
    }

    /** Made when it is first needed, where none was given. */
    synchronized Identity identity() {
        Identity ours = identity;
        if (ours == null) {
            ours = Identity.generate(new SecureRandom());
            identity = ours;
        }
        return ours;
    }

    /** Makes configurations. Not for use by several threads at once. */
    public static final class Builder {
        private int maxMessageBytes = 1024 * 1024;
        private int sendBufferBytes = 512 * 1024;
        private int receiveBufferBytes = 256 * 1024;
        private int receiveWindowBytes = 1024 * 1024;
        private int maxConnections = 1_024;
        private int maxPending = 1_024;
        private Duration firstByteTimeout = Duration.ofSeconds(2);
        private int maxStreams = 32;
        private Duration pingInterval = Duration.ofSeconds(30);
        private Duration stallTimeout = Duration.ofSeconds(30);
        private Duration idleTimeout = Duration.ofSeconds(60);
        private Set<PeerId> allowed = Set.of();
        private @Nullable Identity identity;

        private Builder() {}

        /**
         * Sets {@link Libp2pConfiguration#maxMessageBytes}.
         *
         * @param bytes 1,024 to 1 GiB
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder maxMessageBytes(int bytes) {
            this.maxMessageBytes = within("maxMessageBytes", bytes, 1024, 1 << 30);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#sendBufferBytes}.
         *
         * @param bytes 1 to 1 GiB
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder sendBufferBytes(int bytes) {
            this.sendBufferBytes = within("sendBufferBytes", bytes, 1, 1 << 30);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#receiveBufferBytes}.
         *
         * @param bytes 1 to 1 GiB
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder receiveBufferBytes(int bytes) {
            this.receiveBufferBytes = within("receiveBufferBytes", bytes, 1, 1 << 30);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#receiveWindowBytes}.
         *
         * @param bytes 256 KiB, which yamux starts with, to 1 GiB
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder receiveWindowBytes(int bytes) {
            this.receiveWindowBytes = within("receiveWindowBytes", bytes, Yamux.INITIAL_WINDOW, 1 << 30);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#maxConnections}.
         *
         * @param connections 1 or more
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder maxConnections(int connections) {
            this.maxConnections = within("maxConnections", connections, 1, 1_000_000);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#maxPending}.
         *
         * @param connections 2 or more
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder maxPending(int connections) {
            this.maxPending = within("maxPending", connections, 2, 1_000_000);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#firstByteTimeout}.
         *
         * @param time a millisecond to an hour
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is neither
         */
        public Builder firstByteTimeout(Duration time) {
            this.firstByteTimeout =
                    Duration.ofMillis(within("firstByteTimeout in ms", Math.toIntExact(time.toMillis()), 1, 3_600_000));
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#maxStreams}.
         *
         * @param streams 1 or more; others identify and ping over streams too
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder maxStreams(int streams) {
            this.maxStreams = within("maxStreams", streams, 1, 100_000);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#pingInterval}.
         *
         * @param interval a second or more, or zero for never
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is neither
         */
        public Builder pingInterval(Duration interval) {
            this.pingInterval = interval.isZero() ? interval : positive("pingInterval", interval);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#stallTimeout}.
         *
         * @param timeout a second or more
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder stallTimeout(Duration timeout) {
            this.stallTimeout = positive("stallTimeout", timeout);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#idleTimeout}.
         *
         * @param timeout a second or more
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder idleTimeout(Duration timeout) {
            this.idleTimeout = positive("idleTimeout", timeout);
            return this;
        }

        /**
         * Sets {@link Libp2pConfiguration#allowedPeers}.
         *
         * @param peerIds in base58 or as CIDs; empty for everybody
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if one is no peer id
         */
        public Builder allowedPeers(Set<String> peerIds) {
            Set<PeerId> parsed = new LinkedHashSet<>();
            peerIds.forEach(id -> parsed.add(PeerId.parse(id)));
            this.allowed = parsed;
            return this;
        }

        /**
         * Keeps the identity in a file, so that the peer id stays the same. The file holds an Ed25519 private key in libp2p's
         * protobuf, as other implementations write it; if there is none, one is made that only its owner can read.
         *
         * @param file where the key is, or shall be
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if the file can't be read or written or holds no such key
         */
        public Builder identityFile(Path file) {
            this.identity = Identity.readOrCreate(file, new SecureRandom());
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return a configuration
         */
        public Libp2pConfiguration build() {
            return new Libp2pConfiguration(this);
        }

        private static Duration positive(String what, Duration value) {
            if (value.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new SyncException(ErrorKind.CONFIGURATION, what + " must be a second or more, not " + value);
            }
            return value;
        }

        private static int within(String what, int value, int least, int most) {
            if (value < least || value > most) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, what + " must be " + least + " to " + most + ", not " + value);
            }
            return value;
        }
    }
}
