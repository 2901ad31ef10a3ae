package dev.livesync;

/**
 * A listening address. Whoever dials it and proves its secret gets a session, which {@link Sync#sessions} lists and {@link
 * SyncListener#sessionOpened} announces.
 *
 * <p>Any thread.
 */
public interface Endpoint extends AutoCloseable {
    /**
     * What others dial: the address as bound, and the secret as its fragment. Carry it over a path you trust. Where only grants let in, it has
     * no secret of its own: append a grant's.
     *
     * @return an address for {@link Sync#dial(String)}
     */
    String address();

    /**
     * The same without the secret, for logs.
     *
     * @return the address as bound
     */
    String publicAddress();

    /** Stops listening. Sessions live on, and so do those of callers who have their answer and are about to confirm it. Idempotent; never blocks for long. */
    @Override
    void close();
}
