package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Room, token, limits and policy of a PartyKit transport. Immutable; any thread.
 *
 * <p>A channel holds at most {@link #windowBytes} of what has arrived and was not requested, one message and 64 KiB of it that was handed on,
 * and {@link #sendBufferBytes} and one message of what is to be sent; times {@link #maxChannels} for a room. A room's socket holds about 1 MiB
 * besides.
 */
public final class PartyKitConfiguration {
    private static final PartyKitConfiguration DEFAULTS = new Builder().build();

    private final String room;
    private final @Nullable String token;
    private final Map<String, String> headers;
    private final @Nullable SSLContext tls;
    private final boolean allowPlaintextOffLoopback;
    private final int maxMessageBytes;
    private final int windowBytes;
    private final int sendBufferBytes;
    private final int maxChannels;
    private final Duration pingInterval;
    private final Duration reconnectFirst;
    private final Duration reconnectMost;

    private PartyKitConfiguration(Builder builder) {
        this.room = builder.room;
        this.token = builder.token;
        this.headers = Map.copyOf(builder.headers);
        this.tls = builder.tls;
        this.allowPlaintextOffLoopback = builder.allowPlaintextOffLoopback;
        this.maxMessageBytes = builder.maxMessageBytes;
        this.windowBytes = builder.windowBytes;
        this.sendBufferBytes = builder.sendBufferBytes;
        this.maxChannels = builder.maxChannels;
        this.pingInterval = builder.pingInterval;
        this.reconnectFirst = builder.reconnectFirst;
        this.reconnectMost = builder.reconnectMost;
    }

    /**
     * No room of its own, no token, the trust that Java has, {@code partykit+ws} on loopback only, messages up to 256 KiB, a window of 1 MiB and 512 KiB to be sent for each
     * channel, 256 channels a room, a ping every 30 seconds, and a lost room tried again after half a second, later up to a minute.
     *
     * @return the defaults
     */
    public static PartyKitConfiguration defaults() {
        return DEFAULTS;
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
        builder.room = room;
        builder.token = token;
        builder.headers = headers;
        builder.tls = tls;
        builder.allowPlaintextOffLoopback = allowPlaintextOffLoopback;
        builder.maxMessageBytes = maxMessageBytes;
        builder.windowBytes = windowBytes;
        builder.sendBufferBytes = sendBufferBytes;
        builder.maxChannels = maxChannels;
        builder.pingInterval = pingInterval;
        builder.reconnectFirst = reconnectFirst;
        builder.reconnectMost = reconnectMost;
        return builder;
    }

    /**
     * Where an offer is listened for when the user has not said where.
     *
     * @return an address without a seat, such as {@code partykit://host/parties/livesync/ROOM/}; empty if there is no such room
     */
    public String room() {
        return room;
    }

    /**
     * Whether {@code partykit+ws} may lead beyond this machine.
     *
     * @return false unless set
     */
    public boolean allowPlaintextOffLoopback() {
        return allowPlaintextOffLoopback;
    }

    /**
     * The largest message that is sent or taken, before the context's own limit.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * How much of a channel may be on its way to us, in the room or here, that the application has not requested.
     *
     * @return bytes, with 16 more for each piece of at most 64 KiB
     */
    public int windowBytes() {
        return windowBytes;
    }

    /**
     * A send completes when no more than this of its channel waits to be written.
     *
     * @return bytes
     */
    public int sendBufferBytes() {
        return sendBufferBytes;
    }

    /**
     * How many channels there may be in a room at a time; further ones are refused.
     *
     * @return channels
     */
    public int maxChannels() {
        return maxChannels;
    }

    /**
     * How often a ping keeps the connection to a room alive. When nothing at all has come for two intervals the connection counts as lost.
     *
     * @return zero for never
     */
    public Duration pingInterval() {
        return pingInterval;
    }

    /**
     * How long a listener waits before it connects to a lost room again; twice as long each time after that, and somewhere between half and
     * all of it.
     *
     * @return a positive duration
     */
    public Duration reconnectFirst() {
        return reconnectFirst;
    }

    /**
     * How long a listener waits at most before it connects to a lost room again.
     *
     * @return at least {@link #reconnectFirst}
     */
    public Duration reconnectMost() {
        return reconnectMost;
    }

    int maxMessageBytes(TransportContext context) {
        return Math.min(maxMessageBytes, context.maxMessageBytes());
    }

    /** The headers of the request, the token's among them. */
    Map<String, String> requestHeaders() {
        Map<String, String> all = new LinkedHashMap<>(headers);
        if (token != null) {
            all.put("Authorization", "Bearer " + token);
        }
        return all;
    }

    SSLContext tls() {
        try {
            return tls != null ? tls : SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "this Java has no usable TLS: " + RoomFailures.text(e), e);
        }
    }

    /** Makes configurations. Not for use by several threads at once. */
    public static final class Builder {
        private static final Set<String> OURS = Set.of("host", "upgrade", "connection", "authorization");

        private String room = "";
        private @Nullable String token;
        private Map<String, String> headers = Map.of();
        private @Nullable SSLContext tls;
        private boolean allowPlaintextOffLoopback;
        private int maxMessageBytes = 256 * 1024;
        private int windowBytes = RoomFrame.MOST_CREDIT;
        private int sendBufferBytes = 512 * 1024;
        private int maxChannels = 256;
        private Duration pingInterval = Duration.ofSeconds(30);
        private Duration reconnectFirst = Duration.ofMillis(500);
        private Duration reconnectMost = Duration.ofMinutes(1);

        private Builder() {}

        /**
         * Sets {@link PartyKitConfiguration#room}.
         *
         * @param address such as {@code partykit://host/parties/livesync/ROOM/}; empty for none
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is no address of a room, or names a seat
         */
        public Builder room(String address) {
            if (!address.isEmpty() && !RoomAddress.parse(address).seat().isEmpty()) {
                throw new SyncException(ErrorKind.CONFIGURATION, "a room is wanted, without a seat: " + address);
            }
            this.room = address;
            return this;
        }

        /**
         * The token with which rooms let us in. It goes to every room that is listened in or dialled: use a transport of its own for rooms of
         * others.
         *
         * @param value printable ASCII; null for none
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it can't stand in a header
         */
        public Builder token(@Nullable String value) {
            if (value != null) {
                requirePrintable("the token", value);
            }
            this.token = value;
            return this;
        }

        /**
         * What else the request for a WebSocket says, to every room.
         *
         * @param fields names and values of headers; not those that WebSocket itself or the token needs
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if one can't be sent
         */
        public Builder headers(Map<String, String> fields) {
            fields.forEach((name, value) -> {
                String lower = name.toLowerCase(Locale.ROOT);
                if (!name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
                        || OURS.contains(lower)
                        || lower.startsWith("sec-websocket-")) {
                    throw new SyncException(
                            ErrorKind.CONFIGURATION, "not a header to add: " + RoomFailures.shown(name));
                }
                requirePrintable("the header " + name, value);
            });
            this.headers = Map.copyOf(fields);
            return this;
        }

        private static void requirePrintable(String what, String value) {
            if (!value.matches("[\\x20-\\x7e]{1,4096}")) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, what + " must be 1 to 4,096 printable characters of ASCII");
            }
        }

        /**
         * Whom to trust at {@code partykit} addresses; host names are checked in any case.
         *
         * @param context with a trust manager; null for what Java trusts
         * @return this
         */
        public Builder tls(@Nullable SSLContext context) {
            this.tls = context;
            return this;
        }

        /**
         * Sets {@link PartyKitConfiguration#allowPlaintextOffLoopback}.
         *
         * @param value whether plain text may leave this machine
         * @return this
         */
        public Builder allowPlaintextOffLoopback(boolean value) {
            this.allowPlaintextOffLoopback = value;
            return this;
        }

        /**
         * Sets {@link PartyKitConfiguration#maxMessageBytes}.
         *
         * @param bytes 1,024 to 512 KiB
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder maxMessageBytes(int bytes) {
            this.maxMessageBytes = within("maxMessageBytes", bytes, 1_024, RoomFrame.MOST_CREDIT / 2);
            return this;
        }

        /**
         * Sets {@link PartyKitConfiguration#windowBytes}.
         *
         * @param bytes 4,096 to 1 MiB; at least twice {@link #maxMessageBytes}, which {@link #build} sees to
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder windowBytes(int bytes) {
            this.windowBytes = within("windowBytes", bytes, 4_096, RoomFrame.MOST_CREDIT);
            return this;
        }

        /**
         * Sets {@link PartyKitConfiguration#sendBufferBytes}.
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
         * Sets {@link PartyKitConfiguration#maxChannels}.
         *
         * @param channels 1 to 10,000
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is outside
         */
        public Builder maxChannels(int channels) {
            this.maxChannels = within("maxChannels", channels, 1, 10_000);
            return this;
        }

        /**
         * Sets {@link PartyKitConfiguration#pingInterval}.
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
         * Sets {@link PartyKitConfiguration#reconnectFirst} and {@link PartyKitConfiguration#reconnectMost}.
         *
         * @param first a millisecond or more
         * @param most not less; an hour or less
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if they are outside
         */
        public Builder reconnectAfter(Duration first, Duration most) {
            if (first.compareTo(Duration.ofMillis(1)) < 0
                    || most.compareTo(first) < 0
                    || most.compareTo(Duration.ofHours(1)) > 0) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "reconnectAfter wants a millisecond or more and an hour or less, not " + first + " and "
                                + most);
            }
            this.reconnectFirst = first;
            this.reconnectMost = most;
            return this;
        }

        private static int within(String what, int value, int least, int most) {
            if (value < least || value > most) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, what + " must be " + least + " to " + most + ", not " + value);
            }
            return value;
        }

        /**
         * Makes the configuration; the builder can be used further.
         *
         * @return a new configuration
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if the window is less than twice the largest message
         */
        public PartyKitConfiguration build() {
            if (windowBytes < 2 * maxMessageBytes) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "windowBytes must be at least twice maxMessageBytes, not " + windowBytes + " where that is "
                                + maxMessageBytes);
            }
            return new PartyKitConfiguration(this);
        }
    }
}
