package dev.livesync.database;

import static dev.livesync.database.Replicas.OTHER;
import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.assertKind;
import static dev.livesync.database.Replicas.documents;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.FieldIndex;
import dev.livesync.database.query.Query;
import dev.livesync.database.replica.FollowedStore;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Documents on a replica that others write, too, against the embedded database whose replica that is: it decides by itself, from its log, what the
 * other works out from the feed.
 */
@ExtendWith(Quiet.class)
class SharedDatabaseTest {
    private static final Query OF_ONE_VALUE = Query.all().where("/v", Condition.range(0, 500));

    private static DatabaseOptions options(long seed) {
        return Script.options(seed).toBuilder()
                .indexes(FieldIndex.on("/v"))
                .maintenance(Runnable::run)
                .build();
    }

    private static Database over(Replica replica, MemoryCheckpoints checkpoints, long seed) {
        return Database.over(replica, "test", checkpoints, options(seed));
    }

    private static FollowedStore store(Database face) {
        return (FollowedStore) face.store;
    }

    /** Everything that a database says of its documents. */
    private record Seen(
            List<Cid> clock,
            Map<String, String> documents,
            List<String> found,
            Map<String, String> since,
            List<String> conflicts,
            List<String> versions) {
        static Seen of(Database db, List<Cid> earlier) {
            Map<String, String> since = new TreeMap<>();
            db.changesSince(earlier)
                    .changes()
                    .forEach(c -> since.put(
                            c.id(),
                            c.before().map(Document::json) + " to "
                                    + c.document().map(Document::json) + (c.isConflict() ? " in conflict" : "")
                                    + (c.isSettled() ? " settled" : "")));
            return new Seen(
                    db.clock(),
                    Replicas.documents(db),
                    db.query(OF_ONE_VALUE).map(Document::id).sorted().toList(),
                    since,
                    db.history()
                            .conflicts()
                            .map(c -> c.id() + " " + c.weights() + " "
                                    + c.versions().stream().map(v -> v.event()).toList())
                            .toList(),
                    db.history()
                            .versions()
                            .map(v -> v.event() + " " + v.state() + " " + v.json())
                            .sorted()
                            .toList());
        }
    }

    private static void assertSame(Database face, Database embedded, List<Cid> earlier, String as) {
        store(face).follow();
        assertThat(Seen.of(face, earlier)).as(as).isEqualTo(Seen.of(embedded, earlier));
        assertThat(face.summary()).as(as).isEqualTo(embedded.summary());
        assertThat(face.explain(OF_ONE_VALUE).index()).as(as).isPresent();
        assertThat(interior(face)).as(as).isEqualTo(interior(embedded));
    }

    /** The events after which their batch goes on, deletes without a tree among them. */
    private static Set<Cid> interior(Database db) {
        ReadView view = db.store.view();
        PastView past = new PastView(view);
        return past.events().filter(view::isInterior).mapToObj(past::cid).collect(Collectors.toSet());
    }

    /** Each tree that a write names is that of the documents after it, and all of it is stored. */
    private static void assertTree(Database embedded, Cid event, String as) {
        try (Snapshot snapshot = embedded.replica().snapshot()) {
            Event written = snapshot.event(event);
            assertThat(written.root())
                    .as(as)
                    .isEqualTo(snapshot.canonicalTree(List.of(event)).root());
            snapshot.tree(event)
                    .blocks()
                    .forEachRemaining(node ->
                            assertThat(snapshot.block(node.cid())).as(as).isEqualTo(node));
        }
    }

    @Test
    void whatSeveralWriteIsTheSameForAll() {
        severalWrite(System.nanoTime(), 10);
    }

    @Test
    @Tag("soak")
    void whatSeveralWriteIsTheSameForAllForLong() {
        severalWrite(System.nanoTime(), 1_000);
    }

    private static void severalWrite(long first, int histories) {
        for (long seed = first; seed < first + histories; seed++) {
            Random random = new Random(seed);
            String as = "seed " + seed;
            MemoryCheckpoints checkpoints = new MemoryCheckpoints();
            try (Database source = Replicas.history(random, 10 + random.nextInt(40));
                    Database embedded = Database.inMemory(options(seed));
                    Database one = over(embedded.replica(), checkpoints, seed + 1)) {
                List<Event> events = new ArrayList<>(Replicas.events(source));
                if (random.nextInt(3) > 0) {
                    Collections.shuffle(events, random);
                }
                Database other = over(embedded.replica(), checkpoints, seed + 2);
                List<Cid> earlier = List.of();
                for (int from = 0; from < events.size(); ) {
                    int to = Math.min(events.size(), from + 1 + random.nextInt(10));
                    embedded.replica()
                            .commit(new Commit(
                                    List.of(), events.subList(from, to), random.nextBoolean() ? PEER : OTHER));
                    from = to;
                    for (Database writer : List.of(embedded, one, other)) {
                        if (random.nextInt(4) == 0) {
                            List<Cid> before = embedded.clock();
                            write(writer, random);
                            if (!embedded.clock().equals(before)) {
                                assertThat(embedded.clock()).as(as).hasSize(1);
                                assertTree(embedded, embedded.clock().get(0), as);
                            }
                        }
                    }
                    if (random.nextInt(4) == 0) {
                        boolean worth = store(other).view().events() > 0 || !checkpoints.saved.isEmpty();
                        other.close();
                        other = over(embedded.replica(), checkpoints, random.nextLong());
                        assertThat(store(other).restarts()).as(as).isEqualTo(worth ? 0 : 1);
                    }
                    assertSame(one, embedded, earlier, as);
                    assertSame(other, embedded, earlier, as);
                    earlier = random.nextInt(3) == 0 ? one.clock() : earlier;
                }
                try (Database afresh = over(embedded.replica(), new MemoryCheckpoints(), seed)) {
                    assertThat(store(afresh).restarts()).isOne();
                    assertSame(afresh, embedded, earlier, as);
                }
                other.close();
            }
        }
    }

    private static void write(Database db, Random random) {
        if (db.store instanceof FollowedStore followed) {
            followed.follow();
        }
        String id = "k" + random.nextInt(12);
        switch (random.nextInt(4)) {
            case 0 ->
                db.write(batch -> {
                    for (int i = 0; i < 1 + random.nextInt(5); i++) {
                        batch.put("k" + random.nextInt(12), "{\"v\":" + random.nextInt(1000) + "}");
                    }
                });
            case 1 -> db.write(batch -> db.all().forEach(d -> batch.delete(d.id()))); // leaves nothing
            case 2 -> db.get(id).ifPresent(db::delete);
            default -> db.put(id, "{\"v\":" + random.nextInt(1000) + "}");
        }
    }

    @Test
    void aWriteIsReadAtOnceAndChecksTheClock() {
        try (Database embedded = Database.inMemory();
                Database one = Database.over(embedded.replica());
                Database other = Database.over(embedded.replica())) {
            one.put("a", "{\"n\":1}");
            Document read = one.get("a").orElseThrow();
            other.put("a", "{\"n\":2}"); // follows first
            assertThat(embedded.history().versions("a")).hasSize(2);
            assertThat(embedded.clock()).hasSize(1);
            assertKind(ErrorKind.CONFLICT, () -> one.put(read.with("{\"n\":3}")));
            assertKind(ErrorKind.NOT_FOUND, () -> one.delete("nothing"));
            assertThat(one.get("a").orElseThrow().json()).isEqualTo("{\"n\":2}");
            one.delete("a");
            assertThat(documents(embedded)).isEmpty();
            assertKind(ErrorKind.UNSUPPORTED, one::attachments);
            assertKind(ErrorKind.UNSUPPORTED, one::compact);
            assertThat(one.counts().transactions()).isZero();
        }
    }

    /** Cursors that a replica takes back, as after a restore. */
    @SuppressWarnings("ArrayRecordComponent") // the test counts it up
    private record Expiring(Replica replica, int[] generation) implements Replica {
        private Cursor mine(Cursor cursor) {
            return new Cursor(generation[0] + "/" + cursor.token());
        }

        @Override
        public Snapshot snapshot() {
            Snapshot snapshot = replica.snapshot();
            return new CursorSnapshot(new DefaultWalks(snapshot), mine(snapshot.cursor()));
        }

        @Override
        public CommitResult commit(Commit commit) {
            return replica.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            String[] parts = after.token().split("/", 2);
            if (Integer.parseInt(parts[0]) != generation[0]) {
                throw new SyncException(ErrorKind.CURSOR_EXPIRED, "of another time");
            }
            Changes changes = replica.changes(new Cursor(parts[1]), maxEvents);
            return new Changes(changes.changes(), mine(changes.next()));
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return replica.onChange(wakeUp);
        }
    }

    @Test
    void anExpiredCursorMeansAllOfHistoryAgain() {
        Random random = new Random(7);
        try (Database embedded = Replicas.history(random, 40)) {
            int[] generation = {0};
            MemoryCheckpoints checkpoints = new MemoryCheckpoints();
            Replica expiring = new Expiring(embedded.replica(), generation);
            try (Database face = over(expiring, checkpoints, 1)) {
                List<Cid> earlier = face.clock();
                generation[0]++;
                embedded.put("k1", "{\"v\":1}");
                store(face).follow();
                assertThat(store(face).restarts()).isEqualTo(2);
                assertThat(documents(face)).isEqualTo(documents(embedded));
                face.put("k2", "{\"v\":2}");
                assertTree(embedded, face.clock().get(0), "after a restart");
                assertThat(face.changesSince(earlier).changes()).hasSize(2);
            }
            generation[0]++;
            try (Database face = over(expiring, checkpoints, 2)) {
                assertThat(checkpoints.loads).hasValue(1);
                assertThat(store(face).restarts()).isOne();
                assertThat(documents(face)).isEqualTo(documents(embedded));
            }
        }
    }

    @Test
    void aCheckpointOfAnotherHistoryIsRefused() {
        try (Database embedded = Database.inMemory();
                Database another = Database.inMemory()) {
            MemoryCheckpoints checkpoints = new MemoryCheckpoints();
            another.put("a", "{}");
            over(another.replica(), checkpoints, 1).close();
            assertThat(checkpoints.saved).isNotEmpty();
            embedded.put("b", "{}");
            try (Database face = over(embedded.replica(), checkpoints, 2)) {
                assertThat(store(face).restarts()).isOne();
                assertThat(documents(face)).isEqualTo(documents(embedded));
            }
            // Its own, in which another event stands: the place is right, what was derived is not.
            byte[] own = checkpoints.saved.get("test");
            String cursor = cursor(embedded.replica());
            another.delete("a");
            over(another.replica(), checkpoints, 3).close();
            checkpoints.saved.put("test", replaced(checkpoints.saved.get("test"), cursor(another.replica()), cursor));
            assertThat(checkpoints.saved.get("test")).isNotEqualTo(own);
            try (Database face = over(embedded.replica(), checkpoints, 4)) {
                assertThat(store(face).restarts()).isOne();
                assertThat(documents(face)).isEqualTo(documents(embedded));
            }
        }
    }

    private static String cursor(Replica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return snapshot.cursor().token();
        }
    }

    private static byte[] replaced(byte[] image, String from, String to) {
        assertThat(to).hasSameSizeAs(from);
        byte[] bytes = image.clone();
        System.arraycopy(to.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, bytes, 16, to.length());
        return sealed(bytes);
    }

    /** With the checksum made anew. */
    private static byte[] sealed(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, (int) crc.getValue());
        return bytes;
    }

    /** It may deceive, but nothing ends in an exception of the JVM's or never; and damage that no one has sealed is found. */
    @Test
    void aForgedCheckpointIsRefusedOrFailsAsOurOwn() {
        forge(System.nanoTime(), 1, 60);
    }

    @Test
    @Tag("soak")
    void aForgedCheckpointIsRefusedOrFailsAsOurOwnForLong() {
        forge(System.nanoTime(), 100, 500);
    }

    private static void forge(long first, int histories, int places) {
        for (long seed = first; seed < first + histories; seed++) {
            Random random = new Random(seed);
            try (Database embedded = Replicas.history(random, 40)) {
                MemoryCheckpoints checkpoints = new MemoryCheckpoints();
                over(embedded.replica(), checkpoints, 1).close();
                byte[] image = checkpoints.saved.get("test");
                for (int i = 0; i < places; i++) {
                    String as = "seed " + seed + ", place " + i;
                    byte[] forged = image.clone();
                    int at = random.nextInt(forged.length);
                    forged[at] ^= (byte) (1 << random.nextInt(8));
                    checkpoints.saved.put("test", forged.clone());
                    try (Database face = over(embedded.replica(), checkpoints, 2)) {
                        assertThat(store(face).restarts()).as(as).isOne();
                        assertThat(documents(face)).as(as).isEqualTo(documents(embedded));
                    }
                    checkpoints.saved.put("test", sealed(forged));
                    try (Database face = over(embedded.replica(), checkpoints, 3)) {
                        face.put("n" + i, "{\"v\":1}");
                        face.all();
                    } catch (SyncException e) {
                        assertThat(e.kind()).as(as).isNotEqualTo(ErrorKind.INTERNAL);
                    }
                }
                image = Arrays.copyOf(image, image.length / 2);
                checkpoints.saved.put("test", image);
                try (Database face = over(embedded.replica(), checkpoints, 2)) {
                    assertThat(store(face).restarts()).isOne();
                }
            }
        }
    }

    /** Many documents from a peer, and then a write: the tree is made anew, once. */
    @Test
    void aTreeThatIsFarBehindIsMadeAnew() {
        try (Database embedded = Database.inMemory();
                Database source = Database.inMemory()) {
            for (int from = 0; from < 5_000; from += 500) {
                int start = from;
                source.write(batch -> {
                    for (int i = start; i < start + 500; i++) {
                        batch.put("d" + i, "{\"v\":" + i + "}");
                    }
                });
            }
            embedded.replica().commit(new Commit(List.of(), Replicas.events(source), PEER));
            try (Database face = Database.over(embedded.replica())) {
                Cid written = face.put("e", "{}");
                assertTree(embedded, written, "the first");
                long blocks = embedded.summary().blocks();
                written = face.put("f", "{}");
                assertTree(embedded, written, "the second");
                assertThat(embedded.summary().blocks() - blocks).isLessThan(10);
            }
        }
    }

    /** What the documentation says, measured by what is written: that doesn't depend on a JVM. */
    @Test
    void aCheckpointTakesAboutNinetyBytesAnEvent() {
        int events = 20_000;
        try (Database embedded = Database.inMemory()) {
            fill(embedded, events);
            MemoryCheckpoints checkpoints = new MemoryCheckpoints();
            over(embedded.replica(), checkpoints, 1).close();
            assertThat(checkpoints.saved.get("test").length / events).isBetween(60, 120);
        }
    }

    @Test
    @Tag("soak")
    void anEventTakesAboutAHundredAndThirtyBytes() {
        int events = 200_000;
        try (Database embedded = Database.inMemory()) {
            fill(embedded, events);
            long before = used();
            try (Database face = Database.over(embedded.replica())) {
                assertThat((used() - before) / events).isBetween(80L, 160L);
                assertThat(face.summary().events()).isEqualTo(events);
            }
        }
    }

    /** Two events a document. */
    private static void fill(Database db, int events) {
        for (int from = 0; from < events; from += 1_000) {
            int start = from;
            db.write(batch -> {
                for (int i = start; i < start + 1_000; i++) {
                    batch.put("task/" + (100_000 + i % (events / 2)), "{\"title\":\"t" + i + "\"}");
                }
            });
        }
    }

    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 6; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
