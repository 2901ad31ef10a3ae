package dev.livesync.api.transport;

/** A bound address. Any thread. */
public interface Listening extends AutoCloseable {
    /**
     * Where to dial: the address as bound, with the real port.
     *
     * @return an address that {@link DialingTransport#dial} of the same transport takes
     */
    String address();

    /**
     * Stops accepting and frees the address. Idempotent, bounded; channels that were accepted live on. No call of the
     * acceptor begins after it has returned.
     */
    @Override
    void close();
}
