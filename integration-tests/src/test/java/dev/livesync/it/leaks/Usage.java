package dev.livesync.it.leaks;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What this process holds, once garbage is collected. */
record Usage(long heapKilobytes, List<String> threads, List<String> descriptors, int snapshots, List<String> kept) {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    /** Objects that should be garbage, and snapshots that should be closed. */
    static final class Watch {
        private final List<Watched> watched = new ArrayList<>();
        private final CountedReplica.Count snapshots = new CountedReplica.Count();

        private int round;

        private record Watched(String name, int round, WeakReference<Object> object) {}

        synchronized void nextRound() {
            round++;
        }

        CountedReplica.Count snapshots() {
            return snapshots;
        }

        synchronized <T> T watch(String name, T object) {
            watched.add(new Watched(name, round, new WeakReference<>(object)));
            return object;
        }

        /** But for the last round, of which an idle thread or the hub may know a last object or two. */
        private synchronized List<String> kept() {
            watched.removeIf(each -> each.object.get() == null);
            return watched.stream()
                    .filter(each -> each.round < round)
                    .map(each -> each.name + " of round " + each.round)
                    .toList();
        }
    }

    /** Waits until it is no more than before, for what ends a moment after its close; then says what it is. */
    static Usage settled(Watch watch, @Nullable Usage before) {
        until(() -> {
            Usage now = now(watch);
            return now.kept.isEmpty()
                    && (before == null
                            || now.threads.size() <= before.threads.size()
                                    && now.descriptors.size() <= before.descriptors.size()
                                    && now.snapshots <= before.snapshots);
        });
        return now(watch);
    }

    /** The process's sockets, once they are so few or after a while. */
    static List<String> sockets(int expected) {
        until(() -> openSockets().size() <= expected);
        return openSockets();
    }

    private static List<String> openSockets() {
        return openDescriptors().stream()
                .filter(name -> name.startsWith("socket:"))
                .toList();
    }

    private static void until(BooleanSupplier settled) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!settled.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(50_000_000);
        }
    }

    private static Usage now(Watch watch) {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime runtime = Runtime.getRuntime();
        long heap = (runtime.totalMemory() - runtime.freeMemory()) >> 10;
        return new Usage(heap, liveThreads(), openDescriptors(), watch.snapshots.open(), watch.kept());
    }

    /** Native ones too; outside Linux those that Java knows. Not the hub's, the first Sync here, nor Netty's: they come and go. */
    private static List<String> liveThreads() {
        return allThreads().stream()
                .filter(name -> !name.matches("livesync-1-(work|time).*|globalEventExec.*"))
                .toList();
    }

    private static List<String> allThreads() {
        Path all = Path.of("/proc/self/task");
        if (!Files.isDirectory(all)) {
            return Thread.getAllStackTraces().keySet().stream()
                    .map(Thread::getName)
                    .sorted()
                    .toList();
        }
        return list(all, task -> Files.readString(task.resolve("comm")).strip());
    }

    private static List<String> openDescriptors() {
        Path all = Path.of("/proc/self/fd");
        return Files.isDirectory(all)
                ? list(all, fd -> Files.readSymbolicLink(fd).toString().replaceAll("[0-9]+", "N"))
                : List.of();
    }

    private interface Name {
        String of(Path path) throws IOException;
    }

    private static List<String> list(Path folder, Name name) {
        List<String> names = new ArrayList<>();
        try (Stream<Path> paths = Files.list(folder)) {
            for (Path path : paths.toList()) {
                try {
                    names.add(name.of(path));
                } catch (IOException e) {
                    // Gone since it was listed, as the listing's own descriptor is.
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        names.sort(null);
        return names;
    }

    /** What there is more of, or less, for whoever looks for a leak. */
    static Map<String, Integer> difference(List<String> before, List<String> after) {
        Map<String, Integer> counts = new TreeMap<>();
        before.forEach(name -> counts.merge(name, -1, Integer::sum));
        after.forEach(name -> counts.merge(name, 1, Integer::sum));
        counts.values().removeIf(count -> count == 0);
        return counts;
    }
}
