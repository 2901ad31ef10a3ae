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
    ENCRYPTED
}
