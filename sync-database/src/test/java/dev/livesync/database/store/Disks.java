package dev.livesync.database.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;

/** Disks as maps from names to bytes, to be damaged. */
public final class Disks {
    private Disks() {}

    /** Everything on a disk, copied. */
    public static TreeMap<String, byte[]> bytes(Disk disk) {
        try {
            TreeMap<String, byte[]> files = new TreeMap<>();
            for (String name : disk.list()) {
                LogFile file = disk.open(name);
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
}
