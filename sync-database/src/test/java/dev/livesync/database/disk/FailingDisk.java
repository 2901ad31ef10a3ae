package dev.livesync.database.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes everything on until told to refuse. */
public final class FailingDisk implements Disk {
    /** What to refuse. */
    public enum Fault {
        NONE,
        /** Writes half of what it should, then says that the disk is full. */
        WRITE,
        FORCE,
        /** Writing finds no memory. */
        WRITE_MEMORY,
        /** Reading finds no memory. */
        READ_MEMORY,
        CREATE,
        TRUNCATE
    }

    private final Disk disk;
    private volatile Fault fault = Fault.NONE;
    private final AtomicInteger successesLeft = new AtomicInteger();

    public FailingDisk(Disk disk) {
        this.disk = disk;
    }

    public void fail(Fault what) {
        fail(what, 0);
    }

    /** Refuses after some more successes. */
    public void fail(Fault what, int successes) {
        successesLeft.set(successes);
        fault = what;
    }

    private boolean refuses(Fault what) {
        return fault == what && successesLeft.getAndDecrement() <= 0;
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new Failing(disk.open(name));
    }

    @Override
    public DiskFile create(String name) throws IOException {
        if (refuses(Fault.CREATE)) {
            throw new IOException("No space left on device");
        }
        return new Failing(disk.create(name));
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void sync() throws IOException {
        disk.sync();
    }

    @Override
    public String describe(String name) {
        return disk.describe(name);
    }

    @Override
    public void close() throws IOException {
        disk.close();
    }

    private final class Failing implements DiskFile {
        private final DiskFile file;

        Failing(DiskFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            if (refuses(Fault.READ_MEMORY)) {
                throw new OutOfMemoryError("planted");
            }
            return file.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            if (refuses(Fault.WRITE)) {
                source.limit(source.position() + source.remaining() / 2);
                file.write(position, source);
                throw new IOException("No space left on device");
            }
            if (refuses(Fault.WRITE_MEMORY)) {
                throw new OutOfMemoryError("planted");
            }
            file.write(position, source);
        }

        @Override
        public void truncate(long size) throws IOException {
            if (refuses(Fault.TRUNCATE)) {
                throw new IOException("Input/output error");
            }
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            if (refuses(Fault.FORCE)) {
                throw new IOException("Input/output error");
            }
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
