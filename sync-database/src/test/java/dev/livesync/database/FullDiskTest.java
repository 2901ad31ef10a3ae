package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database on a file system that is really full: writes are refused by name, everything can be read, opening and closing still work, and when there
 * is room again the same process goes on. In a child process, which has its own small file system, or at least its own limit.
 */
@Timeout(300)
class FullDiskTest {
    private static final int ROOM = 2 << 20;

    @TempDir
    private Path root;

    @Test
    void aFullFileSystem() throws IOException, InterruptedException {
        List<String> mounted = mounting();
        if (mounted.isEmpty()) {
            System.err.println("NOT TESTED on a full file system: mounting one is not allowed here (unshare -m). "
                    + "A process at its limit of file sizes is tested instead.");
            aLimitOfFileSizes();
            return;
        }
        List<String> command = new ArrayList<>(mounted);
        command.addAll(java(root.resolve("db"), "filler"));
        run(command, "No space left on device", false);
    }

    @Test
    void aLimitOfFileSizes() throws IOException, InterruptedException {
        String otherwise = "NOT TESTED at a limit of file sizes: there is no prlimit here, as Linux has it";
        boolean there = Files.isExecutable(Path.of("/usr/bin/prlimit"));
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
        List<String> command = new ArrayList<>(List.of("prlimit", "--fsize=" + ROOM / 2 + ":"));
        command.addAll(java(Files.createDirectory(root.resolve("limited")).resolve("db"), "limit"));
        run(command, "File too large", true);
    }

    /** How to start a command in which the test's directory is a small file system of its own; empty if there is no way. */
    private List<String> mounting() throws IOException, InterruptedException {
        String script = "mount -t tmpfs -o size=" + ROOM + " none \"$0\" && exec \"$@\"";
        for (List<String> unshare : List.of(List.of("unshare", "-m"), List.of("unshare", "-r", "-m"))) {
            List<String> command = new ArrayList<>(unshare);
            command.addAll(List.of("sh", "-c", script, root.toString()));
            List<String> probe = new ArrayList<>(command);
            probe.add("true");
            try {
                if (new ProcessBuilder(probe).start().waitFor() == 0) {
                    return command;
                }
            } catch (IOException e) {
                // there is no such command
            }
        }
        return List.of();
    }

    private static List<String> java(Path directory, String how) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                FullDiskTest.class.getName(),
                directory.toString(),
                how);
    }

    private static void run(List<String> command, String reason, boolean raise)
            throws IOException, InterruptedException {
        Process child = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = child.inputReader(StandardCharsets.UTF_8);
                Writer in = child.outputWriter(StandardCharsets.UTF_8)) {
            for (int i = 0; i < 2; i++) {
                assertThat(out.readLine())
                        .startsWith("refused " + ErrorKind.STORAGE)
                        .contains("segment-00000001.log", reason);
            }
            assertThat(out.readLine()).isEqualTo("all can be read");
            assertThat(out.readLine()).isEqualTo("all can be read");
            assertThat(out.readLine())
                    .startsWith("refused " + ErrorKind.STORAGE)
                    .contains(reason);
            if (raise) {
                int code = new ProcessBuilder("prlimit", "--pid", Long.toString(child.pid()), "--fsize=unlimited:")
                        .inheritIO()
                        .start()
                        .waitFor();
                assertThat(code).isZero();
            }
            in.write("there is room\n");
            in.flush();
            assertThat(out.readLine()).isEqualTo("it goes on");
            assertThat(out.readLine()).isEqualTo("it verifies");
            assertThat(out.readLine()).isNull();
            assertThat(child.waitFor()).isZero();
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    /** The child. */
    public static void main(String[] args) throws IOException {
        Path directory = Path.of(args[0]);
        Path filler = args[1].equals("filler") ? directory.resolveSibling("filler") : null;
        if (filler != null) {
            Files.write(filler, new byte[ROOM / 2]);
        }
        Random random = new Random(1);
        List<String> acknowledged = new ArrayList<>();
        Database db = Database.open(directory);
        fill(db, random, acknowledged);
        fill(db, random, acknowledged);
        requireAll(db, acknowledged);
        db.close();
        db = Database.open(directory);
        requireAll(db, acknowledged);
        fill(db, random, acknowledged);
        System.in.read();
        if (filler != null) {
            Files.delete(filler);
        }
        for (int i = 0; i < 10; i++) {
            put(db, random, acknowledged);
        }
        System.out.println("it goes on");
        db.close();
        try (Database again = Database.open(directory)) {
            boolean whole = again.verify().ok()
                    && again.all().stream().map(Document::id).toList().size() == acknowledged.size()
                    && acknowledged.stream().allMatch(id -> again.get(id).isPresent());
            System.out.println(
                    whole
                            ? "it verifies"
                            : again.verify().problems() + ", " + again.all().size());
        }
    }

    private static void put(Database db, Random random, List<String> acknowledged) {
        String id = "d" + acknowledged.size();
        db.put(id, "{\"text\":\"" + "x".repeat(100 + random.nextInt(2_000)) + "\"}");
        acknowledged.add(id);
    }

    private static void fill(Database db, Random random, List<String> acknowledged) {
        try {
            while (acknowledged.size() < 10_000) {
                put(db, random, acknowledged);
            }
            System.out.println("never full");
        } catch (SyncException e) {
            System.out.println("refused " + e.kind() + ": " + e.getMessage());
        }
    }

    private static void requireAll(Database db, List<String> acknowledged) {
        List<String> ids = db.all().stream().map(Document::id).sorted().toList();
        System.out.println(
                ids.equals(acknowledged.stream().sorted().toList()) ? "all can be read" : "only these: " + ids);
    }
}
