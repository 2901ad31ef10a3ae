package dev.livesync.database.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A disk with a cache in front of it, as unkind as a real one may be. What was not forced may be lost by a crash in whole, in part, or in
 * any order of sectors; names that were not synced may be the old ones. A force that fails has made durable some of what was waiting, and
 * forgets the rest, although it can still be read. A full disk takes half of a write. A renaming that was refused may have been done.
 *
 * <p>Operations that change something are numbered, so that a fault can be put at each of them. After a crash {@link #restart} gives the disk
 * as the next process finds it. Any thread, one at a time.
 */
public final class SimulatedDisk implements Disk {
    private static final int SECTOR = 512;

    /** What happens at an operation. */
    public enum Fault {
        NONE,
        /** The machine stops in the middle of it. */
        CRASH,
        /** It fails, and nothing or only a part of it was done. */
        ERROR
    }

    /** What an operation is. */
    public enum Kind {
        CREATE,
        WRITE,
        TRUNCATE,
        FORCE,
        DELETE,
        RENAME,
        SYNC
    }

    /** Decides what happens. */
    @FunctionalInterface
    public interface Faults {
        Fault at(int operation, Kind kind);
    }

    /** Names on the platter. */
    private final TreeMap<String, Content> durableNames = new TreeMap<>();

    private final TreeMap<String, Content> names = new TreeMap<>();
    private final List<Consumer<Map<String, Content>>> unsyncedNames = new ArrayList<>();
    private final Random random;
    private Faults faults = (operation, kind) -> Fault.NONE;
    private int operations;
    private int forces;
    private boolean stopped;
    private int skippedForce = -1;
    private boolean skipsTruncations;
    private boolean skipsSyncs;
    private int openFiles;
    private int opened;
    private int leakEvery;

    public SimulatedDisk(Random random) {
        this.random = random;
    }

    public synchronized SimulatedDisk with(Faults what) {
        faults = what;
        return this;
    }

    /** A planted bug: one force, by its number, does nothing. */
    public void skipForce(int number) {
        skippedForce = number;
    }

    /** A planted bug: files are never cut to a length. */
    public void skipTruncations() {
        skipsTruncations = true;
    }

    /** A planted bug: names are never made durable. */
    public void skipSyncs() {
        skipsSyncs = true;
    }

    /** A planted bug: of so many files that were opened one is never closed. */
    public void leak(int every) {
        leakEvery = every;
    }

    /** How many files somebody has open. */
    public synchronized int openFiles() {
        return openFiles;
    }

    /** How many files there are. */
    public synchronized int files() {
        return names.size();
    }

    public synchronized int operations() {
        return operations;
    }

    public synchronized boolean hasStopped() {
        return stopped;
    }

    /** Stops the machine now, between two operations. */
    public synchronized void stop() {
        stopped = true;
    }

    /** The disk as it is found after the machine has stopped. */
    public synchronized SimulatedDisk restart(Random luck) {
        SimulatedDisk next = new SimulatedDisk(luck);
        TreeMap<String, Content> found = new TreeMap<>(durableNames);
        int mode = luck.nextInt(4);
        int kept = mode == 0 ? 0 : mode == 1 ? unsyncedNames.size() : luck.nextInt(unsyncedNames.size() + 1);
        unsyncedNames.subList(0, kept).forEach(change -> change.accept(found));
        found.forEach((name, content) -> {
            Content survivor = content.survivor(luck, mode);
            next.durableNames.put(name, survivor);
            next.names.put(name, survivor);
        });
        return next;
    }

    /** Flips a bit somewhere in a file, on the platter; says where. */
    public synchronized String flip(Random luck) {
        List<String> candidates = durableNames.keySet().stream()
                .filter(n -> durableNames.get(n).durable.size > 0)
                .toList();
        if (candidates.isEmpty()) {
            return "nowhere";
        }
        String name = candidates.get(luck.nextInt(candidates.size()));
        Content content = durableNames.get(name);
        int at = luck.nextInt(content.durable.size);
        flip(name, at, luck.nextInt(8));
        return name + " at " + at;
    }

    public synchronized void flip(String name, int at, int bit) {
        Content content = durableNames.get(name);
        content.durable.bytes[at] ^= (byte) (1 << bit);
        if (content.current.size > at) {
            content.current.bytes[at] = content.durable.bytes[at];
        }
    }

    /** Removes a file, as somebody might who tidies up. */
    public synchronized void lose(String name) {
        durableNames.remove(name);
        names.remove(name);
    }

    /** Everything that can be read now. */
    public synchronized Map<String, byte[]> bytes() {
        Map<String, byte[]> all = new TreeMap<>();
        names.forEach((name, c) -> all.put(name, Arrays.copyOf(c.current.bytes, c.current.size)));
        return all;
    }

    private Fault next(Kind kind) throws IOException {
        requireRunning();
        Fault fault = faults.at(operations++, kind);
        if (fault == Fault.CRASH) {
            stopped = true;
        }
        return fault;
    }

    private void requireRunning() throws IOException {
        if (stopped) {
            throw new IOException("the machine has stopped");
        }
    }

    private static IOException refusal(Fault fault, Kind kind) {
        if (fault == Fault.CRASH) {
            return new IOException("the machine has stopped");
        }
        boolean full = kind == Kind.WRITE || kind == Kind.CREATE;
        return new IOException(full ? "No space left on device" : "Input/output error");
    }

    /** A change of names: seen at once, durable after {@link #sync}. */
    private void change(Kind kind, Consumer<Map<String, Content>> change) throws IOException {
        Fault fault = next(kind);
        if (fault != Fault.ERROR || kind == Kind.RENAME && random.nextBoolean()) {
            unsyncedNames.add(change);
            change.accept(names);
        }
        if (fault != Fault.NONE) {
            throw refusal(fault, kind);
        }
    }

    @Override
    public synchronized List<String> list() throws IOException {
        requireRunning();
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        requireRunning();
        Content content = names.get(name);
        if (content == null) {
            throw new FileNotFoundException(name);
        }
        return new SimulatedFile(content);
    }

    @Override
    public synchronized DiskFile create(String name) throws IOException {
        requireRunning();
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        Content content = new Content();
        change(Kind.CREATE, all -> all.put(name, content));
        return new SimulatedFile(content);
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        if (names.containsKey(name)) {
            change(Kind.DELETE, all -> all.remove(name));
        } else {
            requireRunning();
        }
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        requireRunning();
        if (!names.containsKey(from)) {
            throw new FileNotFoundException(from);
        }
        change(Kind.RENAME, all -> {
            Content content = all.remove(from);
            if (content != null) {
                all.put(to, content);
            }
        });
    }

    @Override
    public synchronized void sync() throws IOException {
        Fault fault = next(Kind.SYNC);
        if (fault != Fault.NONE) {
            throw refusal(fault, Kind.SYNC);
        }
        if (skipsSyncs) {
            return;
        }
        unsyncedNames.forEach(change -> change.accept(durableNames));
        unsyncedNames.clear();
    }

    @Override
    public String describe(String name) {
        return "simulated:" + name;
    }

    @Override
    public void close() {}

    /** Bytes that grow. */
    private static final class Bytes {
        byte[] bytes = new byte[1_024];
        int size;

        void write(int at, byte[] what, int from, int length) {
            if (at + length > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, at + length));
            }
            System.arraycopy(what, from, bytes, at, length);
            size = Math.max(size, at + length);
        }

        void truncate(int to) {
            if (to < size) {
                Arrays.fill(bytes, to, size, (byte) 0);
                size = to;
            }
        }
    }

    /** A write that waits, or a truncation: without bytes. */
    private static final class Waiting {
        final int at;
        final byte[] what;

        Waiting(int at, byte[] what) {
            this.at = at;
            this.what = what;
        }

        void apply(Bytes bytes) {
            if (what == null) {
                bytes.truncate(at);
            } else {
                bytes.write(at, what, 0, what.length);
            }
        }
    }

    private static final class Content {
        final Bytes durable = new Bytes();
        final Bytes current = new Bytes();
        final List<Waiting> waiting = new ArrayList<>();

        void take(Waiting change) {
            waiting.add(change);
            change.apply(current);
        }

        void force() {
            waiting.forEach(w -> w.apply(durable));
            waiting.clear();
        }

        void failToForce(Random luck) {
            for (Waiting w : waiting) {
                if (luck.nextBoolean()) {
                    w.apply(durable);
                }
            }
            waiting.clear();
        }

        Content survivor(Random luck, int mode) {
            Bytes left = new Bytes();
            left.write(0, durable.bytes, 0, durable.size);
            int kept = mode == 0 ? 0 : mode == 1 || mode == 3 ? waiting.size() : luck.nextInt(waiting.size() + 1);
            for (int i = 0; i < kept; i++) {
                Waiting w = waiting.get(i);
                if (mode == 3 && w.what != null) {
                    sectors(w, left, luck);
                } else if (mode != 3 || luck.nextBoolean()) {
                    w.apply(left);
                }
            }
            if (mode == 2 && kept < waiting.size() && waiting.get(kept).what != null) { // the last one is torn
                Waiting torn = waiting.get(kept);
                left.write(torn.at, torn.what, 0, luck.nextInt(torn.what.length + 1));
            }
            Content content = new Content();
            content.durable.write(0, left.bytes, 0, left.size);
            content.current.write(0, left.bytes, 0, left.size);
            return content;
        }

        private static void sectors(Waiting w, Bytes left, Random luck) {
            for (int from = 0; from < w.what.length; ) {
                int to = Math.min(w.what.length, ((w.at + from) / SECTOR + 1) * SECTOR - w.at);
                if (luck.nextBoolean()) {
                    left.write(w.at + from, w.what, from, to - from);
                }
                from = to;
            }
        }
    }

    private final class SimulatedFile implements DiskFile {
        private final Content content;
        private final boolean isLeak;
        private boolean closed;

        SimulatedFile(Content content) {
            this.content = content;
            openFiles++;
            isLeak = leakEvery > 0 && ++opened % leakEvery == 0;
        }

        @Override
        public long size() throws IOException {
            synchronized (SimulatedDisk.this) {
                requireRunning();
                return content.current.size;
            }
        }

        @Override
        public int read(long position, ByteBuffer target) throws IOException {
            synchronized (SimulatedDisk.this) {
                requireRunning();
                int n = (int) Math.max(0, Math.min(target.remaining(), content.current.size - position));
                if (n == 0) {
                    return target.hasRemaining() ? -1 : 0;
                }
                target.put(content.current.bytes, (int) position, n);
                return n;
            }
        }

        @Override
        public void write(long position, ByteBuffer source) throws IOException {
            synchronized (SimulatedDisk.this) {
                Fault fault = next(Kind.WRITE);
                byte[] what = new byte[source.remaining() / (fault == Fault.ERROR ? 2 : 1)];
                source.get(what);
                content.take(new Waiting((int) position, what));
                if (fault != Fault.NONE) {
                    throw refusal(fault, Kind.WRITE);
                }
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            synchronized (SimulatedDisk.this) {
                Fault fault = next(Kind.TRUNCATE);
                if (fault != Fault.ERROR && !skipsTruncations) {
                    content.take(new Waiting((int) size, null));
                }
                if (fault != Fault.NONE) {
                    throw refusal(fault, Kind.TRUNCATE);
                }
            }
        }

        @Override
        public void force() throws IOException {
            synchronized (SimulatedDisk.this) {
                Fault fault = next(Kind.FORCE);
                if (fault == Fault.ERROR) {
                    content.failToForce(random);
                } else if (fault == Fault.NONE && forces++ != skippedForce) {
                    content.force();
                }
                if (fault != Fault.NONE) {
                    throw refusal(fault, Kind.FORCE);
                }
            }
        }

        @Override
        public void close() {
            synchronized (SimulatedDisk.this) {
                if (!closed && !isLeak) {
                    openFiles--;
                }
                closed = true;
            }
        }
    }
}
