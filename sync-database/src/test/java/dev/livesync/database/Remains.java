package dev.livesync.database;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
        Map<Long, Integer> stretches = new HashMap<>();
        // With others not the last: two pieces may meet in it, and nothing comes behind it that could tell.
        int last = content.length - (others.length == 0 ? STRETCH : 2 * STRETCH);
        for (int at = 0; at <= last; at += STRETCH) {
            stretches.put(ByteBuffer.wrap(content).getLong(at), at);
        }
        for (byte[] other : others) {
            forEach(other, stretches, (stretch, at) -> stretches.remove(stretch));
        }
        long[] found = new long[1];
        files.forEach(file -> forEach(file, stretches, (stretch, at) -> {
            int place = Objects.requireNonNull(stretches.get(stretch));
            found[0] += isSame(file, at - STRETCH, content, place - STRETCH)
                            && isSame(file, at + STRETCH, content, place + STRETCH)
                    ? 1
                    : 0;
        }));
        return found[0];
    }

    /**
     * Whether the stretches at two places are the same, as far as the content has one there. Without that, a stretch in which two pieces meet that others have, too, would be found where one of them
     * follows bytes that are by chance the other's last.
     */
    private static boolean isSame(byte[] file, int at, byte[] content, int place) {
        int from = Math.max(0, -place);
        int to = Math.min(STRETCH, content.length - place);
        return from >= to
                || at + from >= 0
                        && at + to <= file.length
                        && Arrays.equals(file, at + from, at + to, content, place + from, place + to);
    }

    /** Takes stretches. */
    @FunctionalInterface
    private interface StretchVisitor {
        void stretch(long stretch, int at);
    }

    /** Calls for each stretch of some bytes, at any place, that is one of these. */
    private static void forEach(byte[] bytes, Map<Long, Integer> stretches, StretchVisitor action) {
        BitSet hints = new BitSet(1 << 20);
        stretches.keySet().forEach(stretch -> hints.set((int) (stretch & 0xfffff)));
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int at = 0; at + STRETCH <= bytes.length; at++) {
            long stretch = buffer.getLong(at);
            if (hints.get((int) (stretch & 0xfffff)) && stretches.containsKey(stretch)) {
                action.stretch(stretch, at);
            }
        }
    }
}
