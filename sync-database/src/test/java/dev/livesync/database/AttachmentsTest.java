package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.attachments.Attachments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(Quiet.class)
@Timeout(300)
class AttachmentsTest {
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

    private static byte[] read(Database db, Attachment attachment) {
        try (InputStream in = db.attachments().open(attachment)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void refused(ErrorKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static Attachment named(Database db, String id) {
        return Attachment.in(db.get(id).orElseThrow().value(), "photo").orElseThrow();
    }

    private static long packs(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(p -> p.getFileName().toString().endsWith(".pack"))
                    .mapToLong(p -> p.toFile().length())
                    .sum();
        }
    }

    @Test
    void aDocumentNamesAContentThatIsThereAfterARestart() throws IOException {
        byte[] content = content(1, 2_000_000);
        Path file = Files.write(root.resolve("photo.jpg"), content);
        try (Database db = Database.open(root.resolve("db"))) {
            Attachment photo = db.attachments().put(file, "image/jpeg");
            db.put("p", Map.of("title", "sea", "photo", photo.stub()));
            assertThat(put(db, content)).isEqualTo(photo);
            assertThat(db.get("p").orElseThrow().json()).contains("\"_attachment\":\"" + photo.root() + "\"");
        }
        try (Database db = Database.open(root.resolve("db"))) {
            Attachment photo = named(db, "p");
            assertThat(photo.size()).isEqualTo(2_000_000);
            assertThat(photo.type()).isEqualTo("image/jpeg");
            assertThat(read(db, photo)).isEqualTo(content);
            assertThat(db.attachments().missing(photo)).isZero();
            assertThat(db.verify().problems()).isEmpty();
            assertThat(db.verify().bytes()).isGreaterThan(2_000_000);
        }
        try (Database db = Database.openReadOnly(root.resolve("db"))) {
            assertThat(read(db, named(db, "p"))).isEqualTo(content);
            refused(ErrorKind.REFUSED, () -> put(db, new byte[1]));
            refused(ErrorKind.REFUSED, db::compact);
        }
    }

    @Test
    void anyContentInMemoryToo() {
        try (Database db = Database.inMemory()) {
            for (int length : new int[] {0, 1, 100_000, 1_000_000}) {
                byte[] content = content(length, length);
                assertThat(read(db, put(db, content))).isEqualTo(content);
            }
            long before = db.attachments().bytes();
            byte[] twice = new byte[2_000_000];
            System.arraycopy(content(1_000_000, 1_000_000), 0, twice, 0, 1_000_000);
            System.arraycopy(content(1_000_000, 1_000_000), 0, twice, 1_000_000, 1_000_000);
            put(db, twice);
            assertThat(db.attachments().bytes() - before)
                    .as("a content twice over is stored once, but for where it meets itself")
                    .isLessThan(600_000);
        }
    }

    @Test
    void whatIsNoStubIsNone() {
        Cid raw = Cid.hash(Cid.RAW, new byte[0]);
        Map<String, Object> good = Map.of("_attachment", raw.toString(), "size", 0, "type", "a/b");
        assertThat(Attachment.of(
                        Document.of("d", Map.of("f", good)).value().entries().get("f")))
                .contains(new Attachment(raw, 0, "a/b"));
        List<Map<String, Object>> bad = List.of(
                Map.of("_attachment", raw.toString(), "size", 0),
                Map.of("_attachment", raw.toString(), "type", "a/b"),
                Map.of("size", 0, "type", "a/b"),
                Map.of("_attachment", "here", "size", 0, "type", "a/b"),
                Map.of("_attachment", raw.toString(), "size", -1, "type", "a/b"),
                Map.of("_attachment", raw.toString(), "size", (1L << 40) + 1, "type", "a/b"),
                Map.of("_attachment", raw.toString(), "size", 0.5, "type", "a/b"),
                Map.of("_attachment", raw.toString(), "size", 0, "type", ""),
                Map.of("_attachment", raw.toString(), "size", 0, "type", "a\nb"),
                Map.of("_attachment", raw.toString(), "size", 0, "type", "x".repeat(256)));
        for (Map<String, Object> stub : bad) {
            assertThat(Attachment.in(Document.of("d", Map.of("f", stub)).value(), "f"))
                    .as("%s", stub)
                    .isEmpty();
        }
        assertThat(Attachment.in(Document.of("d", "{\"f\":1}").value(), "f")).isEmpty();
        assertThat(Attachment.in(Document.of("d", "{\"f\":1}").value(), "g")).isEmpty();
        refused(ErrorKind.INVALID_ARGUMENT, () -> new Attachment(raw, -1, "a/b"));
        try (Database db = Database.inMemory()) {
            refused(
                    ErrorKind.INVALID_ARGUMENT,
                    () -> db.attachments().put(new ByteArrayInputStream(new byte[1]), "a\u00e4"));
            assertThat(db.attachments().bytes()).isZero();
        }
    }

    @Test
    void whatIsNotHereIsSaid() throws IOException {
        try (Database there = Database.inMemory();
                Database here = Database.inMemory()) {
            Attachment photo = put(there, content(2, 700_000));
            assertThat(here.attachments().missing(photo)).isEqualTo(700_000);
            refused(ErrorKind.NOT_FOUND, () -> read(here, photo));
            Attachment lie = new Attachment(photo.root(), 700_001, "image/jpeg");
            refused(ErrorKind.MALFORMED, () -> read(there, lie));
            refused(ErrorKind.MALFORMED, () -> there.attachments().missing(lie));
            refused(ErrorKind.NOT_FOUND, () -> here.attachments().put(root.resolve("none"), "a/b"));
        }
    }

    /** Whatever names it keeps it: a document, its past, a conflict's loser, an event that waits. */
    @Test
    void whatAnyEventNamesIsKeptAndTheRestIsCollected() throws IOException {
        Path directory = root.resolve("db");
        byte[] first = content(1, 300_000);
        byte[] second = content(2, 300_000);
        byte[] waiting = content(3, 300_000);
        byte[] nested = content(4, 300_000);
        byte[] nobodys = content(5, 300_000);
        Attachment past;
        Attachment pending;
        Attachment deep;
        Attachment loose;
        try (Database db = Database.open(directory)) {
            past = put(db, first);
            db.put("p", Map.of("photo", past.stub()));
            db.put("p", Map.of("photo", put(db, second).stub()));
            pending = put(db, waiting);
            Event absent = Replicas.put("absent", "{}");
            Replicas.commit(
                    db,
                    Replicas.PEER,
                    Replicas.put(
                            "waits",
                            Document.of("waits", Map.of("photo", pending.stub()))
                                    .json(),
                            absent));
            deep = put(db, nested);
            db.put("album", Map.of("pages", List.of(Map.of("pictures", List.of(deep.stub())))));
            loose = put(db, nobodys);
            assertThat(db.attachments().collect()).as("it was only just put").isZero();
        }
        try (Database db = Database.open(directory)) {
            long before = packs(directory);
            assertThat(before).isGreaterThan(1_500_000);
            assertThat(db.attachments().collect()).isBetween(300_000L, 310_000L);
            assertThat(packs(directory)).isLessThan(before - 299_000);
            assertThat(read(db, past)).isEqualTo(first);
            assertThat(read(db, named(db, "p"))).isEqualTo(second);
            assertThat(read(db, pending)).isEqualTo(waiting);
            assertThat(read(db, deep)).isEqualTo(nested);
            assertThat(db.attachments().missing(loose)).isEqualTo(300_000);
            db.delete("p");
            db.compact();
            assertThat(read(db, past)).isEqualTo(first);
            put(db, nobodys);
        }
        try (Database db = Database.open(directory)) {
            long before = db.compact().bytesBefore();
            assertThat(before).isGreaterThan(1_500_000);
            assertThat(db.attachments().missing(loose)).isEqualTo(300_000);
            assertThat(read(db, past)).isEqualTo(first);
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    /** Of each document what it is, what it is in conflict with, and as many versions before as are asked for. */
    @Test
    void thePastIsForgottenAndNothingElse() throws IOException {
        for (int keep = 0; keep < 5; keep++) {
            Path directory = root.resolve("keep" + keep);
            try (Database here = Database.open(directory);
                    Database there = Database.inMemory()) {
                Attachment[] versions = new Attachment[6];
                for (int i = 0; i < versions.length; i++) {
                    versions[i] = put(here, content(i, 40_000));
                    here.put("a", Map.of("image", versions[i].stub()));
                }
                Attachment shared = put(here, content(50, 40_000));
                here.put("b", Map.of("image", shared.stub()));
                here.put("c", Map.of("image", shared.stub()));
                here.put("c", Map.of("none", 0));
                Attachment deleted = put(here, content(60, 40_000));
                here.put("d", Map.of("image", deleted.stub()));
                here.delete("d");
                Attachment lost = put(here, content(70, 40_000));
                Attachment won = put(here, content(80, 40_000));
                there.put("e", Map.of("image", lost.stub()));
                here.put("e", Map.of("image", won.stub()));
                try (var snapshot = there.replica().snapshot()) {
                    Event event = java.util.Objects.requireNonNull(
                            snapshot.event(there.clock().get(0)));
                    Replicas.commit(here, Replicas.PEER, event);
                }
                assertThat(here.history().conflict("e")).isPresent();
                here.attachments().put(new ByteArrayInputStream(content(90, 40_000)), "image/jpeg");
            }
            try (Database here = Database.open(directory)) {
                Attachments attachments = here.attachments();
                long before = attachments.bytes();
                long events = here.summary().events();
                attachments.forgetPast(keep);
                assertThat(attachments.bytes()).isLessThan(before);
                assertThat(here.summary().events()).isEqualTo(events);
                assertThat(here.verify().problems()).isEmpty();
                int at = keep;
                List<Boolean> kept = here.history()
                        .versions("a")
                        .map(version -> Attachment.in(version.value().orElseThrow(), "image")
                                .orElseThrow())
                        .map(attachment -> attachments.missing(attachment) == 0)
                        .toList();
                assertThat(kept)
                        .isEqualTo(IntStream.range(0, 6).mapToObj(i -> i <= at).toList());
                for (String id : List.of("b", "e")) {
                    here.history()
                            .versions(id)
                            .forEach(version -> assertThat(attachments.missing(
                                            Attachment.in(version.value().orElseThrow(), "image")
                                                    .orElseThrow()))
                                    .as(id)
                                    .isZero());
                }
                Attachment deleted = Attachment.in(
                                here.history()
                                        .versions("d")
                                        .skip(1)
                                        .findFirst()
                                        .orElseThrow()
                                        .value()
                                        .orElseThrow(),
                                "image")
                        .orElseThrow();
                assertThat(attachments.missing(deleted) == 0).isEqualTo(keep > 0);
                if (keep == 0) {
                    refused(ErrorKind.NOT_FOUND, () -> read(here, deleted));
                    assertThat(put(here, content(60, 40_000))).isEqualTo(deleted);
                    assertThat(read(here, deleted)).isEqualTo(content(60, 40_000));
                }
                refused(ErrorKind.INVALID_ARGUMENT, () -> attachments.forgetPast(-1));
            }
            try (Database readOnly = Database.openReadOnly(directory)) {
                refused(ErrorKind.REFUSED, () -> readOnly.attachments().forgetPast(0));
            }
        }
    }

    @Test
    void collectingWhileOthersPutTakesNothingFromThem() {
        try (Database db = Database.inMemory()) {
            byte[] shared = content(1, 400_000);
            CompletableFuture<?> writers = CompletableFuture.allOf(IntStream.range(0, 2)
                    .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                        for (int i = 0; i < 40; i++) {
                            Attachment photo = put(db, i % 2 == 0 ? shared : content(1_000L * thread + i, 60_000));
                            db.put("p" + thread, Map.of("photo", photo.stub()));
                        }
                    }))
                    .toArray(CompletableFuture[]::new));
            while (!writers.isDone()) {
                db.attachments().collect();
            }
            writers.join();
            db.history().versions().forEach(version -> {
                Attachment photo =
                        Attachment.in(version.value().orElseThrow(), "photo").orElseThrow();
                assertThat(read(db, photo)).hasSize((int) photo.size());
            });
        }
    }

    @Test
    void aQuotaMakesRoomFirstAndRefusesThen() {
        DatabaseOptions options =
                DatabaseOptions.builder().maxAttachmentBytes(1_000_000).build();
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory, options)) {
            put(db, content(1, 600_000));
        }
        try (Database db = Database.open(directory, options)) {
            Attachment kept = put(db, content(2, 900_000));
            db.put("p", Map.of("photo", kept.stub()));
            refused(ErrorKind.LIMIT_EXCEEDED, () -> put(db, content(3, 200_000)));
            assertThat(read(db, kept)).hasSize(900_000);
            assertThat(db.attachments().bytes()).isLessThanOrEqualTo(1_000_000);
        }
    }

    @Test
    void aBackupHoldsThemAndARestoreBringsThemBack() {
        Path car = root.resolve("all.car");
        byte[] content = content(1, 1_500_000);
        try (Database db = Database.inMemory()) {
            db.put("p", Map.of("photo", put(db, content).stub()));
            db.put("q", "{}");
            db.backup(car);
        }
        Database.restore(car, root.resolve("again"));
        try (Database db = Database.open(root.resolve("again"))) {
            assertThat(read(db, named(db, "p"))).isEqualTo(content);
            assertThat(db.summary().blocks()).isLessThan(10);
            assertThat(db.verify().problems()).isEmpty();
            db.compact();
            assertThat(read(db, named(db, "p"))).isEqualTo(content);
        }
    }

    @Test
    void forgettingLeavesBehindWhatOnlyTheForgottenNamed() {
        Path directory = root.resolve("db");
        Attachment kept;
        Attachment forgotten;
        Cid event;
        try (Database db = Database.open(directory)) {
            kept = put(db, content(1, 300_000));
            forgotten = put(db, content(2, 300_000));
            db.put("p", Map.of("photo", kept.stub()));
            event = db.put("q", Map.of("photo", forgotten.stub()));
        }
        Database.forget(directory, List.of(event));
        try (Database db = Database.open(directory)) {
            assertThat(read(db, kept)).hasSize(300_000);
            assertThat(db.attachments().missing(forgotten)).isEqualTo(300_000);
        }
    }

    @Test
    void damageIsFoundAndCanBePutAgain() throws IOException {
        Path directory = root.resolve("db");
        byte[] content = content(1, 1_000_000);
        try (Database db = Database.open(directory)) {
            db.put("p", Map.of("photo", put(db, content).stub()));
        }
        Path pack = directory.resolve("pieces-1.pack");
        byte[] bytes = Files.readAllBytes(pack);
        bytes[bytes.length / 2] ^= 1;
        Files.write(pack, bytes);
        assertThat(Database.verify(directory).problems())
                .singleElement()
                .asString()
                .contains("pieces-1.pack");
        try (Database db = Database.open(directory)) {
            refused(ErrorKind.NOT_FOUND, () -> read(db, named(db, "p")));
            assertThat(db.attachments().missing(named(db, "p"))).isBetween(1L, 262_144L);
            put(db, content);
            assertThat(read(db, named(db, "p"))).isEqualTo(content);
            db.compact();
            assertThat(db.verify().problems()).isEmpty();
        }
        assertThat(Database.verify(directory).problems()).isEmpty();
        Database.repair(directory);
        try (Database db = Database.open(directory)) {
            assertThat(read(db, named(db, "p"))).isEqualTo(content);
        }
    }

    @Test
    void afterClosingNothingIsRead() {
        Database db = Database.inMemory();
        Attachments attachments = db.attachments();
        Attachment photo = put(db, content(1, 500_000));
        InputStream in = attachments.open(photo);
        db.close();
        refused(ErrorKind.CLOSED, in::read);
        refused(ErrorKind.CLOSED, () -> attachments.open(photo));
        refused(ErrorKind.CLOSED, attachments::collect);
    }
}
