package dev.livesync.formats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files that earlier builds wrote, which this one opens, reads, goes on with and syncs; and files of later builds, which it refuses with
 * words and leaves as they are. {@code formats/0} is of the last build before grants, {@code formats/1}
 * of the first with them, {@code formats/2} of the first that tells which peers have what.
 */
class FormatsTest {
    private static final Path RESOURCES =
            Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/formats");

    private static final String SEGMENT = "segment-00000006.log";
    private static final String NEXT =
            "what is written has another version now: add a folder of formats/ with it, and keep the ones that are here";

    @TempDir
    private Path temporary;

    /** By accident or on purpose: what was written once stays what it is. */
    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void theFilesAreWhatTheyWere(String version) throws IOException {
        Map<String, String> files = new TreeMap<>();
        content(RESOURCES.resolve(version)).forEach((name, bytes) -> files.put(name, sha256(bytes)));
        files.remove("manifest.txt");
        List<String> manifest = new ArrayList<>();
        files.forEach((name, hash) -> manifest.add(hash + "  " + name));
        assertThat(Files.readAllLines(RESOURCES.resolve(version).resolve("manifest.txt")))
                .isEqualTo(manifest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void aDirectoryIsOpenedReadWrittenCompactedAndSynced(String version) throws Exception {
        Path directory = copy(version).resolve("database");
        List<String> expected = documents(version);
        assertThat(Database.verify(directory).problems()).isEmpty();
        try (Database readOnly = Database.openReadOnly(directory)) {
            assertThat(lines(readOnly)).isEqualTo(expected);
        }
        try (Database old = Database.open(directory);
                Database fresh = Database.inMemory()) {
            assertThat(lines(old)).isEqualTo(expected);
            fresh.put("fresh", "{\"n\":1}");
            old.put("written", "{\"by\":\"a later build\"}");
            try (Sync here = new Sync(old);
                    Sync there = new Sync(fresh)) {
                String address = here.listen("memory:formats" + version)
                        .get(30, TimeUnit.SECONDS)
                        .address();
                there.dial(address).get(30, TimeUnit.SECONDS).backlog().get(30, TimeUnit.SECONDS);
            }
            assertThat(lines(fresh)).isEqualTo(lines(old)).hasSize(expected.size() + 2);
            old.compact();
            assertThat(old.verify().problems()).isEmpty();
        }
        try (Database again = Database.open(directory)) {
            assertThat(lines(again)).hasSize(expected.size() + 2).containsAll(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2"})
    void aBackupIsRestored(String version) throws IOException {
        Path restored = temporary.resolve("restored");
        Database.restore(RESOURCES.resolve(version).resolve("backup.car"), restored);
        try (Database database = Database.open(restored)) {
            assertThat(lines(database)).isEqualTo(documents(version));
        }
    }

    @Test
    void grantsAreRead() throws IOException {
        assertThat(Grants.inDirectory(copy("1").resolve("database")).list())
                .singleElement()
                .satisfies(grant -> assertThat(grant.name()).isEqualTo("alice"));
    }

    /** {@code formats/grants-2} is of the first build with grants that give the right to erase. */
    @Test
    void grantsOfTheSecondVersionAreRead() throws IOException {
        Path kept = RESOURCES.resolve("grants-2").resolve("livesync.grants");
        Path file = temporary.resolve("livesync.grants");
        Files.copy(kept, file);
        Files.setPosixFilePermissions(file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        Grants grants = Grants.inDirectory(temporary);
        assertThat(grants.list().stream().map(Grant::rights))
                .containsExactly(Rights.READ, Rights.READ_WRITE, Rights.READ_WRITE_ERASE);
        grants.add(Grant.of("carol", Rights.WRITE, new java.util.Random(1)));
        grants.revoke("carol");
        assertThat(Files.readString(file)).isEqualTo(Files.readString(kept));
    }

    /** {@code formats/attachments-1} is of the first build that notes earlier clocks. */
    @Test
    void attachmentsAndTheNotesOfEarlierClocksAreRead() throws IOException {
        Path kept = RESOURCES.resolve("attachments-1");
        assertThat(forgotten(kept, true)).as("with its notes").isEqualTo("1 forgotten");
        assertThat(forgotten(kept, false)).as("without them").isEqualTo("nothing forgotten");
        Path today = temporary.resolve("today");
        FormatsWriter.writeAttachments(today);
        Map<String, byte[]> written = content(today);
        Map<String, byte[]> before = content(kept);
        assertThat(written.keySet()).as(NEXT).isEqualTo(before.keySet()).contains("clocks.idx", "pieces-1.pack");
        before.forEach((name, bytes) -> assertThat(version(name, written.get(name)))
                .as("%s: " + NEXT, name)
                .isEqualTo(version(name, bytes)));
    }

    /** What is left when everything older than a day is forgotten. */
    private String forgotten(Path kept, boolean withNotes) throws IOException {
        Path directory = copy(kept, temporary.resolve("notes-" + withNotes));
        if (!withNotes) {
            Files.delete(directory.resolve("clocks.idx"));
        }
        try (Database database = Database.open(directory)) {
            Attachment[] images = new Attachment[FormatsWriter.CONTENTS.length];
            List<DocumentVersion> versions =
                    database.history().versions("photo").toList();
            for (int i = 0; i < images.length; i++) {
                images[i] = Attachment.in(
                                versions.get(images.length - 1 - i).value().orElseThrow(), "image")
                        .orElseThrow();
                try (InputStream in = database.attachments().open(images[i])) {
                    assertThat(in.readAllBytes()).isEqualTo(FormatsWriter.content(FormatsWriter.CONTENTS[i]));
                }
            }
            database.attachments().forgetPast(Duration.ofDays(1));
            assertThat(database.attachments().missing(images[1])).isZero();
            return database.attachments().missing(images[0]) == 0 ? "nothing forgotten" : "1 forgotten";
        }
    }

    @ParameterizedTest
    @CsvSource({"1,''", "2,hub"})
    void peersAreRemembered(String version, String name) throws IOException {
        try (Database database = Database.open(copy(version).resolve("database"))) {
            assertThat(database.replica().peerFrontiers().orElseThrow().frontier(42))
                    .hasSize(2);
            assertThat(database.history().peers()).singleElement().satisfies(peer -> {
                assertThat(peer.name()).isEqualTo(name);
                assertThat(peer.since().isPresent()).isEqualTo(!name.isEmpty());
                assertThat(peer.lacks()).isEqualTo(2);
            });
        }
    }

    /** Whoever changes what is written changes its version, too. */
    @Test
    void whatIsWrittenTodayHasTheVersionsThatAreKept() throws IOException {
        Path today = temporary.resolve("today");
        Files.createDirectory(today);
        FormatsWriter.write(today);
        Map<String, byte[]> written = content(today);
        Map<String, byte[]> kept = content(RESOURCES.resolve("2"));
        kept.remove("manifest.txt");
        assertThat(written.keySet()).as(NEXT).isEqualTo(kept.keySet());
        kept.forEach((name, bytes) -> assertThat(version(name, written.get(name)))
                .as("%s: " + NEXT, name)
                .isEqualTo(version(name, bytes)));
        assertThat(documents(today)).isEqualTo(documents("2"));
    }

    private static String version(String name, byte[] file) {
        ByteBuffer b = ByteBuffer.wrap(file);
        if (name.endsWith(".log")) {
            return b.getLong(0) + " " + b.getLong(8);
        }
        if (name.endsWith(".idx")) {
            return b.getLong(0) + " " + b.order(ByteOrder.LITTLE_ENDIAN).getInt(8);
        }
        if (name.endsWith(".pack")) {
            return String.valueOf(b.getLong(0));
        }
        if (name.endsWith(".mark")) {
            return b.getLong(0) + " " + b.getInt(8);
        }
        if (name.endsWith(".grants")) {
            return new String(file, StandardCharsets.US_ASCII)
                    .lines()
                    .findFirst()
                    .orElseThrow();
        }
        return name;
    }

    /** A later build's: told from a damaged one by its checksum, which is right. */
    @ParameterizedTest
    @CsvSource({SEGMENT + ",9,60", "highwater.mark,11,60"})
    void aLaterBuildsDirectoryIsRefusedAndLeftAlone(String name, int versionAt, int checksumAt) throws IOException {
        Path directory = copy("1").resolve("database");
        Path file = directory.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[versionAt] = 2;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, checksumAt);
        ByteBuffer.wrap(bytes).putInt(checksumAt, (int) crc.getValue());
        Files.write(file, bytes);
        Map<String, String> before = hashes(directory);
        assertRefused(() -> Database.open(directory).close(), name);
        assertRefused(() -> Database.openReadOnly(directory).close(), name);
        assertRefused(() -> Database.repair(directory), name);
        Map<String, String> after = hashes(directory);
        after.remove("livesync.lock");
        assertThat(after).isEqualTo(before);
    }

    private static void assertRefused(Runnable opening, String name) {
        assertThatThrownBy(opening::run)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessageContaining(name + " has format version 2; this build reads version 1")
                .hasMessageContaining("newer build");
    }

    /** Worth nothing by itself: the log says everything. */
    @ParameterizedTest
    @ValueSource(strings = {"checkpoint.idx", "peers.idx"})
    void aLaterBuildsCacheIsNotUsed(String name) throws IOException {
        Path directory = copy("2").resolve("database");
        Path file = directory.resolve(name);
        byte[] bytes = Files.readAllBytes(file);
        bytes[8]++;
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length - 4);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length - 4, (int) crc.getValue());
        Files.write(file, bytes);
        try (Database database = Database.open(directory)) {
            assertThat(lines(database)).isEqualTo(documents("2"));
        }
    }

    @Test
    void aLaterBuildsGrantsAreRefused() throws IOException {
        Path directory = copy("1").resolve("database");
        Path file = directory.resolve("livesync.grants");
        Files.writeString(file, Files.readString(file).replace("livesync grants 1", "livesync grants 3"));
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Grants.inDirectory(directory).list())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessageContaining("version 3; this build reads version 2")
                .hasMessageContaining("newer build");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    private Path copy(String version) throws IOException {
        return copy(RESOURCES.resolve(version), temporary.resolve("copy"));
    }

    private static Path copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                Files.copy(file, copy);
                if (Files.isRegularFile(copy)
                        && copy.getFileSystem().supportedFileAttributeViews().contains("posix")) {
                    // No repository keeps it, and a file of grants is not read without.
                    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
                }
            }
        }
        return target;
    }

    private static List<String> documents(String version) throws IOException {
        return documents(RESOURCES.resolve(version));
    }

    private static List<String> documents(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve("documents.txt"));
    }

    private static List<String> lines(Database database) {
        List<String> lines = new ArrayList<>();
        database.forEach(document -> lines.add(document.id() + "\t" + document.json()));
        lines.sort(null);
        return lines;
    }

    private static Map<String, byte[]> content(Path folder) throws IOException {
        Map<String, byte[]> content = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.put(folder.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
            }
        }
        return content;
    }

    private static Map<String, String> hashes(Path folder) throws IOException {
        Map<String, String> hashes = new TreeMap<>();
        content(folder).forEach((name, bytes) -> hashes.put(name, sha256(bytes)));
        return hashes;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
