package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.replica.postgres.FreePort;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That {@link FromOutsideTest} would notice: a process that acknowledges too early, and a disk that keeps what was never flushed. */
@Tag("soak")
class PlantedOutsideTest {
    private static final int MOST_KILLS = 200;

    @TempDir
    private Path root;

    @Test
    void whoAcknowledgesBeforeItHasWrittenIsFound() throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        int port = FreePort.find();
        Path directory = Files.createDirectory(root.resolve("host"));
        try (OutsideHost host = new OutsideHost(
                "host",
                directory.resolve("db"),
                JavaStart.rehearse(root),
                List.of(),
                List.of(
                        OutsideProgram.LISTEN,
                        "ws://127.0.0.1:" + port + "/",
                        "from-outside-".repeat(3),
                        OutsideProgram.EARLY),
                remote -> "",
                new Acknowledged())) {
            String found = "";
            int kills = 0;
            for (host.start(); found.isEmpty() && kills < MOST_KILLS; kills++) {
                try {
                    host.awaitReady();
                    host.put(60);
                    host.work(random.nextInt(100));
                    host.kill();
                    host.start();
                } catch (AssertionError e) {
                    found = String.valueOf(e.getMessage());
                }
            }
            System.out.println("found after " + kills + " kills, seed " + seed + ": " + found.strip());
            assertThat(found).contains("lost at host", "was acknowledged with");
        }
    }

    @Test
    void aDiskWithoutPowerLosesWhatWasNotFlushedAndNothingElse() throws Exception {
        Path mounted = root.resolve("disk");
        SmallDisk made = null;
        try {
            made = SmallDisk.make(mounted, 16);
        } catch (AssertionError e) {
            assumeTrue(false, "NOT TESTED: mounting a disk needs root and ext4");
        }
        try (SmallDisk disk = made) {
            Path kept = mounted.resolve("kept");
            try (FileChannel out = FileChannel.open(kept, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                out.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
                out.force(true);
                out.write(ByteBuffer.wrap(new byte[] {4}));
            }
            Files.write(mounted.resolve("lost"), new byte[] {5});
            disk.powerOff();
            disk.powerOn();
            assertThat(kept).hasBinaryContent(new byte[] {1, 2, 3});
            assertThat(mounted.resolve("lost")).doesNotExist();
        }
    }
}
