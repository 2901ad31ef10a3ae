package dev.livesync.bench.compare;

import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.SampleDocuments;
import dev.livesync.bench.workload.Scratch;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A new database at A and one at B, of any system, and what workloads do with the two. */
final class SyncedSides implements AutoCloseable {
    private static final Pattern PORT = Pattern.compile("127\\.0\\.0\\.1:([0-9]+)");

    private static final String NAME = "documents";

    /** How long a sync took, and how long until its session was open, where the system says that. */
    record Took(double millis, double opened) {}

    private final Participant participant;
    private final ProcessPair pair;
    private final Scratch scratch;
    private final long seed;
    private final String atA;
    private final String atB;
    private final SampleDocuments documents;

    SyncedSides(Participant participant, ProcessPair pair, Scratch scratch, long seed) {
        this.participant = participant;
        this.pair = pair;
        this.scratch = scratch;
        this.seed = seed;
        this.atA = place();
        this.atB = place();
        this.documents = new SampleDocuments(seed);
        pair.a(Line.of("open").with("name", NAME).with("store", atA));
        pair.b(Line.of("open").with("name", NAME).with("store", atB));
    }

    private String place() {
        return participant.store().equals("directory") ? scratch.next().toString() : participant.store();
    }

    /** Writes documents at A, so many at once. */
    void fillA(int from, int count, int batch) throws IOException {
        if (participant.ours()) {
            pair.a(fill(from, count, batch));
        } else {
            try (DocumentFile file = new DocumentFile(from, count)) {
                pair.a(load(file, batch));
            }
        }
    }

    /** The same at B. */
    void fillB(int from, int count, int batch) throws IOException {
        if (participant.ours()) {
            pair.b(fill(from, count, batch));
        } else {
            try (DocumentFile file = new DocumentFile(from, count)) {
                pair.b(load(file, batch));
            }
        }
    }

    private Line fill(int from, int count, int batch) {
        return numbered(Line.of("fill"), from, count).with("revision", 0).with("batch", batch);
    }

    private Line numbered(Line line, int from, int count) {
        return line.with("name", NAME).with("from", from).with("count", count).with("seed", seed);
    }

    private static Line load(DocumentFile file, int batch) {
        return Line.of("load").with("name", NAME).with("file", file.path).with("batch", batch);
    }

    /** A listens from now on. */
    String serve() {
        return pair.a(Line.of("serve").with("name", NAME)).text("address");
    }

    /** The port of an address. */
    static int port(String address) {
        Matcher port = PORT.matcher(address);
        if (!port.find()) {
            throw new IllegalArgumentException("an address without a port: " + address);
        }
        return Integer.parseInt(port.group(1));
    }

    /** The same address by another port. */
    static String through(String address, int port) {
        return PORT.matcher(address).replaceFirst("127.0.0.1:" + port);
    }

    /** B dials, and stays. */
    Took sync(String address) {
        Line answer = pair.b(Line.of("sync")
                .with("name", NAME)
                .with("address", address)
                .with("stay", true)
                .with("live", false));
        double opened = participant.ours() ? answer.number("opened") / 1e6 : Double.NaN;
        return new Took(answer.number("nanos") / 1e6, opened);
    }

    /** B dials, and stays to hear what changes. */
    void connect(String address) {
        pair.b(Line.of("sync")
                .with("name", NAME)
                .with("address", address)
                .with("stay", true)
                .with("live", true));
    }

    /** B dials and waits for all that was there; answers when its session was open, where LiveSync alone has a word for that. */
    Instant open(String address) {
        if (!participant.ours()) {
            sync(address);
            return Instant.now();
        }
        pair.b(Line.of("dial").with("name", NAME).with("address", address));
        Instant opened = Instant.now();
        pair.b(Line.of("backlog").with("name", NAME));
        return opened;
    }

    /** Both sides are without a connection afterwards. */
    void leave() {
        pair.b(Line.of("leave").with("name", NAME));
        pair.a(Line.of("leave").with("name", NAME));
    }

    /** Fails if they are not equal. */
    void requireEqual() {
        pair.requireEqual(NAME, NAME);
    }

    /** From now on both sides note when something changes. */
    void watch() {
        pair.a(Line.of("watch").with("name", NAME));
        pair.b(Line.of("watch").with("name", NAME));
    }

    /** When documents could be read at A, by the machine's clock in microseconds; waits for them. */
    long[] arrivedAtA(int from, int count) throws IOException {
        try (DocumentFile file = new DocumentFile(from, count)) {
            return pair.a(arrived(file, from, count)).numbers("times");
        }
    }

    /** The same at B. */
    long[] arrivedAtB(int from, int count) throws IOException {
        try (DocumentFile file = new DocumentFile(from, count)) {
            return pair.b(arrived(file, from, count)).numbers("times");
        }
    }

    private Line arrived(DocumentFile file, int from, int count) {
        return numbered(Line.of("arrived"), from, count).with("file", file.path);
    }

    /** Single puts at A at a pace; from the call of put to the call of B's listener, in milliseconds. */
    Samples live(int from, int count, long micros) throws IOException {
        pair.b(Line.of("watch").with("name", NAME));
        long[] put;
        try (DocumentFile file = new DocumentFile(from, count)) {
            Line line = numbered(Line.of("put-paced"), from, count).with("file", file.path);
            put = pair.a(line.with("micros", micros)).numbers("times");
        }
        long[] visible = arrivedAtB(from, count);
        double[] millis = new double[count];
        for (int i = 0; i < count; i++) {
            millis[i] = (visible[i] - put[i]) / 1e3;
        }
        return Samples.of(millis);
    }

    @Override
    public void close() throws IOException {
        pair.b(Line.of("close").with("name", NAME));
        pair.a(Line.of("close").with("name", NAME));
        if (participant.store().equals("directory")) {
            Scratch.delete(Path.of(atA));
            Scratch.delete(Path.of(atB));
        }
    }

    /** Documents for a system that doesn't make its own: a line for each, its id and its content. */
    private final class DocumentFile implements AutoCloseable {
        private final Path path = scratch.next();

        DocumentFile(int from, int count) throws IOException {
            try (BufferedWriter out = Files.newBufferedWriter(path)) {
                for (int i = from; i < from + count; i++) {
                    out.write("[\"" + SampleDocuments.id(i) + "\"," + documents.json(i) + "]\n");
                }
            }
        }

        @Override
        public void close() throws IOException {
            Files.delete(path);
        }
    }
}
