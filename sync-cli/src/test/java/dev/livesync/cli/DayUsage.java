package dev.livesync.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.ObjectName;

/** What this process holds once garbage is collected. */
final class DayUsage {
    /** Of the JDK's and the libraries', which come and go as they like, and a pool's, which end when nothing is done for a while: pools are counted as objects. */
    private static final Pattern PASSING = Pattern.compile(
            "livesync-[0-9]+-(?:worker|timer)-.*|HttpClient-[0-9]+-Worker.*|ForkJoinPool.*|globalEvent.*|Attach Listener|Keep-Alive-Timer|process reaper.*");

    private static final Pattern LINE = Pattern.compile("\\s*[0-9]+:\\s+([0-9]+)\\s+([0-9]+)\\s+(\\S+).*");

    private DayUsage() {}

    /** Bytes that are in use, after three collections. */
    static long heap() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** Threads by name, without those that come and go. */
    static Map<String, Integer> threads() {
        Map<String, Integer> found = new TreeMap<>();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (!PASSING.matcher(thread.getName()).matches()) {
                found.merge(thread.getName().replaceAll("[0-9]+", "N"), 1, Integer::sum);
            }
        }
        return found;
    }

    static int descriptors() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return (int) all.count();
        }
    }

    static int files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return (int) all.filter(Files::isRegularFile).count();
        }
    }

    /** How many objects there are of each class that is ours or keeps what is ours. */
    static Map<String, Long> objects() throws JMException {
        String text = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        Map<String, Long> counts = new TreeMap<>();
        text.lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .forEach(line -> counts.put(line.group(3), Long.parseLong(line.group(1))));
        return counts;
    }
}
