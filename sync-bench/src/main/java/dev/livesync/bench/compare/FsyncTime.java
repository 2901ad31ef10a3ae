package dev.livesync.bench.compare;

import dev.livesync.bench.report.Samples;
import dev.livesync.bench.workload.Scratch;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What the disk itself takes. */
final class FsyncTime {
    private static final int APPENDS = 50;
    private static final int BYTES = 256;

    private FsyncTime() {}

    /** The median of appends to a file, each of them made durable. */
    static double millis(Scratch scratch) throws IOException {
        Path file = scratch.next();
        double[] millis = new double[APPENDS];
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < APPENDS; i++) {
                ByteBuffer bytes = ByteBuffer.allocate(BYTES);
                long start = System.nanoTime();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(false);
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Files.delete(file);
        return Samples.of(millis).median();
    }
}
