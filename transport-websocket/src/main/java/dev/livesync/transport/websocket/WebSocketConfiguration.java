package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.transport.TransportContext;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Limits, TLS and policy of a WebSocket transport. Immutable; any thread.
 *
 * <p>A connection holds at most {@link #maxMessageBytes} of a message that is arriving, {@link #receiveBufferBytes} and one
 * message of those that have arrived, and {@link #sendBufferBytes} and one message of those to be sent; times {@link
 * #maxConnections} for a listener.
 */
public final class WebSocketConfiguration {
    private static final WebSocketConfiguration DEFAULTS = new Builder().build();

    private final int maxMessageBytes;
    private final int sendBufferBytes;
    private final int receiveBufferBytes;
    private final int maxConnections;
    private final int maxPending;
    private final Duration firstByteTimeout;
    private final Duration pingInterval;
    private final boolean allowPlaintextOffLoopback;
    private final Set<String> allowedOrigins;
    private final @Nullable SSLContext serverTls;
    private final @Nullable SSLContext clientTls;
    private final Set<String> pinnedCertificates;

    private WebSocketConfiguration(Builder builder) {
        this.maxMessageBytes = builder.maxMessageBytes;
        this.sendBufferBytes = builder.sendBufferBytes;
        this.receiveBufferBytes = builder.receiveBufferBytes;
        this.maxConnections = builder.maxConnections;
        this.maxPending = builder.maxPending;
        this.firstByteTimeout = builder.firstByteTimeout;
        this.pingInterval = builder.pingInterval;
        this.allowPlaintextOffLoopback = builder.allowPlaintextOffLoopback;
        this.allowedOrigins = Set.copyOf(builder.allowedOrigins);
        this.serverTls = builder.serverTls;
        this.clientTls = builder.clientTls;
        this.pinnedCertificates = Set.copyOf(builder.pinnedCertificates);
    }

    /**
     * Messages up to 1 MiB, 512 KiB buffered for sending and 256 KiB of what has arrived, 1,024 connections a listener and as many that have brought no message yet, a ping
     * every 30 seconds, no web page let in, plain {@code ws} on loopback only, no server certificate, and as client the
     * trust that Java has.
     *
     * @return the defaults
     */
    public static WebSocketConfiguration defaults() {
        return DEFAULTS;
    }

    /**
     * For a server behind a reverse proxy that ends TLS: listens with plain {@code ws} anywhere. Whoever reaches the port
     * past the proxy can read along.
     *
     * @return the defaults with {@link #allowPlaintextOffLoopback}
     */
    public static WebSocketConfiguration behindProxy() {
        return DEFAULTS.toBuilder().allowPlaintextOffLoopback(true).build();
    }

    /**
     * For many connections or little memory: messages up to 256 KiB, 64 KiB buffered each way.
     *
     * @return the defaults with smaller buffers
     */
    public static WebSocketConfiguration frugal() {
        return DEFAULTS.toBuilder()
                .maxMessageBytes(256 * 1024)
                .sendBufferBytes(64 * 1024)
                .receiveBufferBytes(64 * 1024)
                .build();
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
        builder.maxMessageBytes = maxMessageBytes;
        builder.sendBufferBytes = sendBufferBytes;
        builder.receiveBufferBytes = receiveBufferBytes;
        builder.maxConnections = maxConnections;
        builder.maxPending = maxPending;
        builder.firstByteTimeout = firstByteTimeout;
        builder.pingInterval = pingInterval;
        builder.allowPlaintextOffLoopback = allowPlaintextOffLoopback;
        builder.allowedOrigins = allowedOrigins;
        builder.serverTls = serverTls;
        builder.clientTls = clientTls;
        builder.pinnedCertificates = pinnedCertificates;
        return builder;
    }

    /**
     * The hash by which a certificate can be {@linkplain Builder#pinnedCertificates pinned}.
     *
     * @param certificate any certificate
     * @return SHA-256 of its DER form, 64 lower-case hex digits
     */
    public static String certificateHash(X509Certificate certificate) {
        try {
            return Certificates.hex(Digests.sha256(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "the certificate has no DER form", e);
        }
    }

    /**
     * The largest message, before the context's own limit. A larger one that arrives ends the connection with close code
     * 1009.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * A send completes when no more than this waits to be written.
     *
     * @return bytes
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * Reading stops when so much has arrived that was not requested yet, and TCP holds the peer back.
     *
     * @return bytes
     */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /**
     * How many connections that have brought a message one listener has at a time; further ones get HTTP 503.
     *
     * @return connections
     */
    public int maxConnections() {
        return maxConnections;
    }

    /**
     * How many sockets and connections that have brought no message yet one listener has at a time, and half as many of one address.
     * One more ends the oldest of them, so that none of these places can be held against whoever comes and says something.
     *
     * @return connections
     */
    public int maxPending() {
        return maxPending;
    }

    /**
     * How long a socket that was accepted may take for its first byte; for the handshakes of TLS and HTTP it has {@link
     * dev.livesync.api.transport.TransportContext#connectTimeout} from then on.
     *
     * @return a positive duration
     */
    public Duration firstByteTimeout() {
        return firstByteTimeout;
    }

    /**
     * How often a ping keeps an idle connection alive through proxies, and after what silence TCP begins to probe whether
     * the peer is still there.
     *
     * @return zero for never
     */
    public Duration pingInterval() {
        return pingInterval;
    }

    /**
     * Whether {@code ws} may be listened at and dialled beyond this machine.
     *
     * @return false unless set
     */
    public boolean allowPlaintextOffLoopback() {
        return allowPlaintextOffLoopback;
    }

    /**
     * The web pages that may connect; every other request with an {@code Origin} header gets HTTP 403. Programs send no such
     * header and are not concerned.
     *
     * @return origins such as {@code https://example.org}, lower case
     */
    public Set<String> allowedOrigins() {
        return allowedOrigins;
    }

    /**
     * The certificates that are accepted, whatever they say and whoever issued them; if there are any, no others are.
     *
     * @return SHA-256 hashes, lower-case hex
     */
    public Set<String> pinnedCertificates() {
        return pinnedCertificates;
    }

    int maxMessageBytes(TransportContext context) {
        return Math.min(maxMessageBytes, context.maxMessageBytes());
    }

    @Nullable
    SSLContext serverTls() {
        return serverTls;
    }

    SSLContext clientTls() {
        if (pinsCertificates()) {
            return Tls.pinned(pinnedCertificates);
        }
        try {
            return clientTls != null ? clientTls : SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "this Java has no usable TLS: " + Failures.text(e), e);
        }
    }

    boolean pinsCertificates() {
        return !pinnedCertificates.isEmpty();
    }

    /** Makes configurations. Not for use by several threads at once. */
    public static final class Builder {
        private int maxMessageBytes = 1024 * 1024;
        private int sendBufferBytes = 512 * 1024;
        private int receiveBufferBytes = 256 * 1024;
        private int maxConnections = 1_024;
        private int maxPending = 1_024;
        private Duration firstByteTimeout = Duration.ofSeconds(2);
        private Duration pingInterval = Duration.ofSeconds(30);
        private boolean allowPlaintextOffLoopback;
        private Set<String> allowedOrigins = Set.of();
        private @Nullable SSLContext serverTls;
        private @Nullable SSLContext clientTls;
        private Set<String> pinnedCertificates = Set.of();

        private Builder() {}

        /**
         * Sets {@link WebSocketConfiguration#maxMessageBytes}.
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
         * Sets {@link WebSocketConfiguration#sendBufferBytes}.
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
         * Sets {@link WebSocketConfiguration#receiveBufferBytes}.
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
         * Sets {@link WebSocketConfiguration#maxConnections}.
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
         * Sets {@link WebSocketConfiguration#maxPending}.
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
         * Sets {@link WebSocketConfiguration#firstByteTimeout}.
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
         * Sets {@link WebSocketConfiguration#pingInterval}.
         *
         * @param interval a second or more, or zero for never
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is neither
         */
        public Builder pingInterval(Duration interval) {
            if (!interval.isZero() && interval.compareTo(Duration.ofSeconds(1)) < 0) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "pingInterval must be a second or more, or zero, not " + interval);
            }
            this.pingInterval = interval;
            return this;
        }

        /**
         * Sets {@link WebSocketConfiguration#allowPlaintextOffLoopback}.
         *
         * @param value whether plain text may leave this machine
         * @return this
         */
        public Builder allowPlaintextOffLoopback(boolean value) {
            this.allowPlaintextOffLoopback = value;
            return this;
        }

        /**
         * Sets {@link WebSocketConfiguration#allowedOrigins}.
         *
         * @param origins scheme, host and, where it is not the scheme's own, port; there are no wildcards
         * @return this
         */
        public Builder allowedOrigins(Set<String> origins) {
            Set<String> lower = new LinkedHashSet<>();
            origins.forEach(origin -> lower.add(origin.trim().toLowerCase(Locale.ROOT)));
            this.allowedOrigins = lower;
            return this;
        }

        /**
         * The keys to listen at {@code wss} with.
         *
         * @param context with a key manager; null for none
         * @return this
         */
        public Builder serverTls(@Nullable SSLContext context) {
            this.serverTls = context;
            return this;
        }

        /**
         * Reads the keys to listen at {@code wss} with from a PKCS #12 or JKS file, as {@code keytool} makes them.
         *
         * @param file the key store
         * @param password of the store and of its keys; not kept
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it can't be read, does not open with the password or
         *     holds no key
         */
        public Builder serverKeyStore(Path file, char[] password) {
            this.serverTls = Tls.fromKeyStore(file, password);
            return this;
        }

        /**
         * Whom to trust when dialling {@code wss}; host names are checked in any case.
         *
         * @param context with a trust manager; null for what Java trusts
         * @return this
         */
        public Builder clientTls(@Nullable SSLContext context) {
            this.clientTls = context;
            return this;
        }

        /**
         * Sets {@link WebSocketConfiguration#pinnedCertificates}: a peer is who it says if it has the key to one of these
         * certificates. Neither issuer, host name nor dates matter then, so self-signed ones will do.
         *
         * @param hashes SHA-256 in hex, colons allowed; see {@link WebSocketConfiguration#certificateHash}
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if one is none
         */
        public Builder pinnedCertificates(Set<String> hashes) {
            Set<String> normalized = new LinkedHashSet<>();
            for (String hash : hashes) {
                String hex = Certificates.normalized(hash);
                if (hex == null) {
                    throw new SyncException(
                            ErrorKind.CONFIGURATION,
                            "a pinned certificate is 64 hex digits of SHA-256, not '" + hash + "'");
                }
                normalized.add(hex);
            }
            this.pinnedCertificates = normalized;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return a configuration
         */
        public WebSocketConfiguration build() {
            return new WebSocketConfiguration(this);
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
