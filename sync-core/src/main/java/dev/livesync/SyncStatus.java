package dev.livesync;

/**
 * What a {@link Sync} is doing, at one moment. {@link #toString} and {@link #label} give the alpha's word for it.
 *
 * @param state that of its session; of the one that is least advanced where there are several; otherwise how far the
 *     exchange is that could become one
 * @param sessions how many sessions are open
 * @param offers how many offers of its own are open
 */
public record SyncStatus(SessionStatus state, int sessions, int offers) {
    /**
     * The alpha's word.
     *
     * @return lower case words
     */
    public String label() {
        return state.label();
    }

    /** The {@linkplain #label label}. */
    @Override
    public String toString() {
        return label();
    }
}
