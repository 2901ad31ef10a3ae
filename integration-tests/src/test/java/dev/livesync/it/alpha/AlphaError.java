package dev.livesync.it.alpha;

/** What an alpha threw. */
public final class AlphaError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    AlphaError(String message) {
        super(message);
    }
}
