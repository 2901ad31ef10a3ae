package dev.livesync.bench.compare;

import java.util.Locale;

/** In which processes something is measured. */
public enum Workload {
    /** Fresh ones with a small heap, through a proxy that counts. */
    COUNTED,
    /** Those of the whole run, warm, directly; and through a link with a delay. */
    WARM,
    /** Fresh ones, directly: the first sync that they do. */
    COLD;

    /**
     * In options and in the file of the figures.
     *
     * @return the name in small letters
     */
    public String title() {
        return name().toLowerCase(Locale.ROOT);
    }
}
