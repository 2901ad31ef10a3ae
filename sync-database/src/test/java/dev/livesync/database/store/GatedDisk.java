package dev.livesync.database.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk in memory whose forces are counted and can be held up. */
public final class GatedDisk implements Disk {
    private final MemoryDisk disk = new MemoryDisk();
    private final AtomicInteger forces = new AtomicInteger();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile CountDownLatch reached = new CountDownLatch(1);

    /** From here on forces wait. */
    public void shut() {
        reached = new CountDownLatch(1);
        gate = new CountDownLatch(1);
    }

    /** Until somebody waits at the gate. */
    public void awaitForce() throws InterruptedException {
        reached.await();
    }

    public void open() {
        gate.countDown();
    }

    /** Opens the gate before the database closes, so that a test that fails cannot hang. */
    @FunctionalInterface
    public interface Opening extends AutoCloseable {
        @Override
        void close();
    }

    /** How many forces have come through. */
    public int forces() {
        return forces.get();
    }

    @Override
    public List<String> list() {
        return disk.list();
    }

    @Override
    public LogFile open(String name) throws IOException {
        return new Gated(disk.open(name));
    }

    @Override
    public LogFile create(String name) throws IOException {
        return new Gated(disk.create(name));
    }

    @Override
    public void delete(String name) {
        disk.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void sync() {
        disk.sync();
    }

    @Override
    public String describe(String name) {
        return disk.describe(name);
    }

    @Override
    public void close() {
        disk.close();
    }

    private final class Gated implements LogFile {
        private final LogFile file;

        Gated(LogFile file) {
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            return file.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            file.write(position, source);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            reached.countDown();
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
            file.force();
            forces.incrementAndGet();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
