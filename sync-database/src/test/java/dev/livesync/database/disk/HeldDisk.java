package dev.livesync.database.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** A disk in memory that holds the first step of some kind for as long as a test likes, and all like it meanwhile; and counts its forces. */
public final class HeldDisk implements Disk {
    /** Every step that makes something durable. */
    public static final Predicate<Step> FORCES = step -> step.operation().equals("force");

    private final MemoryDisk disk = new MemoryDisk();
    private final AtomicInteger forces = new AtomicInteger();
    private volatile Gate gate = new Gate(step -> false);

    /**
     * What somebody does.
     *
     * @param operation the method's name
     * @param file the file's
     * @param thread whose
     */
    public record Step(String operation, String file, Thread thread) {}

    private static final class Gate {
        final Predicate<Step> held;
        final CountDownLatch reached = new CountDownLatch(1);
        final CountDownLatch opened = new CountDownLatch(1);

        Gate(Predicate<Step> held) {
            this.held = held;
        }
    }

    /** Releases before the database closes, so that a test that fails cannot hang. */
    @FunctionalInterface
    public interface Releasing extends AutoCloseable {
        @Override
        void close();
    }

    /** From here on these steps wait, until the next {@link #release}. */
    public void hold(Predicate<Step> steps) {
        gate = new Gate(steps);
    }

    public boolean isHolding() {
        return gate.reached.getCount() == 0;
    }

    public void awaitHolding() throws InterruptedException {
        gate.reached.await();
    }

    public void release() {
        gate.opened.countDown();
    }

    /** How many forces have come through. */
    public int forces() {
        return forces.get();
    }

    private void step(String operation, String file) throws IOException {
        Gate now = gate;
        if (now.held.test(new Step(operation, file, Thread.currentThread()))) {
            now.reached.countDown();
            try {
                now.opened.await();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    @Override
    public List<String> list() {
        return disk.list();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new Held(name, disk.open(name));
    }

    @Override
    public DiskFile create(String name) throws IOException {
        step("create", name);
        return new Held(name, disk.create(name));
    }

    @Override
    public void delete(String name) throws IOException {
        step("delete", name);
        disk.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        step("rename", from);
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

    private final class Held implements DiskFile {
        private final String name;
        private final DiskFile file;

        Held(String name, DiskFile file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            step("read", name);
            return file.read(position, target);
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            step("write", name);
            file.write(position, source);
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void force() throws IOException {
            step("force", name);
            file.force();
            forces.incrementAndGet();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
