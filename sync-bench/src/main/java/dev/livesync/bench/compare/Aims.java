package dev.livesync.bench.compare;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.report.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What LiveSync is to reach beside the others, and whether it does. */
final class Aims {
    private static final String NOT_MEASURED = "–";
    private static final int MOST_RESYNC_BYTES = 500;

    private final Figures figures;
    private final int documents;
    private final int coldDocuments;
    private final String reference;
    private final Table table = new Table("what", "aim", "LiveSync", "beside", "ratio (quartiles)", "kept");

    /**
     * @param reference whom the aims name
     */
    Aims(Figures figures, int documents, int coldDocuments, String reference) {
        this.figures = figures;
        this.documents = documents;
        this.coldDocuments = coldDocuments;
        this.reference = reference;
    }

    /** A line for each; what was not measured is not kept either, and says so. */
    Table table() {
        resync();
        diff();
        init();
        memory();
        opening();
        live();
        return table;
    }

    private void resync() {
        most("resync, bytes", Metric.RESYNC_BYTES, MOST_RESYNC_BYTES, "%,.0f", Workload.COUNTED);
        sameAtAllSizes("resync, bytes at all sizes", Metric.RESYNC_BYTES, 0.01);
    }

    private void diff() {
        beside("diff, bytes, in batches", Workload.COUNTED, Participant.MEMORY, Metric.DIFF_BYTES, 1.2, "%,.0f");
        beside("diff, bytes, one by one", Workload.COUNTED, Participant.MEMORY, Metric.DIFF_SINGLE_BYTES, 2, "%,.0f");
        sameAtAllSizes("diff, bytes, in batches, at all sizes", Metric.DIFF_BYTES, 0.1);
        fastest();
        roundTrips();
    }

    /** Its time beside that of whoever takes the least, of Yjs's two forms the reference. */
    private void fastest() {
        Optional<String> fastest = figures.systems(Workload.WARM).stream()
                .filter(system -> !system.startsWith("LiveSync"))
                .filter(system -> system.equals(reference)
                        || !List.of(Participant.YJS, Participant.Y_WEBSOCKET).contains(system))
                .filter(system -> figures.of(Workload.WARM, system, documents, Metric.DIFF_MS)
                        .isPresent())
                .min(Comparator.comparingDouble(system -> figures.of(Workload.WARM, system, documents, Metric.DIFF_MS)
                        .orElseThrow()
                        .median()));
        fastest.ifPresentOrElse(
                other -> beside(
                        "diff, ms", Workload.WARM, Participant.MEMORY, other, documents, Metric.DIFF_MS, 0.5, "%.2f"),
                () -> missing("diff, ms", "at most 0.5 × the fastest's"));
    }

    /** After the handshake, with a delay: by the chain of messages, which a busy machine does not lengthen. */
    private void roundTrips() {
        Optional<Samples> open = figures.of(Workload.WARM, Participant.MEMORY, documents, Metric.OPEN_TRIPS);
        Optional<Samples> diff = figures.of(Workload.WARM, Participant.MEMORY, documents, Metric.DIFF_TRIPS);
        Optional<Samples> others = figures.of(Workload.WARM, reference, documents, Metric.DIFF_TRIPS);
        String what = "diff, round trips after the handshake";
        if (open.isEmpty() || diff.isEmpty()) {
            missing(what, "at most 1.5");
            return;
        }
        double trips = diff.get().median() - open.get().median();
        row(
                what,
                "at most 1.5",
                format("%.1f, of %.1f in all", trips, diff.get().median()),
                others.map(samples -> format("%.1f in all", samples.median())).orElse(NOT_MEASURED),
                "",
                trips <= 1.5);
    }

    private void init() {
        beside("init, ms, memory", Workload.WARM, Participant.MEMORY, Metric.INIT_MS, 0.1, "%,.1f");
        beside("init, ms, directory", Workload.WARM, Participant.DIRECTORY, Metric.INIT_MS, 0.2, "%,.1f");
        beside("init, bytes, in batches", Workload.COUNTED, Participant.MEMORY, Metric.INIT_BYTES, 1, "%,.0f");
        beside("init, bytes, one by one", Workload.COUNTED, Participant.MEMORY, Metric.INIT_SINGLE_BYTES, 1, "%,.0f");
    }

    private void memory() {
        for (String system : List.of(Participant.MEMORY, Participant.DIRECTORY)) {
            String store = system.substring(system.indexOf(' ') + 1);
            beside("peak RSS of A, bytes, " + store, Workload.COUNTED, system, Metric.PEAK_A, 1.5, "%,.0f");
            beside("peak RSS of B, bytes, " + store, Workload.COUNTED, system, Metric.PEAK_B, 1.5, "%,.0f");
        }
    }

    private void opening() {
        beside("cold, ms", Workload.COLD, Participant.MEMORY, reference, coldDocuments, Metric.COLD_MS, 3, "%,.0f");
        most("opening a session, warm, ms", Metric.OPEN_MS, 5, "%.2f", Workload.WARM);
    }

    private void live() {
        beside("live, p50, ms", Workload.WARM, Participant.MEMORY, Metric.LIVE_P50_MS, 0.5, "%.2f");
        beside("live, p99, ms", Workload.WARM, Participant.MEMORY, Metric.LIVE_P99_MS, 1 / 3.0, "%.2f");
        onDisk();
        beside("live, bytes", Workload.COUNTED, Participant.MEMORY, Metric.LIVE_BYTES, 1.2, "%.0f");
        beside("live, processors' ms at A", Workload.WARM, Participant.MEMORY, Metric.LIVE_CPU_A_MS, 1, "%.2f");
        beside("live, processors' ms at B", Workload.WARM, Participant.MEMORY, Metric.LIVE_CPU_B_MS, 1, "%.2f");
    }

    private void onDisk() {
        String what = "live, p50, ms, directory";
        Optional<Samples> ours = figures.of(Workload.WARM, Participant.DIRECTORY, documents, Metric.LIVE_P50_MS);
        Optional<Samples> disk = figures.of(Workload.WARM, Participant.DIRECTORY, documents, Metric.FSYNC_MS);
        if (ours.isEmpty() || disk.isEmpty()) {
            missing(what, "at most 2 × an fsync");
            return;
        }
        double ratio = ours.get().median() / disk.get().median();
        row(
                what,
                "at most 2 × an fsync",
                format("%.2f", ours.get().median()),
                format("%.2f", disk.get().median()),
                format("%.2f", ratio),
                ratio <= 2);
    }

    private void beside(String what, Workload workload, String ours, Metric metric, double aim, String format) {
        beside(what, workload, ours, reference, documents, metric, aim, format);
    }

    private void beside(
            String what,
            Workload workload,
            String ours,
            String theirs,
            int size,
            Metric metric,
            double aim,
            String format) {
        String wanted = format("at most %.3g × %s", aim, theirs);
        Optional<Figures.Pairing> found = figures.of(workload, ours, theirs, size, metric);
        if (found.isEmpty()) {
            missing(what, wanted);
            return;
        }
        Figures.Pairing pairing = found.get();
        row(
                what,
                wanted,
                format(format, pairing.ours()),
                format(format, pairing.theirs()),
                quartiles(pairing.ratios()),
                pairing.ratios().median() <= aim);
    }

    private void most(String what, Metric metric, double aim, String format, Workload workload) {
        String wanted = format("at most %.0f", aim);
        Optional<Samples> ours = figures.of(workload, Participant.MEMORY, documents, metric);
        if (ours.isEmpty()) {
            missing(what, wanted);
            return;
        }
        Optional<Samples> theirs = figures.of(workload, reference, documents, metric);
        row(
                what,
                wanted,
                format(format, ours.get().median()),
                theirs.map(samples -> format(format, samples.median())).orElse(NOT_MEASURED),
                "",
                ours.get().median() <= aim);
    }

    private void sameAtAllSizes(String what, Metric metric, double tolerance) {
        String wanted = format("within %.0f %%", tolerance * 100);
        List<Double> medians = new ArrayList<>();
        List<Integer> sizes = figures.sizes(Workload.COUNTED, Participant.MEMORY);
        for (int size : sizes) {
            figures.of(Workload.COUNTED, Participant.MEMORY, size, metric)
                    .ifPresent(samples -> medians.add(samples.median()));
        }
        if (medians.size() < 2) {
            missing(what, wanted);
            return;
        }
        Samples spread = Samples.of(medians);
        row(
                what,
                wanted,
                format("%,.0f to %,.0f", spread.min(), spread.max()),
                format("%,d to %,d documents", sizes.get(0), sizes.get(sizes.size() - 1)),
                format("%.3f", spread.max() / spread.min()),
                spread.max() / spread.min() <= 1 + tolerance);
    }

    private void missing(String what, String aim) {
        table.row(what, aim, NOT_MEASURED, NOT_MEASURED, "", "not measured");
    }

    private void row(String what, String aim, String ours, String theirs, String ratio, boolean kept) {
        table.row(what, aim, ours, theirs, ratio, kept ? "yes" : "**no**");
    }

    static String quartiles(Samples samples) {
        return format("%.2f (%.2f–%.2f)", samples.median(), samples.quantile(0.25), samples.quantile(0.75));
    }

    static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
