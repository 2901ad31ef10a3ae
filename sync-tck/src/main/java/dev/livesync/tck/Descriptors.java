package dev.livesync.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The open descriptors of this process: files, sockets, selectors. */
final class Descriptors {
    private static final List<Path> LISTS = List.of(Path.of("/proc/self/fd"), Path.of("/dev/fd"));

    private Descriptors() {}

    /** How many are open; 0 where the platform does not tell. */
    static int open() {
        for (Path each : LISTS) {
            try (Stream<Path> list = Files.list(each)) {
                return (int) list.count();
            } catch (IOException e) {
                // Not there: the next, or none.
            }
        }
        return 0;
    }

    /** The same, once nothing is left that others have forgotten to close and that the collector will. */
    static int settled() {
        int before;
        int now = Integer.MAX_VALUE;
        do {
            before = now;
            System.gc();
            LockSupport.parkNanos(20_000_000);
            now = open();
        } while (now < before);
        return now;
    }
}
