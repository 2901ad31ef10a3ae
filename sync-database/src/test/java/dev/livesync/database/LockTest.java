package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.DiskFile;
import dev.livesync.database.disk.FileDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Nobody writes beside somebody else, whatever becomes of the lock file; and nothing in its place makes anybody wait. */
@ExtendWith(Quiet.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockTest {
    private static final String LOCK = "livesync.lock";

    @TempDir
    Path root;

    private static void assertRefused(ErrorKind kind, Runnable action, String... words) {
        assertThatThrownBy(action::run).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).contains(words);
        });
    }

    private static void fifo(Path path) throws Exception {
        Process made = new ProcessBuilder("mkfifo", path.toString()).start();
        assumeTrue(made.waitFor(10, TimeUnit.SECONDS) && made.exitValue() == 0, "no mkfifo here");
    }

    @Test
    void whoeverLostTheLockFileToAnotherProcessWritesNoMore() throws Exception {
        Path directory = root.resolve("db");
        Database first = Database.open(directory);
        first.put("a", "{}");
        Files.delete(directory.resolve(LOCK));
        try (WriterProcess second = WriterProcess.start(directory, "x")) {
            assertThat(second.line()).isEqualTo("open");
            String written = second.line();
            assertRefused(ErrorKind.IN_USE, () -> first.put("b", "{}"), LOCK, directory.toString());
            assertRefused(ErrorKind.IN_USE, () -> first.put("b", "{}"), LOCK);
            assertThat(first.get("a")).isPresent();
            first.close();
            second.kill();
            try (Database again = Database.open(directory)) {
                assertThat(again.get("a")).isPresent();
                assertThat(again.get(written)).isPresent();
                assertThat(again.get("b")).isEmpty();
                assertThat(again.verify().problems()).isEmpty();
            }
        }
    }

    /** The look before a write came too early then; the one before it is acknowledged does not. */
    @Test
    void aWriteIsNotAcknowledgedIfTheLockFileWasReplacedMeanwhile() throws IOException {
        Path directory = Files.createDirectory(root.resolve("files"));
        try (FileDisk disk = FileDisk.lock(directory);
                DiskFile file = disk.create("file")) {
            file.write(0, ByteBuffer.allocate(8));
            file.force();
            Files.delete(directory.resolve(LOCK));
            Files.createFile(directory.resolve(LOCK)); // as another process does
            assertRefused(ErrorKind.IN_USE, () -> force(file), LOCK, directory.toString());
        }
    }

    private static void force(DiskFile file) {
        try {
            file.force();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aLockFileThatWasOnlyRemovedComesBack() throws Exception {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            Files.delete(directory.resolve(LOCK));
            db.put("a", "{}");
            assertThat(directory.resolve(LOCK)).exists();
            try (WriterProcess other = WriterProcess.start(directory, "x")) {
                assertThat(other.line()).as("opened by another process").isNull();
            }
            db.put("b", "{}");
        }
        try (Database db = Database.open(directory)) {
            assertThat(db.all()).hasSize(2);
        }
    }

    @Test
    void aFifoInPlaceOfTheLockFileIsRefused() throws Exception {
        Path directory = root.resolve("db");
        Database.open(directory).close();
        Files.delete(directory.resolve(LOCK));
        fifo(directory.resolve(LOCK));
        assertRefused(ErrorKind.CONFIGURATION, () -> Database.open(directory), LOCK, "no ordinary file");
    }

    @Test
    void aLinkInPlaceOfTheLockFileIsRefused() throws IOException {
        Path directory = root.resolve("db");
        Database.open(directory).close();
        for (Path target : new Path[] {root.resolve("nowhere"), Files.writeString(root.resolve("other"), "")}) {
            Files.delete(directory.resolve(LOCK));
            Files.createSymbolicLink(directory.resolve(LOCK), target);
            assertRefused(ErrorKind.CONFIGURATION, () -> Database.open(directory), LOCK, "no ordinary file");
            assertThat(root.resolve("nowhere")).doesNotExist();
        }
    }

    @Test
    void aFifoOrLinkThatTakesThePlaceInUseEndsWriting() throws Exception {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            db.put("a", "{}");
            Files.delete(directory.resolve(LOCK));
            fifo(directory.resolve(LOCK));
            assertRefused(ErrorKind.IN_USE, () -> db.put("b", "{}"), LOCK);
        }
    }

    @Test
    void aFifoInPlaceOfAnyOtherFileMakesNobodyWait() throws Exception {
        for (String name : new String[] {"segment-00000001.log", "checkpoint.idx", "highwater.mark"}) {
            Path directory = root.resolve(name + ".d");
            try (Database db = Database.open(directory)) {
                db.put("a", "{}");
            }
            Files.deleteIfExists(directory.resolve(name));
            fifo(directory.resolve(name));
            assertRefused(ErrorKind.STORAGE, () -> Database.open(directory), name, "no ordinary file");
        }
    }

    @Test
    void linksThatLeadNowhereAreSaidToBe() throws IOException {
        Path dangling = Files.createSymbolicLink(root.resolve("dangling"), Path.of("nowhere"));
        Path a = Files.createSymbolicLink(root.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(root.resolve("b"), Path.of("a"));
        assertRefused(ErrorKind.STORAGE, () -> Database.open(dangling), "leads nowhere");
        assertRefused(ErrorKind.STORAGE, () -> Database.open(a), "too many links");
        assertRefused(ErrorKind.STORAGE, () -> Database.openReadOnly(dangling), "leads nowhere");
        assertThat(root.resolve("nowhere")).doesNotExist();
        try (Database db = Database.inMemory()) {
            Path missing = root.resolve("no/such/folder");
            assertRefused(
                    ErrorKind.STORAGE,
                    () -> db.backup(missing.resolve("b.car")),
                    "there is no folder " + root.resolve("no"));
        }
    }
}
