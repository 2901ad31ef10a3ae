package dev.livesync.bench.compare;

import dev.livesync.bench.report.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** All measurements, and the file that keeps them from one run to the next. One thread. */
public final class Figures {
    private static final String HEADING = "workload;system;documents;metric;round;value";

    private static final String NOTE = "# ";

    private final List<Measurement> all = new ArrayList<>();

    /** How it was measured, the last run of each kind. */
    private final List<String> notes = new ArrayList<>();

    /** A figure of one system beside that of another: the medians, and the ratios round by round. */
    record Pairing(double ours, double theirs, Samples ratios) {}

    /** Adds one. */
    void add(Measurement one) {
        all.add(one);
    }

    /**
     * Reads a file.
     *
     * @param file what {@link #write} wrote; nothing is read if it is not there
     * @return its measurements
     * @throws IOException if it can't be read
     */
    public static Figures read(Path file) throws IOException {
        Figures figures = new Figures();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                if (line.startsWith(NOTE)) {
                    figures.notes.add(line.substring(NOTE.length()));
                } else if (!line.equals(HEADING)) {
                    figures.add(parse(line));
                }
            }
        }
        return figures;
    }

    private static Measurement parse(String line) {
        String[] cells = line.split(";", -1);
        if (cells.length != 6) {
            throw new IllegalArgumentException("not a measurement: " + line);
        }
        return new Measurement(
                Workload.valueOf(cells[0].toUpperCase(Locale.ROOT)),
                cells[1],
                Integer.parseInt(cells[2]),
                Metric.of(cells[3]),
                Integer.parseInt(cells[4]),
                Double.parseDouble(cells[5]));
    }

    /**
     * Writes a line for each.
     *
     * @param file replaced
     * @throws IOException if it can't be written
     */
    public void write(Path file) throws IOException {
        List<String> lines = new ArrayList<>();
        notes.forEach(note -> lines.add(NOTE + note));
        lines.add(HEADING);
        for (Measurement one : all) {
            lines.add(String.join(
                    ";",
                    one.workload().title(),
                    one.system(),
                    Integer.toString(one.documents()),
                    one.metric().title(),
                    Integer.toString(one.round()),
                    String.format(Locale.ROOT, "%.4f", one.value()).replaceAll("\\.?0+$", "")));
        }
        Files.write(file, lines);
    }

    /**
     * Replaces earlier measurements of the same workloads, systems and sizes.
     *
     * @param newer takes their place
     */
    public void replace(Figures newer) {
        Set<String> again = newer.all.stream().map(Figures::place).collect(Collectors.toSet());
        all.removeIf(one -> again.contains(place(one)));
        all.addAll(newer.all);
    }

    /**
     * Adds how a run was done, in the place of an earlier run of the same kind and size.
     *
     * @param note one line; what is before its second semicolon says the kind and size
     */
    public void note(String note) {
        notes.removeIf(earlier -> kind(earlier).equals(kind(note)));
        notes.add(note);
    }

    private static String kind(String note) {
        return note.replaceFirst("^([^;]*;[^;]*).*", "$1");
    }

    /**
     * How the runs were done.
     *
     * @return a line each
     */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    private static String place(Measurement one) {
        return one.workload() + ";" + one.system() + ";" + one.documents();
    }

    /** What was measured, in the order of the rounds; empty if nothing was. */
    Optional<Samples> of(Workload workload, String system, int documents, Metric metric) {
        List<Double> values = all.stream()
                .filter(one -> is(one, workload, system, documents, metric))
                .map(Measurement::value)
                .toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(Samples.of(values));
    }

    /** The same with the ratio of two systems' figures, in those rounds that both have. */
    Optional<Pairing> of(Workload workload, String ours, String theirs, int documents, Metric metric) {
        List<Double> ratios = new ArrayList<>();
        for (Measurement one : all) {
            if (is(one, workload, ours, documents, metric)) {
                all.stream()
                        .filter(other -> other.round() == one.round() && is(other, workload, theirs, documents, metric))
                        .findFirst()
                        .ifPresent(other -> ratios.add(one.value() / other.value()));
            }
        }
        return ratios.isEmpty()
                ? Optional.empty()
                : Optional.of(new Pairing(
                        of(workload, ours, documents, metric).orElseThrow().median(),
                        of(workload, theirs, documents, metric).orElseThrow().median(),
                        Samples.of(ratios)));
    }

    private static boolean is(Measurement one, Workload workload, String system, int documents, Metric metric) {
        return one.workload() == workload
                && one.system().equals(system)
                && one.documents() == documents
                && one.metric() == metric;
    }

    /** The systems of a workload, in the order in which they came. */
    List<String> systems(Workload workload) {
        return all.stream()
                .filter(one -> one.workload() == workload)
                .map(Measurement::system)
                .distinct()
                .toList();
    }

    /** The sizes of a workload for a system, from small to large. */
    List<Integer> sizes(Workload workload, String system) {
        return all.stream()
                .filter(one -> one.workload() == workload && one.system().equals(system))
                .map(Measurement::documents)
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .toList();
    }
}
