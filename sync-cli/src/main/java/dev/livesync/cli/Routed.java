package dev.livesync.cli;

import java.nio.file.Path;
import java.util.List;

/**
 * A command on one database that the process runs which has that database open, if there is one. So it opens its database by {@link Databases}, and its
 * files by {@link Console#files}: both may be elsewhere.
 */
interface Routed {
    /** The database's directory. */
    Path directory();

    /** The files that it reads. */
    default List<Path> reads() {
        return List.of();
    }

    /** The files that it writes. */
    default List<Path> writes() {
        return List.of();
    }

    /** Whether it goes through another process with the options that it has. */
    default boolean isRouted() {
        return true;
    }

    /** Whether it has no end of its own, so that being stopped is its success. */
    default boolean endsWhenAsked() {
        return false;
    }
}
