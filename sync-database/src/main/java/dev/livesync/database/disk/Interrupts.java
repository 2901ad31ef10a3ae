package dev.livesync.database.disk;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;

/** Keeps interrupts of a user's thread away from I/O: a channel would close on them. */
final class Interrupts {
    private Interrupts() {}

    /** An action that can be repeated. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException;
    }

    /** Runs an action, and again if an interrupt broke it off. The interrupt is still set afterwards. */
    static <T> T shield(Action<T> action) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return action.run();
                } catch (ClosedByInterruptException e) {
                    interrupted |= Thread.interrupted();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
