package dev.livesync.cli;

import dev.livesync.database.ChangesSince;
import java.util.function.Consumer;

/** Looks now and then what has changed. One thread. */
interface ChangeFollower {
    /** Looks once, and calls with the changes since the last look if there are any. */
    void look(Consumer<ChangesSince> action);
}
