package dev.livesync.bench.compare;

import dev.livesync.bench.plot.DotPlot;
import dev.livesync.bench.plot.LinePlot;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The comparison for people: tables, and plots beside them. The text around them is written by hand. */
public final class Page {
    private static final String BEGIN = "<!-- ./livesync bench compare --write: from here -->";
    private static final String END = "<!-- ./livesync bench compare --write: up to here -->";

    private final Figures figures;
    private final int documents;
    private final int coldDocuments;

    /**
     * A page about some figures.
     *
     * @param figures what has been measured
     * @param documents which size the tables are about
     * @param coldDocuments which size, in cold processes
     */
    public Page(Figures figures, int documents, int coldDocuments) {
        this.figures = figures;
        this.documents = documents;
        this.coldDocuments = coldDocuments;
    }

    /**
     * The tables.
     *
     * @return Markdown
     */
    public String tables() {
        StringBuilder text = new StringBuilder();
        boolean bare = isMeasured(Participant.YJS);
        if (isMeasured(Participant.Y_WEBSOCKET) || !bare) {
            aims(
                    text,
                    Participant.Y_WEBSOCKET,
                    "The aims, beside Yjs as people run it: with y-websocket at both ends.");
        }
        if (bare) {
            aims(text, Participant.YJS, "The same beside Yjs over bare sockets, without what it could do without.");
        }
        add(text, "Warm processes, no proxy; medians of the rounds.", warm());
        add(text, "Fresh processes, through the proxy that counts; medians.", counted());
        add(
                text,
                "The same by size: bytes of an initial sync per document, of a resync, of a diff in batches.",
                growth());
        return text.toString();
    }

    private boolean isMeasured(String system) {
        return Arrays.stream(Workload.values())
                .anyMatch(workload -> figures.systems(workload).contains(system));
    }

    private void aims(StringBuilder text, String reference, String caption) {
        text.append(text.length() == 0 ? "" : "\n").append(caption).append("\n\n");
        text.append(new Aims(figures, documents, coldDocuments, reference).table());
    }

    private static void add(StringBuilder text, String caption, Table table) {
        text.append('\n').append(caption).append("\n\n").append(table);
    }

    private Table warm() {
        Table table = new Table(
                "system",
                "documents",
                "init docs/s",
                "CPU ms",
                "resync ms",
                "diff ms",
                "one by one",
                "live p50 ms",
                "p99 ms",
                "CPU A, B ms",
                "over the link: resync ms",
                "round trips",
                "diff ms",
                "round trips",
                "cold ms");
        for (String system : figures.systems(Workload.WARM)) {
            for (int size : figures.sizes(Workload.WARM, system)) {
                BiFunction<Metric, String, String> cell =
                        (metric, format) -> figures.of(Workload.WARM, system, size, metric)
                                .map(samples -> Aims.format(format, samples.median()))
                                .orElse("–");
                table.row(
                        system,
                        Aims.format("%,d", size),
                        figures.of(Workload.WARM, system, size, Metric.INIT_MS)
                                .map(samples -> Aims.format("%,.0f", size / samples.median() * 1e3))
                                .orElse("–"),
                        cell.apply(Metric.INIT_CPU_MS, "%,.0f"),
                        cell.apply(Metric.RESYNC_MS, "%,.1f"),
                        cell.apply(Metric.DIFF_MS, "%,.1f"),
                        cell.apply(Metric.DIFF_SINGLE_MS, "%,.1f"),
                        cell.apply(Metric.LIVE_P50_MS, "%,.2f"),
                        cell.apply(Metric.LIVE_P99_MS, "%,.1f"),
                        cell.apply(Metric.LIVE_CPU_A_MS, "%.2f") + ", " + cell.apply(Metric.LIVE_CPU_B_MS, "%.2f"),
                        cell.apply(Metric.DELAYED_RESYNC_MS, "%,.0f"),
                        cell.apply(Metric.RESYNC_TRIPS, "%.1f"),
                        cell.apply(Metric.DELAYED_DIFF_MS, "%,.0f"),
                        cell.apply(Metric.DIFF_TRIPS, "%.1f"),
                        cold(system));
            }
        }
        return table;
    }

    private String cold(String system) {
        return figures.of(Workload.COLD, system, coldDocuments, Metric.COLD_MS)
                .map(samples -> Aims.format("%,.0f", samples.median()))
                .orElse("–");
    }

    private Table counted() {
        Table table = new Table(
                "system", "init B/doc", "one by one", "resync B", "diff B", "one by one", "live B", "peak RSS A, B MB");
        for (String system : figures.systems(Workload.COUNTED)) {
            if (figures.sizes(Workload.COUNTED, system).contains(documents)) {
                table.row(
                        system,
                        counted(system, documents, Metric.INIT_BYTES, documents, "%,.0f"),
                        counted(system, documents, Metric.INIT_SINGLE_BYTES, documents, "%,.0f"),
                        counted(system, documents, Metric.RESYNC_BYTES, 1, "%,.0f"),
                        counted(system, documents, Metric.DIFF_BYTES, 1, "%,.0f"),
                        counted(system, documents, Metric.DIFF_SINGLE_BYTES, 1, "%,.0f"),
                        counted(system, documents, Metric.LIVE_BYTES, 1, "%,.0f"),
                        counted(system, documents, Metric.PEAK_A, 1e6, "%,.0f") + ", "
                                + counted(system, documents, Metric.PEAK_B, 1e6, "%,.0f"));
            }
        }
        return table;
    }

    private Table growth() {
        Table table = new Table(
                "system",
                "documents",
                "init docs/s",
                "init B/doc",
                "resync B",
                "ms",
                "diff B",
                "ms",
                "peak RSS A, B MB");
        for (String system : figures.systems(Workload.COUNTED)) {
            for (int size : figures.sizes(Workload.COUNTED, system)) {
                table.row(
                        system,
                        Aims.format("%,d", size),
                        figures.of(Workload.COUNTED, system, size, Metric.INIT_MS)
                                .map(samples -> Aims.format("%,.0f", size / samples.median() * 1e3))
                                .orElse("–"),
                        counted(system, size, Metric.INIT_BYTES, size, "%,.1f"),
                        counted(system, size, Metric.RESYNC_BYTES, 1, "%,.0f"),
                        counted(system, size, Metric.RESYNC_MS, 1, "%,.0f"),
                        counted(system, size, Metric.DIFF_BYTES, 1, "%,.0f"),
                        counted(system, size, Metric.DIFF_MS, 1, "%,.0f"),
                        counted(system, size, Metric.PEAK_A, 1e6, "%,.0f") + ", "
                                + counted(system, size, Metric.PEAK_B, 1e6, "%,.0f"));
            }
        }
        return table;
    }

    private String counted(String system, int size, Metric metric, double unit, String format) {
        return figures.of(Workload.COUNTED, system, size, metric)
                .map(samples -> Aims.format(format, samples.median() / unit))
                .orElse("–");
    }

    /** The plots by the names of their files. */
    Map<String, String> plots() {
        Map<String, String> plots = new LinkedHashMap<>();
        growth(plots, "resync-bytes.svg", "Bytes of a reconnect with nothing new", Metric.RESYNC_BYTES);
        growth(plots, "diff-bytes.svg", "Bytes for ten new documents at each end, in batches", Metric.DIFF_BYTES);
        growth(plots, "init-bytes.svg", "Bytes of an initial sync", Metric.INIT_BYTES);
        dots(plots, "init-ms.svg", "Initial sync, warm", "ms", Workload.WARM, documents, Metric.INIT_MS);
        dots(
                plots,
                "diff-ms.svg",
                "Ten new documents at each end, warm",
                "ms",
                Workload.WARM,
                documents,
                Metric.DIFF_MS);
        dots(
                plots,
                "live-ms.svg",
                "A live put: the median as a point, p99 as a ring",
                "ms",
                Workload.WARM,
                documents,
                Metric.LIVE_P50_MS,
                Metric.LIVE_P99_MS);
        dots(
                plots,
                "delayed-ms.svg",
                "Over a link with a delay: a resync as a point, a diff as a ring",
                "ms",
                Workload.WARM,
                documents,
                Metric.DELAYED_RESYNC_MS,
                Metric.DELAYED_DIFF_MS);
        dots(
                plots,
                "cold-ms.svg",
                "The first sync of fresh processes",
                "ms",
                Workload.COLD,
                coldDocuments,
                Metric.COLD_MS);
        return plots;
    }

    private void growth(Map<String, String> plots, String file, String title, Metric metric) {
        Map<String, Map<Integer, Double>> lines = new LinkedHashMap<>();
        for (String system : figures.systems(Workload.COUNTED)) {
            Map<Integer, Double> line = new TreeMap<>();
            for (int size : figures.sizes(Workload.COUNTED, system)) {
                figures.of(Workload.COUNTED, system, size, metric)
                        .ifPresent(samples -> line.put(size, samples.median()));
            }
            if (!line.isEmpty()) {
                lines.put(system, line);
            }
        }
        if (!lines.isEmpty()) {
            plots.put(file, LinePlot.draw(title, "documents", lines));
        }
    }

    private void dots(
            Map<String, String> plots,
            String file,
            String title,
            String unit,
            Workload workload,
            int size,
            Metric... kinds) {
        Map<String, List<Samples>> rows = new LinkedHashMap<>();
        for (String system : figures.systems(workload)) {
            List<Samples> samples = new ArrayList<>();
            for (Metric kind : kinds) {
                Optional<Samples> found = figures.of(workload, system, size, kind);
                found.ifPresent(samples::add);
            }
            if (samples.size() == kinds.length) {
                rows.put(system, samples);
            }
        }
        if (!rows.isEmpty()) {
            plots.put(file, DotPlot.draw(title + Aims.format(", %,d documents", size), unit, rows));
        }
    }

    /**
     * Puts tables and plots into a page, in the place of those that are there between two marks.
     *
     * @param page Markdown with the marks
     * @param folder of the plots, beside the page
     * @param notes how it was measured, a line each
     * @throws IOException if a file can't be read or written
     */
    public void write(Path page, String folder, List<String> notes) throws IOException {
        String text = Files.readString(page);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException(page.getFileName() + " lacks the lines " + BEGIN + " and " + END);
        }
        Path plotFolder = page.resolveSibling(folder);
        Files.createDirectories(plotFolder);
        StringBuilder middle = new StringBuilder("\n\n");
        notes.forEach(note -> middle.append("- ").append(note).append('\n'));
        middle.append('\n').append(tables()).append('\n');
        for (Map.Entry<String, String> plot : plots().entrySet()) {
            Files.writeString(plotFolder.resolve(plot.getKey()), plot.getValue());
            String title = plot.getValue().replaceAll("(?s).*?<title>(.*?)</title>.*", "$1");
            middle.append("![")
                    .append(title)
                    .append("](")
                    .append(folder)
                    .append('/')
                    .append(plot.getKey())
                    .append(")\n");
        }
        Files.writeString(page, text.substring(0, begin + BEGIN.length()) + middle + text.substring(end));
    }
}
