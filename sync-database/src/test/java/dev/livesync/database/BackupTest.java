package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.CarReader;
import dev.livesync.car.CarWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What was backed up comes back as it was, and what is no whole backup makes no database. */
@ExtendWith(Quiet.class)
@Timeout(300)
class BackupTest {
    @TempDir
    private Path root;

    private final Event absent = Replicas.put("absent", "{}");

    /** Forks, merges, batches and trees of several writers, and events that wait. */
    private Database filled(long seed) {
        Database db = Replicas.history(new Random(seed), 60);
        db.put("own", "{\"n\":" + seed + "}");
        Replicas.commit(db, Replicas.PEER, Replicas.put("late", "{}", absent));
        Replicas.commit(db, Replicas.OTHER, Replicas.put("later", "{}", absent));
        return db;
    }

    private static byte[] backup(Database db) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertThat(db.backup(out)).isEqualTo(db.summary());
        return out.toByteArray();
    }

    private static Cursor cursor(Database db) {
        try (Snapshot snapshot = db.replica().snapshot()) {
            return snapshot.cursor();
        }
    }

    private static Cursor start(Database db) {
        String token = cursor(db).token();
        return new Cursor(token.substring(0, token.indexOf(':') + 1) + "0");
    }

    @Test
    void aRestoredDatabaseIsTheSame() throws IOException {
        long seed = System.nanoTime();
        for (int i = 0; i < 5; i++) {
            Path directory = root.resolve("restored-" + i);
            try (Database db = filled(seed + i)) {
                if (i % 2 == 1) {
                    db.compact();
                }
                byte[] car = backup(db);
                assertThat(Database.restore(new ByteArrayInputStream(car), directory))
                        .as("seed %d", seed + i)
                        .isEqualTo(db.summary());
                try (Database restored = Database.open(directory)) {
                    assertThat(Script.Seen.of(restored)).isEqualTo(Script.Seen.of(db));
                    assertThat(Replicas.events(restored)).isEqualTo(Replicas.events(db));
                    assertThat(new HashSet<>(Replicas.stored(restored))).isEqualTo(new HashSet<>(Replicas.stored(db)));
                    assertThat(restored.verify().problems()).isEmpty();
                    assertThat(backup(restored)).as("the same again").hasSameSizeAs(car);
                    for (Database each : List.of(db, restored)) {
                        Replicas.commit(each, Replicas.PEER, absent);
                        assertThat(each.summary().pending()).isZero();
                        each.put("after", "{}");
                        assertThat(each.verify().problems()).isEmpty();
                    }
                    assertThat(Script.Seen.of(restored)).isEqualTo(Script.Seen.of(db));
                }
            }
        }
    }

    @Test
    void anEmptyDatabaseAndOneThatOnlyWaits() throws IOException {
        try (Database db = Database.inMemory()) {
            Database.restore(new ByteArrayInputStream(backup(db)), root.resolve("empty"));
            Replicas.commit(db, Replicas.PEER, Replicas.put("late", "{}", absent));
            Replicas.commit(db, Replicas.PEER, Replicas.put("later", "{}", absent));
            Database.restore(new ByteArrayInputStream(backup(db)), root.resolve("waiting"));
        }
        try (Database db = Database.open(root.resolve("empty"))) {
            assertThat(db.summary().blocks()).isZero();
        }
        try (Database db = Database.open(root.resolve("waiting"))) {
            Replicas.commit(db, Replicas.PEER, absent);
            assertThat(Replicas.documents(db)).containsOnlyKeys("absent", "late", "later");
        }
    }

    @Test
    void theFeedOfARestoredDatabaseHasNoGapsAndOldCursorsSaySo() throws IOException {
        Path directory = root.resolve("restored");
        List<Cursor> old;
        List<Cid> events;
        try (Database db = filled(7)) {
            old = List.of(start(db), cursor(db));
            events = Replicas.events(db).stream().map(Event::cid).toList();
            Database.restore(new ByteArrayInputStream(backup(db)), directory);
        }
        Cursor early = null;
        for (int round = 0; round < 3; round++) {
            try (Database db = Database.open(directory)) {
                early = early == null ? start(db) : early;
                assertThat(Replicas.events(Replicas.feed(db.replica(), early, 7)))
                        .as("round %d", round)
                        .isEqualTo(events);
                for (Cursor cursor : old) {
                    assertThatThrownBy(() -> db.replica().changes(cursor, 10))
                            .isInstanceOfSatisfying(SyncException.class, e -> {
                                assertThat(e.kind()).isEqualTo(ErrorKind.CURSOR_EXPIRED);
                                assertThat(e.getMessage()).contains(cursor.token(), "restored", "snapshot");
                            });
                }
                Cursor now = cursor(db);
                Cid added = db.put("round", "{\"n\":" + round + "}");
                assertThat(Replicas.events(Replicas.feed(db.replica(), now, 7))).containsExactly(added);
                events = new ArrayList<>(events);
                events.add(added);
                db.compact();
            }
            Files.deleteIfExists(directory.resolve("checkpoint.idx"));
        }
    }

    /** As root, a backup to /dev/null would otherwise leave a file there, and no device. */
    @Test
    void whatIsNoFileIsNotReplaced() throws IOException {
        Path socket = root.resolve("socket");
        try (Database db = filled(1);
                ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            Replicas.assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.backup(socket));
            Replicas.assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.backup(root));
            assertThat(Files.isRegularFile(socket)).isFalse();
            assertThat(Files.exists(socket)).isTrue();
        }
    }

    @Test
    void aBackupThatIsCutOffAnywhereMakesNoDatabase() throws IOException {
        byte[] car;
        List<Integer> ends = new ArrayList<>();
        try (Database db = filled(3)) {
            car = backup(db);
            List<Block> blocks = new ArrayList<>();
            CarReader reader = new CarReader(new ByteArrayInputStream(car));
            ends.add((int) CarWriter.headerSize(reader.roots().size()));
            for (Block block = reader.next(); block != null; block = reader.next()) {
                blocks.add(block);
                ends.add(ends.get(ends.size() - 1) + (int) CarWriter.sectionSize(block.size()));
            }
            assertThat(blocks).as("and the seal").hasSize(Replicas.stored(db).size() + 1);
        }
        assertThat(ends.remove(ends.size() - 1)).isEqualTo(car.length);
        Random random = new Random(3);
        ends.removeIf(end -> random.nextInt(8) > 0);
        ends.addAll(List.of(0, 1, 20, car.length - 1, random.nextInt(car.length), random.nextInt(car.length)));
        for (int end : ends) {
            assertNoBackup(Arrays.copyOf(car, end), "cut at " + end);
        }
    }

    @Test
    void aBackupWithAFlippedBitAnywhereMakesNoDatabase() throws IOException {
        byte[] car;
        try (Database db = filled(4)) {
            car = backup(db);
        }
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            int at = random.nextInt(car.length);
            byte[] flipped = car.clone();
            flipped[at] ^= (byte) (1 << random.nextInt(8));
            assertNoBackup(flipped, "seed " + seed + ", byte " + at);
        }
    }

    /** A block's hash doesn't cover the codec in its CID; of an event the CID is missed, of a tree node or a picture it was not. */
    @Test
    void aBackupInWhichACodecIsFlippedMakesNoDatabase() throws IOException {
        byte[] car;
        try (Database db = filled(4)) {
            car = backup(db);
        }
        CarReader reader = new CarReader(new ByteArrayInputStream(car));
        int at = (int) CarWriter.headerSize(reader.roots().size());
        Random random = new Random(4);
        for (Block block = reader.next(); block != null; block = reader.next()) {
            at += (int) CarWriter.sectionSize(block.size());
            byte[] flipped = car.clone();
            flipped[at - block.size() - Cid.BYTES + 1] ^= (byte) (1 << random.nextInt(7));
            assertNoBackup(flipped, "the codec of " + block.cid());
        }
        assertThat(at).isEqualTo(car.length);
    }

    @Test
    void whatIsNoBackupMakesNoDatabase() throws IOException {
        assertNoBackup("{\"_id\":\"a\"}\n".getBytes(StandardCharsets.UTF_8), "JSON");
        Block picture = Block.of(Cid.RAW, new byte[] {1, 2, 3});
        assertNoBackup(CarWriter.encode(List.of(picture.cid()), List.of(picture)), "no events");
        Event event = Replicas.put("a", "{}");
        assertNoBackup(CarWriter.encode(List.of(), List.of(event.block())), "no roots");
        assertNoBackup(CarWriter.encode(List.of(absent.cid()), List.of(event.block())), "another root");
    }

    /** Neither a database nor anything else is left. */
    private void assertNoBackup(byte[] car, String as) throws IOException {
        Path file = Files.write(root.resolve("bad.car"), car);
        Path directory = root.resolve("none");
        assertThat(catchThrowable(() -> Database.restore(file, directory)))
                .as(as)
                .isInstanceOfSatisfying(SyncException.class, e -> {
                    assertThat(e.kind())
                            .as(as)
                            .isIn(
                                    ErrorKind.MALFORMED,
                                    ErrorKind.HASH_MISMATCH,
                                    ErrorKind.LIMIT_EXCEEDED,
                                    ErrorKind.UNSUPPORTED);
                    assertThat(e.getMessage()).contains(file.toString()).doesNotContain("\n");
                });
        assertThat(root.toFile().list()).as(as).doesNotContain("none", "none" + Restore.UNFINISHED);
    }

    @Test
    void aRestoreReplacesNothing() throws IOException {
        Path car = root.resolve("db.car");
        try (Database db = filled(5)) {
            db.backup(car);
        }
        Path full = root.resolve("full");
        try (Database db = Database.open(full)) {
            db.put("mine", "{}");
        }
        assertThatThrownBy(() -> Database.restore(car, full)).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION);
            assertThat(e.getMessage()).contains(full.toString(), "not empty");
        });
        try (Database db = Database.open(full)) {
            assertThat(Replicas.documents(db)).containsOnlyKeys("mine");
        }
        assertThatThrownBy(() -> Database.restore(root.resolve("nothing.car"), root.resolve("x")))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    }

    @Test
    void whatAKilledRestoreHasLeftIsClearedAwayUnlessItIsStillUnderWay() throws IOException {
        Path car = root.resolve("db.car");
        try (Database db = filled(6)) {
            db.backup(car);
        }
        Path directory = Files.createDirectory(root.resolve("db"));
        Path left = root.resolve("db" + Restore.UNFINISHED);
        try (Database killed = Database.openToRestore(left)) {
            killed.put("half", "{}");
            assertThatThrownBy(() -> Database.restore(car, directory))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.IN_USE));
        }
        assertThat(left).isNotEmptyDirectory();
        Database.restore(car, directory);
        assertThat(left).doesNotExist();
        try (Database db = Database.open(directory)) {
            assertThat(db.get("half")).isEmpty();
            assertThat(db.get("own")).isPresent();
        }
    }

    @Test
    void aBackupIsThereAsAWholeOrNotAtAll() throws IOException {
        Path file = Files.writeString(root.resolve("old.car"), "old");
        try (Database db = filled(8)) {
            assertThatThrownBy(() -> db.backup(root))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
            assertThatThrownBy(() -> db.backup(file, (done, total) -> {
                        throw new IllegalStateException("stopped at " + done);
                    }))
                    .isInstanceOf(IllegalStateException.class);
            assertThat(file).hasContent("old");
            assertThat(root.toFile().list()).containsExactly("old.car");
            db.backup(file);
            assertThat(Files.readAllBytes(file)).isEqualTo(backup(db));
        }
    }
}
