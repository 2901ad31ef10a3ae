package dev.livesync.database;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Looks for stretches of a random content in files, wherever they lie. */
final class Remains {
    private static final int STRETCH = 8;

    private Remains() {}

    /** How many places in the files of a directory begin a stretch of the content that the other contents don't have. */
    static long in(Path directory, byte[] content, byte[]... others) {
        try (Stream<Path> files = Files.walk(directory)) {
            return count(files.filter(Files::isRegularFile).map(Remains::read).toList(), content, others);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long in(Disk disk, byte[] content, byte[]... others) {
        try {
            List<byte[]> files = new ArrayList<>();
            for (String name : disk.list()) {
                try (DiskFile file = disk.open(name)) {
                    ByteBuffer bytes = ByteBuffer.allocate((int) file.size());
                    while (bytes.hasRemaining() && file.read(bytes.position(), bytes) >= 0) {
                        // goes on
                    }
                    files.add(bytes.array());
                }
            }
            return count(files, content, others);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long count(List<byte[]> files, byte[] content, byte[]... others) {
        Set<Long> stretches = new HashSet<>();
        for (int at = 0; at + STRETCH <= content.length; at += STRETCH) {
            stretches.add(ByteBuffer.wrap(content).getLong(at));
        }
        for (byte[] other : others) {
            forEach(other, stretches, stretches::remove);
        }
        long[] found = new long[1];
        files.forEach(file -> forEach(file, stretches, stretch -> found[0]++));
        return found[0];
    }

    /** Calls for each stretch of some bytes, at any place, that is one of these. */
    private static void forEach(byte[] bytes, Set<Long> stretches, LongConsumer action) {
        BitSet hints = new BitSet(1 << 20);
        stretches.forEach(stretch -> hints.set((int) (stretch & 0xfffff)));
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + STRETCH <= bytes.length; at++) {
            long stretch = buffer.getLong(at);
            if (hints.get((int) (stretch & 0xfffff)) && stretches.contains(stretch)) {
                action.accept(stretch);
            }
        }
    }
}
