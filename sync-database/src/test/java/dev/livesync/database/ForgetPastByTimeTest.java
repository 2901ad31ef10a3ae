package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.disk.DiskFile;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.replica.ReplicaParts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Contents of the past go by time: never too early, whatever the clock does, and in the end. */
@ExtendWith(Quiet.class)
class ForgetPastByTimeTest {
    private static final long HOUR = Duration.ofHours(1).toMillis();
    private static final Duration KEEP = Duration.ofDays(5);

    private final MemoryDisk disk = new MemoryDisk();
    private long now = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    private int made;

    private Database open(int seed) {
        DatabaseOptions options = DatabaseOptions.builder()
                .time(() -> Instant.ofEpochMilli(now))
                .random(new SplittableRandom(seed))
                .maintenance(Runnable::run)
                .build();
        return Database.on(disk, null, options, true, ReplicaParts.REAL);
    }

    private Attachment put(Database db, String id) {
        byte[] content = ByteBuffer.allocate(1_000).putInt(0, ++made).array();
        try {
            Attachment attachment = db.attachments().put(new ByteArrayInputStream(content), "a/b");
            db.put(id, Map.of("f", attachment.stub()));
            return attachment;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean has(Database db, Attachment attachment) {
        return db.attachments().missing(attachment) == 0;
    }

    @Test
    void whatWasWrittenOverLongAgoGoesAndTheRestStays() {
        Attachment old;
        Attachment recent;
        try (Database db = open(1)) {
            old = put(db, "p");
            recent = put(db, "p");
            put(db, "p");
            put(db, "q");
        }
        try (Database db = open(2)) {
            db.attachments().forgetPast(KEEP);
            assertThat(has(db, old)).as("nobody had counted before").isTrue();
            for (int day = 0; day < 6; day++) {
                now += 24 * HOUR;
                db.attachments().forgetPast(KEEP);
                assertThat(has(db, old)).as("day %s", day).isEqualTo(day < 5);
            }
            assertThat(has(db, recent)).isFalse();
            assertThat(db.summary().events()).isEqualTo(4);
            assertThat(db.verify().problems()).isEmpty();
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.attachments().forgetPast(Duration.ofMillis(-1)));
            db.attachments().forgetPast(Duration.ofSeconds(Long.MAX_VALUE));
        }
    }

    /** Written before, written over within the time: what holds now counts from when it was written over. */
    @Test
    void whatHeldMeanwhileStays() {
        Attachment first;
        Attachment second;
        try (Database db = open(1)) {
            first = put(db, "p");
            db.attachments().forgetPast(KEEP);
        }
        for (int day = 0; day < 20; day++) {
            now += 24 * HOUR;
            try (Database db = open(day)) {
                db.attachments().forgetPast(KEEP);
                assertThat(has(db, first)).isTrue();
            }
        }
        try (Database db = open(30)) {
            second = put(db, "p");
        }
        for (int day = 0; day < 8; day++) {
            now += 24 * HOUR;
            try (Database db = open(day)) {
                db.attachments().forgetPast(KEEP);
                assertThat(day > 4 || has(db, first)).as("day %s", day).isTrue();
                assertThat(has(db, second)).isTrue();
            }
        }
        try (Database db = open(40)) {
            assertThat(has(db, first)).isFalse();
        }
    }

    @Test
    void aFileThatIsDamagedOrAnothersIsBegunAnew() throws IOException {
        Attachment old;
        try (Database db = open(1)) {
            old = put(db, "p");
            put(db, "p");
            db.attachments().forgetPast(KEEP);
        }
        DiskFile notes = disk.open("clocks.idx");
        ByteBuffer one = ByteBuffer.allocate(1);
        notes.read(20, one);
        notes.write(20, ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 1)}));
        for (int day = 0; day < 8; day++) {
            now += 24 * HOUR;
            try (Database db = open(day)) {
                db.attachments().forgetPast(KEEP);
                assertThat(has(db, old)).as("day %s", day).isEqualTo(day < 6);
            }
        }
    }

    @Test
    void nothingIsNotedUnlessSomebodyAsks(@TempDir Path directory) {
        try (Database db = Database.open(directory)) {
            put(db, "p");
        }
        assertThat(directory.resolve("clocks.idx")).doesNotExist();
        try (Database db = Database.openReadOnly(directory)) {
            assertKind(ErrorKind.REFUSED, () -> db.attachments().forgetPast(KEEP));
        }
    }

    @Test
    void neverTooEarlyWhateverTheClockDoes() {
        for (int seed = 1; seed <= 8; seed++) {
            try {
                new ForgetPastByTimeTest().run(new Random(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    /** A content, and when its document was something else; 0 while it isn't. */
    private static final class Content {
        final Attachment attachment;
        long over;

        Content(Attachment attachment) {
            this.attachment = attachment;
        }
    }

    private void run(Random random) {
        List<Content> all = new ArrayList<>();
        Map<String, Content> current = new HashMap<>();
        long real = now;
        boolean mayJump = random.nextBoolean();
        Database db = open(1);
        try {
            db.attachments().forgetPast(KEEP);
            for (int step = 0; step < 100; step++) {
                long passed = random.nextInt(10) == 0 ? random.nextInt(100) * HOUR : random.nextInt(10) * HOUR;
                real += passed;
                now += passed;
                switch (random.nextInt(8)) {
                    case 0, 1, 2 -> {
                        String id = "d" + random.nextInt(3);
                        Content content = new Content(put(db, id));
                        Content before = current.put(id, content);
                        if (before != null) {
                            before.over = real;
                        }
                        all.add(content);
                    }
                    case 3 -> {
                        String id = "d" + random.nextInt(3);
                        Content before = current.remove(id);
                        if (before != null) {
                            db.delete(id);
                            before.over = real;
                        }
                    }
                    case 4 -> {
                        db.close();
                        db = open(step);
                    }
                    case 5 -> {
                        if (mayJump) {
                            mayJump = false;
                            now += 24L * random.nextInt(1_000) * HOUR;
                        } else if (random.nextInt(3) == 0) {
                            now -= 24L * random.nextInt(50) * HOUR;
                        }
                    }
                    default -> db.attachments().forgetPast(KEEP);
                }
                for (Content content : all) {
                    boolean must = content.over == 0 || real - content.over <= KEEP.toMillis();
                    assertThat(!must || has(db, content.attachment))
                            .as("step %s", step)
                            .isTrue();
                }
            }
            db.close();
            db = open(1_000);
            for (int i = 0; i < 30; i++) {
                now += 10 * HOUR;
                db.attachments().forgetPast(KEEP);
            }
            for (Content content : all) {
                assertThat(has(db, content.attachment)).as("in the end").isEqualTo(content.over == 0);
            }
        } finally {
            db.close();
        }
    }
}
