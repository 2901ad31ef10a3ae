package dev.livesync.api.transport;

/** What a transport may be able to do. Each constant says which methods it is about, and what happens without it. */
public enum TransportFeature {
    /**
     * {@link Channel#request}: an unread message stays with the sender, however many there are. Without it the wire cannot
     * push back: the channel bounds its inbound queue and closes with {@link dev.livesync.api.ErrorKind#OVERFLOW} when it
     * is full.
     */
    INBOUND_BACKPRESSURE,
    /** {@link Channel#binding} is present, at least where the address asks for encryption. Without it, it is empty. */
    CHANNEL_BINDING,
    /** {@link Channel#peer} is present. Without it, it is empty. */
    PEER_IDENTITY,
    /** What travels is encrypted by the transport itself, at least where the address asks for it. */
    ENCRYPTED,
    /**
     * Channels go through somebody else's server, which passes on each message. Of two peers on such a channel both look for a direct one
     * ({@link SignallingTransport}), where they have a transport for that and no {@link Channel#binding}; without it they stay where they are.
     * Nothing about the channel itself.
     */
    RELAYED
}
