package dev.livesync.formats;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.CarReader;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Writes what a build writes: a directory with segments, a checkpoint, remembered peers and grants, a backup of it, and its documents as
 * JSON. The same each time. Its result is kept for each version of the formats, and later builds have to read it.
 */
final class FormatsWriter {
    private static final Instant TIME = Instant.ofEpochSecond(1_700_000_000);

    /** What the versions of the document name, in their order. */
    static final byte[] CONTENTS = {1, 2};

    /** Longer than anything there is old. */
    private static final Duration KEEP = Duration.ofDays(100);

    private FormatsWriter() {}

    /** For a build that has no tests of its own yet: the folder to write to. */
    public static void main(String[] arguments) throws IOException {
        write(Path.of(arguments[0]));
        writeAttachments(Path.of(arguments[0]).resolve("attachments"));
    }

    static void write(Path folder) throws IOException {
        Path directory = folder.resolve("database");
        try (Database database = Database.open(directory, options(1))) {
            for (int i = 0; i < 60; i++) {
                database.put(
                        "doc" + i, "{\"n\":" + i + ",\"text\":\"" + "x".repeat(i) + "\",\"list\":[1.5,null,true]}");
            }
            database.write(batch -> {
                for (int i = 0; i < 10; i++) {
                    batch.put(Document.of("batch" + i, java.util.Map.of("i", i)));
                }
                batch.delete("doc3");
            });
            concurrent(database);
            database.replica().peerFrontiers().ifPresent(peers -> peers.remember(42, "hub", database.clock()));
            database.compact();
            database.put("z\u00fcrich", "{\"after\":\"the compaction\"}");
            database.delete("doc4");
            database.backup(folder.resolve("backup.car"));
            List<String> lines = new ArrayList<>();
            database.forEach(document -> lines.add(document.id() + "\t" + document.json()));
            lines.sort(null);
            Files.write(folder.resolve("documents.txt"), lines);
        }
        Grants.inDirectory(directory)
                .add(new Grant(
                        "alice",
                        "formatsformatsformatsformats",
                        Rights.READ,
                        java.util.Optional.of(TIME.plusSeconds(1_000_000_000)),
                        java.util.Set.of()));
        Files.deleteIfExists(directory.resolve("livesync.lock"));
        Files.deleteIfExists(directory.resolve("livesync.grants.lock"));
    }

    /** A directory with attachments, one of them of a version that was written over, and ten days of notes of earlier clocks. */
    static void writeAttachments(Path directory) throws IOException {
        AtomicReference<Instant> now = new AtomicReference<>(TIME);
        DatabaseOptions options = options(3).toBuilder().time(now::get).build();
        try (Database database = Database.open(directory, options)) {
            for (byte content : CONTENTS) {
                database.put(
                        "photo",
                        java.util.Map.of(
                                "image",
                                database.attachments()
                                        .put(new ByteArrayInputStream(content(content)), "image/png")
                                        .stub()));
                database.attachments().forgetPast(KEEP);
                now.set(now.get().plus(Duration.ofHours(2)));
            }
            for (int day = 0; day < 10; day++) {
                database.attachments().forgetPast(KEEP);
                now.set(now.get().plus(Duration.ofDays(1)));
            }
        }
        Files.deleteIfExists(directory.resolve("livesync.lock"));
    }

    /** The content of so many bytes as a piece holds, and more, that a number stands for. */
    static byte[] content(byte number) {
        byte[] content = new byte[20_000];
        new SplittableRandom(number).nextBytes(content);
        return content;
    }

    /** Two heads, and a conflict: what another database wrote, on its own. */
    private static void concurrent(Database database) throws IOException {
        ByteArrayOutputStream car = new ByteArrayOutputStream();
        try (Database other = Database.inMemory(options(2))) {
            other.put("doc1", "{\"by\":\"another\"}");
            other.put("other", "{\"by\":\"another\"}");
            other.backup(car);
        }
        List<Block> blocks = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        try (CarReader reader = new CarReader(new ByteArrayInputStream(car.toByteArray()))) {
            for (Block block = reader.next(); block != null; block = reader.next()) {
                Block next = block;
                Events.tryDecode(block, Limits.DEFAULT).ifPresentOrElse(events::add, () -> blocks.add(next));
            }
        }
        database.replica().commit(new Commit(blocks, events, new Origin("another", "another")));
    }

    private static DatabaseOptions options(int seed) {
        return DatabaseOptions.defaults().toBuilder()
                .segmentBytes(16 << 10)
                .time(() -> TIME)
                .random(new SplittableRandom(seed))
                .maintenance(Runnable::run)
                .build();
    }
}
