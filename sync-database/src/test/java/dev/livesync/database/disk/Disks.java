package dev.livesync.database.disk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** Disks as maps from names to bytes, to be damaged. */
public final class Disks {
    private Disks() {}

    /** Everything on a disk, copied. */
    public static NavigableMap<String, byte[]> bytes(Disk disk) {
        try {
            NavigableMap<String, byte[]> files = new TreeMap<>();
            for (String name : disk.list()) {
                DiskFile file = disk.open(name);
                byte[] content = new byte[(int) file.size()];
                file.read(0, ByteBuffer.wrap(content));
                files.put(name, content);
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A disk with this content. */
    public static MemoryDisk of(Map<String, byte[]> files) {
        try {
            MemoryDisk disk = new MemoryDisk();
            for (Map.Entry<String, byte[]> e : files.entrySet()) {
                disk.create(e.getKey()).write(0, ByteBuffer.wrap(e.getValue()));
            }
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Flips a bit in the middle of the only place where some bytes stand. */
    public static void damage(Disk disk, byte[] content) {
        try {
            for (Map.Entry<String, byte[]> file : bytes(disk).entrySet()) {
                int at = indexOf(file.getValue(), content);
                if (at >= 0) {
                    int middle = at + content.length / 2;
                    byte flipped = (byte) (file.getValue()[middle] ^ 4);
                    disk.open(file.getKey()).write(middle, ByteBuffer.wrap(new byte[] {flipped}));
                    return;
                }
            }
            throw new AssertionError("these bytes are in no file");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int indexOf(byte[] bytes, byte[] content) {
        for (int i = 0; i + content.length <= bytes.length; i++) {
            if (Arrays.mismatch(bytes, i, i + content.length, content, 0, content.length) < 0) {
                return i;
            }
        }
        return -1;
    }
}
