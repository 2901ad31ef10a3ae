package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.erasure.ErasureResult;
import dev.livesync.database.erasure.Erasures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What is erased is gone: from the files, for peers, and for good. */
@ExtendWith(Quiet.class)
@Timeout(300)
class ErasureTest {
    /** Nothing happens by itself. */
    private static final DatabaseOptions BY_HAND = DatabaseOptions.builder()
            .segmentBytes(250_000)
            .maintenance(task -> {})
            .build();

    private static final DatabaseOptions AT_ONCE =
            BY_HAND.toBuilder().maintenance(Runnable::run).build();

    @TempDir
    private Path root;

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Attachment put(Database db, byte[] content) {
        try {
            return db.attachments().put(new ByteArrayInputStream(content), "image/jpeg");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Attachment put(Database db, String id, byte[] content) {
        Attachment attachment = put(db, content);
        db.put(id, Map.of("photo", attachment.stub()));
        return attachment;
    }

    private static byte[] read(Database db, Attachment attachment) {
        try (InputStream in = db.attachments().open(attachment)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static BlockExchange blocks(Database db) {
        return db.replica().blocks().orElseThrow();
    }

    private static void sync(Database from, Database to) {
        Replicas.commit(to, Replicas.events(from));
    }

    /** Answers what one database asks another for, until it asks for nothing more. */
    private static void transfer(Database from, BlockRequests requests) {
        for (List<Cid> wanted = requests.next(16); !wanted.isEmpty(); wanted = requests.next(16)) {
            answer(from, wanted, requests);
        }
    }

    private static void answer(Database from, List<Cid> wanted, BlockRequests requests) {
        for (Cid cid : wanted) {
            Block block = blocks(from).block(cid);
            if (block == null) {
                requests.absent(cid);
            } else {
                requests.received(block);
            }
        }
    }

    private static void fetchAll(Database from, Database to) {
        try (BlockRequests requests = blocks(to).requests(() -> {})) {
            requests.fetchWithDocuments(true);
            transfer(from, requests);
        }
    }

    private static byte[] joined(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    @Test
    void itsBytesAreNowhereAndWhatOthersShareStays() {
        Path directory = root.resolve("db");
        byte[] common = content(1, 400_000);
        byte[] first = joined(common, content(2, 300_000));
        byte[] second = content(3, 50_000);
        byte[] others = joined(common, content(4, 300_000));
        try (Database db = Database.open(directory, BY_HAND)) {
            Attachment past = put(db, "p", first);
            Attachment now = put(db, "p", second);
            Attachment kept = put(db, "q", others);
            assertThat(Remains.in(directory, first)).isGreaterThan(80_000);
            ErasureResult done = db.erasures().erase(List.of("p"));
            assertThat(done.roots()).containsExactlyInAnyOrder(past.root(), now.root());
            assertThat(done.documents()).isEqualTo(1);
            assertThat(done.freed()).isGreaterThan(300_000);
            assertThat(done.remaining()).isZero();
            assertThat(db.erasures().remaining()).isZero();
            assertThat(Remains.in(directory, first, others)).isZero();
            assertThat(Remains.in(directory, second)).isZero();
            assertThat(read(db, kept)).isEqualTo(others);
            assertThat(db.get("p")).isEmpty();
            assertKind(ErrorKind.NOT_FOUND, () -> read(db, past));
            assertKind(ErrorKind.NOT_FOUND, () -> db.attachments().fetch(now));
            assertThat(db.attachments().missing(past)).isEqualTo(700_000);
            assertThat(db.verify().problems()).isEmpty();
            assertThat(db.erasures().erase(List.of("p")).roots()).isEmpty();
        }
        Database.repair(directory);
        assertThat(Database.verify(directory).problems()).isEmpty();
        try (Database db = Database.open(directory, BY_HAND)) {
            assertThat(db.erasures().roots()).hasSize(2);
            assertThat(db.attachments().bytes()).isLessThan(760_000);
            db.compact();
            assertThat(Remains.in(directory, first, others)).isZero();
        }
    }

    @Test
    void aPeerThatWasAwayHonoursItAndNeitherTakesItAgainNorGivesIt() {
        byte[] content = content(1, 700_000);
        Path away = root.resolve("away");
        try (Database here = Database.inMemory(AT_ONCE);
                Database third = Database.inMemory(AT_ONCE)) {
            Attachment photo = put(here, "p", content);
            sync(here, third);
            fetchAll(here, third);
            List<Cid> pieces;
            try (Database db = Database.open(away, BY_HAND)) {
                sync(here, db);
                fetchAll(here, db);
                assertThat(read(db, photo)).isEqualTo(content);
                pieces = pieces(db);
                assertThat(pieces).hasSizeGreaterThan(3);
            }
            here.erasures().erase(List.of("p"));
            // Killed between taking the record and removing what it names.
            try (Database db = Database.open(away, BY_HAND)) {
                sync(here, db);
                assertThat(pieces).allMatch(cid -> blocks(db).block(cid) == null);
                assertThat(pieces).noneMatch(cid -> blocks(db).has(cid));
                assertKind(ErrorKind.NOT_FOUND, () -> read(db, photo));
                assertThat(db.erasures().remaining()).isGreaterThan(700_000);
            }
            try (Database db = Database.openReadOnly(away, BY_HAND)) {
                assertThat(pieces).allMatch(cid -> blocks(db).block(cid) == null);
                assertKind(ErrorKind.NOT_FOUND, () -> read(db, photo));
            }
            try (Database db = Database.open(away, BY_HAND)) {
                assertThat(pieces).allMatch(cid -> blocks(db).block(cid) == null);
                db.compact();
                assertThat(db.erasures().remaining()).isZero();
                assertThat(Remains.in(away, content)).isZero();
                // The third has it still, and nothing asks it.
                try (BlockRequests requests = blocks(db).requests(() -> {})) {
                    requests.fetchWithDocuments(true);
                    assertThat(requests.next(16)).isEmpty();
                    assertKind(ErrorKind.NOT_FOUND, () -> db.attachments().fetch(photo));
                    assertKind(ErrorKind.NOT_FOUND, () -> read(db, photo));
                    assertThat(requests.next(16)).isEmpty();
                }
                assertKind(ErrorKind.REFUSED, () -> put(db, content));
                assertThat(pieces).allMatch(cid -> blocks(db).block(cid) == null);
                db.compact();
                assertThat(Remains.in(away, content)).isZero();
            }
            assertThat(read(third, photo)).isEqualTo(content);
            sync(here, third);
            assertThat(third.attachments().bytes())
                    .as("where maintenance runs at once")
                    .isZero();
        }
    }

    private static List<Cid> pieces(Database db) {
        List<Cid> pieces = new ArrayList<>();
        db.embedded().attachments().store().forEach(pieces::add);
        return pieces;
    }

    @Test
    void whatIsOnItsWayIsNotTaken() throws IOException {
        byte[] content = content(1, 700_000);
        byte[] other = joined(content(1, 400_000), content(2, 200_000));
        try (Database here = Database.inMemory(AT_ONCE);
                Database there = Database.inMemory(BY_HAND)) {
            Attachment photo = put(here, "p", content);
            Attachment kept = put(here, "q", other);
            sync(here, there);
            Database copy = Database.inMemory(AT_ONCE);
            sync(here, copy);
            fetchAll(here, copy);
            try (copy;
                    BlockRequests requests = blocks(there).requests(() -> {})) {
                try (InputStream reading = there.attachments().open(photo)) {
                    answer(copy, requests.next(16), requests); // the root
                    List<Cid> wanted = requests.next(16);
                    assertThat(wanted).hasSizeGreaterThan(2);
                    here.erasures().erase(List.of("p"));
                    sync(here, there);
                    long before = there.attachments().bytes();
                    answer(copy, wanted, requests);
                    assertThat(there.attachments().bytes()).isEqualTo(before);
                    assertKind(ErrorKind.NOT_FOUND, reading::read);
                    assertThat(requests.next(16)).isEmpty();
                }
                requests.fetchWithDocuments(true);
                transfer(copy, requests);
                assertThat(read(there, kept)).isEqualTo(other);
            }
            there.compact();
            assertThat(there.erasures().remaining()).isZero();
            assertThat(read(there, kept)).isEqualTo(other);
        }
    }

    /** A put that goes on meanwhile may rely on what it found. */
    @Test
    void aPutUnderWayLosesNothingAndWhatItHeldGoesAfterIt() throws IOException {
        Path directory = root.resolve("db");
        byte[] content = content(1, 700_000);
        byte[] other = joined(content(1, 400_000), content(2, 200_000));
        try (Database db = Database.open(directory, AT_ONCE)) {
            put(db, "p", content);
            ErasureResult[] done = new ErasureResult[1];
            InputStream slow = new ByteArrayInputStream(other) {
                @Override
                public synchronized int read(byte[] target, int offset, int length) {
                    if (pos > 500_000 && done[0] == null) {
                        done[0] = db.erasures().erase(List.of("p"));
                    }
                    return super.read(target, offset, Math.min(length, 10_000));
                }
            };
            Attachment kept = db.attachments().put(slow, "a/b");
            db.put("q", Map.of("photo", kept.stub()));
            assertThat(done[0].remaining()).as("what the put has found").isBetween(300_000L, 500_000L);
            assertThat(read(db, kept)).isEqualTo(other);
            db.compact();
            assertThat(db.erasures().remaining()).isZero();
            assertThat(read(db, kept)).isEqualTo(other);
            assertThat(Remains.in(directory, content, other)).isZero();
            blocks(db);
            assertThat(pieces(db))
                    .as("what is shared is given out again")
                    .allMatch(cid -> blocks(db).block(cid) != null);
        }
    }

    @Test
    void aBackupLeavesItOutAndARestoreOfAnEarlierOneDropsItWhenItIsTold() throws IOException {
        byte[] content = content(1, 700_000);
        Path early = root.resolve("early.car");
        Path late = root.resolve("late.car");
        Path db = root.resolve("db");
        try (Database here = Database.inMemory(AT_ONCE);
                Database there = Database.open(db, BY_HAND)) {
            Attachment photo = put(here, "p", content);
            sync(here, there);
            fetchAll(here, there);
            there.backup(early);
            here.erasures().erase(List.of("p"));
            sync(here, there);
            there.backup(late);
            assertThat(Remains.in(early, content)).isGreaterThan(80_000);
            assertThat(Remains.in(late, content)).isZero();
            Database.restore(early, root.resolve("again"));
            try (Database again = Database.open(root.resolve("again"), AT_ONCE)) {
                assertThat(read(again, photo)).isEqualTo(content);
                sync(here, again);
                assertThat(Remains.in(root.resolve("again"), content)).isZero();
            }
        }
        // A backup of a build that doesn't leave it out.
        try (Database older = Database.open(db, BY_HAND)) {
            try (var snapshot = older.replica().snapshot()) {
                Backup.write(
                        snapshot,
                        older.embedded().attachments().store(),
                        java.util.Set.of(),
                        root.resolve("older.car"),
                        (a, b) -> {});
            }
        }
        assertThat(Remains.in(root.resolve("older.car"), content)).isGreaterThan(80_000);
        Database.restore(root.resolve("older.car"), root.resolve("third"));
        assertThat(Remains.in(root.resolve("third"), content)).isZero();
    }

    @Test
    void onlyACompletePutOfARecordErases() {
        byte[] content = content(1, 30_000);
        try (Database db = Database.inMemory(AT_ONCE)) {
            Attachment photo = put(db, "p", content);
            String id = Erasures.IDS + photo.root();
            Replicas.commit(db, Replicas.PEER, Replicas.delete(id, true));
            Replicas.commit(db, Replicas.PEER, Replicas.put(Erasures.IDS + "x", "{}"));
            Replicas.commit(db, Replicas.PEER, Replicas.put(id + "x", "{}"));
            Event absent = Replicas.put("absent", "{}");
            Event waits = Replicas.put(id, "{\"any\":1}", absent);
            Replicas.commit(db, Replicas.PEER, waits);
            assertThat(db.erasures().isErased(photo)).isFalse();
            assertThat(read(db, photo)).isEqualTo(content);
            Replicas.commit(db, Replicas.PEER, absent);
            assertThat(db.erasures().isErased(photo)).isTrue();
            assertKind(ErrorKind.NOT_FOUND, () -> read(db, photo));
            // It can't be undone.
            Replicas.commit(db, Replicas.PEER, Replicas.delete(id, true, waits));
            assertThat(db.get(id)).isEmpty();
            assertThat(db.erasures().isErased(photo)).isTrue();
        }
    }

    /** The record was deleted before anybody here looked: nothing but the history tells. */
    @Test
    void aDeletedRecordCountsAfterARestartToo() {
        Path directory = root.resolve("db");
        Attachment photo;
        try (Database db = Database.open(directory, BY_HAND)) {
            photo = put(db, "p", content(1, 30_000));
            Event record = Replicas.put(Erasures.IDS + photo.root(), "{}");
            Replicas.commit(db, Replicas.PEER, record, Replicas.delete(Erasures.IDS + photo.root(), true, record));
            db.write(batch -> {
                for (int i = 0; i < 3_000; i++) {
                    batch.put("d" + i, "{}");
                }
            });
        }
        assertThat(directory.resolve("checkpoint.idx")).exists();
        try (Database db = Database.open(directory, BY_HAND)) {
            assertThat(db.erasures().isErased(photo)).isTrue();
            assertThat(db.erasures().roots()).containsExactly(photo.root());
        }
    }

    @Test
    void whatWouldTakeAnothersContentIsRefused() {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory, BY_HAND)) {
            Attachment photo = put(db, "p", content(1, 30_000));
            db.put("q", Map.of("photo", photo.stub()));
            assertKind(ErrorKind.CONFLICT, () -> db.erasures().erase(List.of("p")))
                    .hasMessageContaining("\"q\"");
            assertKind(ErrorKind.NOT_FOUND, () -> db.erasures().erase(List.of("p", "q", "r")))
                    .hasMessageContaining("\"r\"");
            assertThat(read(db, photo)).hasSize(30_000);
            assertThat(db.clock()).hasSize(1);
            assertThat(db.summary().events()).isEqualTo(2);
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.put(Erasures.IDS + photo.root(), "{}"));
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.write(batch -> batch.put(Erasures.IDS, "{}")));
            assertThat(db.erasures().erase(List.of("p", "q")).documents()).isEqualTo(2);
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.delete(Erasures.IDS + photo.root()));
            assertThat(db.get(Erasures.IDS + photo.root())).isPresent();
            Attachment another = put(db, "s", content(2, 30_000));
            assertThat(db.erasures().erase(another).roots()).containsExactly(another.root());
            assertThat(db.get("s")).as("it names what is gone").isPresent();
        }
        try (Database db = Database.openReadOnly(directory)) {
            assertKind(ErrorKind.REFUSED, () -> db.erasures().erase(List.of("p")));
            assertThat(db.erasures().roots()).hasSize(2);
        }
    }

    /** What a crash has left of a put, behind the records of a file. */
    @Test
    void whatACrashLeftOfItGoesToo() throws IOException {
        Path directory = root.resolve("db");
        byte[] content = content(1, 30_000);
        try (Database db = Database.open(directory, BY_HAND)) {
            put(db, "q", content(2, 30_000));
        }
        Path pack = directory.resolve("pieces-1.pack");
        byte[] bytes = Files.readAllBytes(pack);
        Files.write(pack, Arrays.copyOf(bytes, bytes.length - 53)); // without its list
        Files.write(pack, new byte[41], StandardOpenOption.APPEND);
        Files.write(pack, Arrays.copyOf(content, 20_000), StandardOpenOption.APPEND);
        try (Database db = Database.open(directory, BY_HAND)) {
            put(db, "p", content);
            db.erasures().erase(List.of("p"));
            assertThat(Remains.in(directory, content)).isZero();
            assertThat(read(
                            db,
                            Attachment.in(db.get("q").orElseThrow().value(), "photo")
                                    .orElseThrow()))
                    .isEqualTo(content(2, 30_000));
        }
    }

    /** Whoever fetches relies on what is here, though nobody named it before. */
    @Test
    void aFetchKeepsWhatItFound() throws IOException {
        byte[] content = content(1, 300_000);
        try (Database here = Database.inMemory(AT_ONCE);
                Database there = Database.inMemory(BY_HAND)) {
            byte[] longer = joined(content, content(3, 100_000));
            Attachment photo = put(here, longer);
            Path directory = root.resolve("loose");
            try (Database db = Database.open(directory, BY_HAND)) {
                put(db, content);
            }
            try (Database db = Database.open(directory, BY_HAND);
                    BlockRequests requests = blocks(db).requests(() -> {});
                    InputStream reading = db.attachments().open(photo)) {
                answer(here, requests.next(16), requests); // the root: some of what it names is here
                db.attachments().collect();
                transfer(here, requests);
                assertThat(db.attachments().missing(photo)).isZero();
                assertThat(reading.readAllBytes()).isEqualTo(longer);
            }
            assertThat(there.attachments().bytes()).isZero();
        }
    }

    @Test
    void conflictsOfRecordsAreNobodysBusiness() {
        try (Database here = Database.inMemory(AT_ONCE);
                Database there = Database.inMemory(AT_ONCE)) {
            Attachment photo = put(here, "p", content(1, 30_000));
            sync(here, there);
            here.put("x", "{}");
            here.erasures().erase(photo);
            there.erasures().erase(photo);
            sync(here, there);
            assertThat(there.history().conflicts()).isEmpty();
            there.settler((id, versions) -> {
                        throw new SyncException(ErrorKind.INTERNAL, "asked about a record");
                    })
                    .run();
            assertThat(Stream.of(here, there)).allMatch(db -> db.erasures().isErased(photo));
        }
    }

    /** Somebody writes the document between the look at its versions and its deletion. */
    @Test
    void whatIsNamedMeanwhileIsErasedToo() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>();
        DatabaseOptions options = BY_HAND.toBuilder()
                .maintenance(
                        task -> Optional.ofNullable(meanwhile.getAndSet(null)).ifPresent(Runnable::run))
                .build();
        byte[] second = content(2, 50_000);
        Path directory = root.resolve("meanwhile");
        try (Database db = Database.open(directory, options)) {
            Attachment first = put(db, "p", content(1, 50_000));
            List<Attachment> late = new ArrayList<>();
            meanwhile.set(() -> late.add(put(db, "p", second)));
            ErasureResult done = db.erasures().erase(List.of("p"));
            assertThat(late).hasSize(1);
            assertThat(db.get("p")).isEmpty();
            assertThat(done.roots())
                    .containsExactlyInAnyOrder(first.root(), late.get(0).root());
            assertThat(db.erasures().isErased(late.get(0))).isTrue();
            assertThat(Remains.in(directory, second)).isZero();
        }
    }
}
