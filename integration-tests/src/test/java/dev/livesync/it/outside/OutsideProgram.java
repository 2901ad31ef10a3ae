package dev.livesync.it.outside;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A host's process. It says what its directory holds, listens or keeps dialling, and then does what it is told on standard input until that ends
 * or it is killed. What it prints is the outside's only knowledge:
 *
 * <pre>
 * has ID N          a document that is there as it opens, and its number
 * problem TEXT      something that doesn't verify
 * ready
 * stored ID N       a put that has returned
 * delivered PEER N  a peer's acknowledgement of all that was stored here up to N
 * refused WHAT      a put or a compaction that has failed
 * done              with a put
 * compacted
 * clock CIDS        what names all that is there
 * </pre>
 */
final class OutsideProgram {
    /** So many ids a host has, which it writes in turn. */
    static final int IDS = 60;

    static final String LISTEN = "listen";
    static final String DIAL = "dial";
    /** Verifies what it finds; the more history there is, the longer that takes. */
    static final String VERIFY = "verify";
    /** A planted defect: says that it has stored before it has. */
    static final String EARLY = "early";

    private static final String REHEARSE = "rehearse";

    private static final Duration SHORT = Duration.ofSeconds(1);

    private final String host;
    private final Database database;
    private final Sync sync;
    private final ExecutorService compactor = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "compactor");
        thread.setDaemon(true);
        return thread;
    });
    private final boolean early;
    private int next;

    private OutsideProgram(String host, int next, Database database, boolean early) {
        this.early = early;
        this.host = host;
        this.next = next;
        this.database = database;
        this.sync = Sync.builder(database)
                .transport(new WebSocketTransportProvider(WebSocketConfiguration.builder()
                        .allowPlaintextOffLoopback(true)
                        .build()))
                .limits(SyncLimits.builder()
                        .connectTime(Duration.ofMinutes(1)) // these machines may be very busy
                        .deliveryTime(SHORT)
                        .closeTime(SHORT)
                        .heartbeat(Duration.ofSeconds(4))
                        .build())
                .build();
    }

    static DatabaseOptions options() {
        return DatabaseOptions.builder().segmentBytes(1 << 18).build();
    }

    /** Arguments: directory, host, first number, {@code listen} or {@code dial}, address, secret, and perhaps {@code verify} and
     * {@code early}. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals(REHEARSE)) {
            rehearse(Path.of(arguments[1]));
            return;
        }
        Path directory = Path.of(arguments[0]);
        OutsideProgram program = new OutsideProgram(
                arguments[1],
                Integer.parseInt(arguments[2]),
                Database.open(directory, options()),
                List.of(arguments).contains(EARLY));
        program.sayWhatIsThere(List.of(arguments).contains(VERIFY));
        KeptPeer kept = program.connect(arguments[3], arguments[4], arguments[5]);
        say("ready");
        program.obey(kept);
        program.close();
    }

    /** Loads what a host needs, for an archive of classes. */
    private static void rehearse(Path directory) throws Exception {
        String secret = "rehearsal".repeat(3);
        OutsideProgram hub = new OutsideProgram("a", 0, Database.open(directory.resolve("a"), options()), false);
        OutsideProgram other = new OutsideProgram("b", 0, Database.open(directory.resolve("b"), options()), false);
        hub.sayWhatIsThere(true);
        String address = hub.sync.listen("ws://127.0.0.1:0/", secret).join().address();
        KeptPeer kept = other.sync.keep(address);
        Session session = kept.connected().join();
        other.put(IDS);
        hub.put(IDS);
        session.delivered().join();
        session.awaitEqual().join();
        hub.database.compact();
        other.close();
        hub.close();
    }

    static List<String> rehearsal(Path directory) {
        return List.of(OutsideProgram.class.getName(), REHEARSE, directory.toString());
    }

    private void close() {
        sync.close();
        database.close();
    }

    private void sayWhatIsThere(boolean verifies) {
        StringBuilder lines = new StringBuilder();
        if (verifies) {
            database.verify().problems().forEach(problem -> lines.append("problem " + problem + "\n"));
        }
        database.documents()
                .forEach(document -> lines.append(
                        "has " + document.id() + " " + document.json().replaceAll("\\D*(\\d+).*", "$1") + "\n"));
        System.out.print(lines);
        System.out.flush();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private @Nullable KeptPeer connect(String how, String address, String secret) {
        if (how.equals(DIAL)) {
            return sync.keep(address, secret);
        }
        sync.listen(address, secret).join();
        return null;
    }

    private void obey(@Nullable KeptPeer kept) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "put" -> {
                    put(Integer.parseInt(words[1]));
                    say("done");
                }
                case "compact" ->
                    compactor.execute(() -> attempt("compact", () -> {
                        database.compact();
                        say("compacted");
                    }));
                case "retry" -> {
                    if (kept != null) {
                        kept.retryNow();
                    }
                }
                case "clock" ->
                    say("clock "
                            + database.clock().stream()
                                    .map(Cid::toString)
                                    .sorted()
                                    .collect(Collectors.joining("+")));
                default -> throw new IllegalArgumentException(line);
            }
        }
    }

    private static boolean attempt(String what, Runnable task) {
        try {
            task.run();
            return true;
        } catch (SyncException e) {
            say("refused " + what + ": " + e.kind() + ": " + e.getMessage().replace('\n', ' '));
            return false;
        }
    }

    /** Stores documents one by one and in batches, and asks those who are connected for them. */
    private void put(int count) {
        for (int left = count; left > 0; ) {
            int together = Math.min(left, next % 5 == 4 ? 3 : 1);
            List<String> stored = new ArrayList<>();
            if (!attempt("put", () -> store(together, stored))) {
                return;
            }
            stored.forEach(OutsideProgram::say);
            left -= together;
        }
        int last = next - 1;
        for (Session session : sync.sessions()) {
            var unused = session.delivered()
                    .thenRun(() -> say("delivered " + session.peer().remote() + " " + last));
        }
    }

    /** A number is used once, whatever becomes of it. */
    private void store(int together, List<String> stored) {
        int from = next;
        next += together;
        for (int n = from; n < next; n++) {
            stored.add("stored " + host + "-" + n % IDS + " " + n);
        }
        if (early) {
            stored.forEach(OutsideProgram::say);
            stored.clear();
        }
        database.write(batch -> {
            for (int n = from; n < from + together; n++) {
                batch.put(host + "-" + n % IDS, "{\"n\":" + n + ",\"text\":\"" + "x".repeat(n % 97 * 8) + "\"}");
            }
        });
    }
}
