package dev.livesync.database.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** A disk on the heap: databases in memory run on the same log as those in a directory. Outlives its {@link #close()}. */
public final class MemoryDisk implements Disk {
    private static final int CHUNK = 1 << 16;

    private final ConcurrentHashMap<String, MemoryFile> files = new ConcurrentHashMap<>();

    /** Creates an empty disk. */
    public MemoryDisk() {}

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public DiskFile open(String name) throws IOException {
        MemoryFile file = files.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return file;
    }

    @Override
    public DiskFile create(String name) throws IOException {
        MemoryFile file = new MemoryFile();
        if (files.putIfAbsent(name, file) != null) {
            throw new FileAlreadyExistsException(name);
        }
        return file;
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        MemoryFile file = files.remove(from);
        if (file == null) {
            throw new FileNotFoundException(from);
        }
        files.put(to, file);
    }

    @Override
    public void sync() {}

    @Override
    public String describe(String name) {
        return "memory:" + name;
    }

    @Override
    public void close() {}

    /** A file on the heap. Readers see chunks and size as of some moment, and never read beyond the published size. */
    private static final class MemoryFile implements DiskFile {
        private volatile byte[][] chunks = new byte[0][];
        private volatile long size;

        @Override
        public long size() {
            return size;
        }

        @Override
        public int read(long position, ByteBuffer target) {
            long available = size - position;
            if (available <= 0) {
                return target.hasRemaining() ? -1 : 0;
            }
            int total = (int) Math.min(available, target.remaining());
            byte[][] now = chunks;
            int done = 0;
            while (done < total) {
                int offset = (int) ((position + done) % CHUNK);
                int length = Math.min(total - done, CHUNK - offset);
                target.put(now[(int) ((position + done) / CHUNK)], offset, length);
                done += length;
            }
            return total;
        }

        @Override
        public void write(long position, ByteBuffer source) {
            long end = position + source.remaining();
            int needed = Math.toIntExact((end + CHUNK - 1) / CHUNK);
            byte[][] now = chunks;
            if (needed > now.length) {
                // Room for growth, so that appending stays linear; null chunks are made when first reached.
                now = Arrays.copyOf(now, Math.max(needed, now.length + (now.length >> 1)));
            }
            long at = position;
            while (source.hasRemaining()) {
                int index = (int) (at / CHUNK);
                if (now[index] == null) {
                    now[index] = new byte[CHUNK];
                }
                int offset = (int) (at % CHUNK);
                int length = Math.min(source.remaining(), CHUNK - offset);
                source.get(now[index], offset, length);
                at += length;
            }
            chunks = now;
            size = Math.max(size, end);
        }

        @Override
        public void truncate(long newSize) {
            size = Math.min(size, newSize);
        }

        @Override
        public void force() {}

        @Override
        public void close() {}
    }
}
