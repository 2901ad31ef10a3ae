package dev.livesync.tck;

import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.TransportProvider;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What listing a provider touches. In a process of its own where the provider can be made by name: here, everything may
 * have been touched before.
 */
final class ListingProbe {
    private static final Path MAPS = Path.of("/proc/self/maps");
    private static final Path FILES = Path.of("/proc/self/fd");

    private ListingProbe() {}

    /** A line for each library loaded, thread started, and socket opened. */
    static List<String> touchedBy(TransportProvider provider, Duration patience)
            throws IOException, InterruptedException {
        if (!OtherJvm.canMake(provider.getClass())) {
            return touched(() -> ask(provider));
        }
        OtherJvm.Outcome listed = new OtherJvm(ListingProbe.class, patience).run(provider.getClass());
        return listed.succeeded()
                ? listed.lines().stream()
                        .filter(line -> line.startsWith("touched "))
                        .toList()
                : listed.lines();
    }

    /**
     * The other process.
     *
     * @param args the provider's class
     */
    public static void main(String... args) throws Exception {
        touched(() -> System.getLogger("x")); // what the JDK itself loads on the way
        List<String> touched = touched(() -> {
            try {
                ask(Class.forName(args[0])
                        .asSubclass(TransportProvider.class)
                        .getConstructor()
                        .newInstance());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(args[0] + " cannot be made", e);
            }
        });
        touched.forEach(System.out::println);
        Runtime.getRuntime().halt(0); // whatever was started would keep us
    }

    private static void ask(TransportProvider provider) {
        var unused = List.of(
                provider.id(),
                provider.schemes(),
                provider.localAddress(),
                provider.features(),
                provider.recognizes(new Signal(Signal.Kind.OFFER, Map.of())));
    }

    private static List<String> touched(Runnable work) throws IOException {
        Set<String> before = inventory();
        work.run();
        Set<String> after = inventory();
        after.removeAll(before);
        return new ArrayList<>(after);
    }

    private static Set<String> inventory() throws IOException {
        Set<String> found = new TreeSet<>();
        Path home = Path.of(System.getProperty("java.home")).toRealPath();
        // Elsewhere than on Linux only threads can be seen.
        if (Files.isReadable(MAPS)) {
            for (String line : Files.readAllLines(MAPS)) {
                String file = line.substring(line.lastIndexOf(' ') + 1);
                if (file.matches(".*\\.so(\\.\\d+)*") && !file.startsWith(home + File.separator)) {
                    found.add("touched the native library " + file);
                }
            }
            try (Stream<Path> open = Files.list(FILES)) {
                for (Path each : open.toList()) {
                    try {
                        String target = Files.readSymbolicLink(each).toString();
                        if (target.startsWith("socket:")) {
                            found.add("touched " + target);
                        }
                    } catch (IOException e) {
                        // Closed meanwhile.
                    }
                }
            }
        }
        Thread.getAllStackTraces().keySet().stream()
                .filter(thread ->
                        thread.getThreadGroup() == Thread.currentThread().getThreadGroup())
                .forEach(thread -> found.add("touched the thread " + thread.getName() + ", which was started"));
        return found;
    }
}
