package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportFeature;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a memory transport behaves: its limits, and which features it claims. Immutable; any thread. */
public final class MemoryConfiguration {
    private static final MemoryConfiguration DEFAULTS = new Builder().build();

    private final int maxMessageBytes;
    private final int bufferMessages;
    private final long bufferBytes;
    private final boolean backpressure;
    private final boolean binding;
    private final boolean relayed;
    private final @Nullable String identity;

    private MemoryConfiguration(Builder builder) {
        this.maxMessageBytes = builder.maxMessageBytes;
        this.bufferMessages = builder.bufferMessages;
        this.bufferBytes = builder.bufferBytes;
        this.backpressure = builder.backpressure;
        this.binding = builder.binding;
        this.relayed = builder.relayed;
        this.identity = builder.identity;
    }

    /**
     * Messages up to 262,144 bytes, 64 messages or 1 MiB buffered each way, inbound backpressure, no binding, no identity.
     *
     * @return the defaults
     */
    public static MemoryConfiguration defaults() {
        return DEFAULTS;
    }

    /**
     * A wire like WebRTC's, which cannot push back: a receiver with more than {@link
     * dev.livesync.api.transport.TransportContext#inboundQueueBytes} unread fails with {@link ErrorKind#OVERFLOW}.
     *
     * @return the defaults without {@link TransportFeature#INBOUND_BACKPRESSURE}
     */
    public static MemoryConfiguration withoutBackpressure() {
        return DEFAULTS.toBuilder().backpressure(false).build();
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
        builder.bufferMessages = bufferMessages;
        builder.bufferBytes = bufferBytes;
        builder.backpressure = backpressure;
        builder.binding = binding;
        builder.relayed = relayed;
        builder.identity = identity;
        return builder;
    }

    /**
     * The largest message, before the context's own limit.
     *
     * @return bytes
     */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /**
     * How many messages may wait at this side before the peer's sends do. Without backpressure no number does.
     *
     * @return messages
     */
    public int bufferMessages() {
        return bufferMessages;
    }

    /**
     * How many bytes may wait at this side before the peer's sends do; one message may go over. Without backpressure the
     * context's {@link dev.livesync.api.transport.TransportContext#inboundQueueBytes} counts instead.
     *
     * @return bytes
     */
    public long bufferBytes() {
        return bufferBytes;
    }

    /**
     * Whether a full buffer makes the sender wait; otherwise it ends the channel.
     *
     * @return true for {@link TransportFeature#INBOUND_BACKPRESSURE}
     */
    public boolean backpressure() {
        return backpressure;
    }

    /**
     * Whether channels have a binding.
     *
     * @return true for {@link TransportFeature#CHANNEL_BINDING}
     */
    public boolean binding() {
        return binding;
    }

    /**
     * Whether channels count as relayed.
     *
     * @return true for {@link TransportFeature#RELAYED}
     */
    public boolean relayed() {
        return relayed;
    }

    /**
     * The name this side shows to peers, in the scheme {@code memory}. A side that has one accepts only peers that have one
     * too.
     *
     * @return the name; present for {@link TransportFeature#PEER_IDENTITY}
     */
    public Optional<String> identity() {
        return Optional.ofNullable(identity);
    }

    /** Makes configurations. Not for use by several threads at once. */
    public static final class Builder {
        private int maxMessageBytes = 262_144;
        private int bufferMessages = 64;
        private long bufferBytes = 1 << 20;
        private boolean backpressure = true;
        private boolean binding;
        private boolean relayed;
        private @Nullable String identity;

        private Builder() {}

        /**
         * Sets {@link MemoryConfiguration#maxMessageBytes}.
         *
         * @param bytes at least 1,024
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is less
         */
        public Builder maxMessageBytes(int bytes) {
            require(bytes >= 1024, "maxMessageBytes must be at least 1024, not " + bytes);
            this.maxMessageBytes = bytes;
            return this;
        }

        /**
         * Sets {@link MemoryConfiguration#bufferMessages} and {@link MemoryConfiguration#bufferBytes}.
         *
         * @param messages 1 or more
         * @param bytes 1 or more
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if one is less
         */
        public Builder buffer(int messages, long bytes) {
            require(messages >= 1 && bytes >= 1, "a buffer holds at least 1 message and 1 byte");
            this.bufferMessages = messages;
            this.bufferBytes = bytes;
            return this;
        }

        /**
         * Sets {@link MemoryConfiguration#backpressure}.
         *
         * @param value whether a full buffer makes the sender wait
         * @return this
         */
        public Builder backpressure(boolean value) {
            this.backpressure = value;
            return this;
        }

        /**
         * Sets {@link MemoryConfiguration#binding}.
         *
         * @param value whether channels have a binding
         * @return this
         */
        public Builder binding(boolean value) {
            this.binding = value;
            return this;
        }

        /**
         * Sets {@link MemoryConfiguration#relayed}.
         *
         * @param value whether channels count as relayed
         * @return this
         */
        public Builder relayed(boolean value) {
            this.relayed = value;
            return this;
        }

        /**
         * Sets {@link MemoryConfiguration#identity}.
         *
         * @param name what peers see; null for none
         * @return this
         * @throws SyncException {@link ErrorKind#CONFIGURATION} if it is empty
         */
        public Builder identity(@Nullable String name) {
            require(name == null || !name.isEmpty(), "an identity needs a name");
            this.identity = name;
            return this;
        }

        /**
         * Makes the configuration.
         *
         * @return a configuration
         */
        public MemoryConfiguration build() {
            return new MemoryConfiguration(this);
        }

        private static void require(boolean valid, String message) {
            if (!valid) {
                throw new SyncException(ErrorKind.CONFIGURATION, message);
            }
        }
    }
}
