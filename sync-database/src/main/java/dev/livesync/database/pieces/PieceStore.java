package dev.livesync.database.pieces;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.StorageFailures;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The blocks of attachments, each once, in files beside the log. What was appended is durable after {@link #force()}; what is read is hashed.
 *
 * <p><strong>Damage</strong> costs the blocks that it hits and nothing else: a block that no longer hashes to its CID counts as absent from then on, so that it can be put
 * or fetched again.
 *
 * <p><strong>Sweeping</strong> removes blocks while others are added. Whoever is about to need blocks that are there already, or to name what he adds,
 * holds a {@link Hold} meanwhile: nothing that was added or found since it began is removed.
 *
 * <p>Any thread. Readers share the lock; whoever adds has it for one write.
 */
public final class PieceStore implements PieceBlocks, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(PieceStore.class.getName());
    private static final int ATTEMPTS = 20;
    /** So many files that are mostly empty are made into one. */
    private static final int MANY_SMALL = 8;

    private final Disk disk;
    private final RandomGenerator random;
    private final long fileBytes;
    private final long quota;
    private final boolean readOnly;

    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private final ReentrantLock sweeping = new ReentrantLock();
    // Guarded by the lock.
    private final PieceIndex index;
    private final Map<Integer, PieceFile> files = new TreeMap<>();
    private @Nullable PieceFile current;
    private int lastNumber;
    private final Set<Hold> holds = new HashSet<>();
    private int moment = 1;
    private long additions;
    /** Whether there may be blocks of which nobody knows the root. */
    private boolean loose;

    private boolean closed;

    private PieceStore(Disk disk, RandomGenerator random, long fileBytes, long quota, boolean readOnly) {
        this.disk = disk;
        this.random = random;
        this.fileBytes = fileBytes;
        this.quota = quota;
        this.readOnly = readOnly;
        this.index = new PieceIndex(random.nextLong());
    }

    /** Keeps what is added or found from its beginning to its end. */
    public final class Hold implements Holding {
        private final int since;
        private final boolean sweeps;

        private Hold(boolean sweeps) {
            this.sweeps = sweeps;
            lock.writeLock().lock();
            try {
                int now = moment++;
                since = sweeps ? oldest(hold -> !hold.sweeps, now) : now;
                holds.add(this);
            } finally {
                lock.writeLock().unlock();
            }
        }

        @Override
        public void close() {
            lock.writeLock().lock();
            try {
                holds.remove(this);
            } finally {
                lock.writeLock().unlock();
            }
        }
    }

    /**
     * Opens what is on a disk; nothing is written before the first block.
     *
     * @param disk where; stays the caller's
     * @param random for salts and hash tables
     * @param fileBytes a new file begins when one has this size
     * @param quota how much content is taken
     * @param readOnly whether somebody else may be writing
     * @return the store
     * @throws SyncException {@link ErrorKind#STORAGE}
     */
    public static PieceStore open(Disk disk, RandomGenerator random, long fileBytes, long quota, boolean readOnly) {
        try {
            for (int attempt = 1; ; attempt++) {
                PieceStore store = new PieceStore(disk, random, fileBytes, quota, readOnly);
                try {
                    store.load();
                    return store;
                } catch (NoSuchFileException e) {
                    // A sweep of the writer's has removed it since it was listed.
                    store.abandon();
                    if (attempt == ATTEMPTS) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            throw StorageFailures.storage("cannot open the attachments of " + disk.describe(""), e);
        }
    }

    /**
     * Tells the files of a store from others.
     *
     * @param name a file's name
     * @return true if it is one
     */
    public static boolean isOwnFile(String name) {
        return PieceFile.number(name) > 0;
    }

    /**
     * Tells blocks of attachments from others.
     *
     * @param block any
     * @return true for a piece and for a node
     */
    public static boolean mayHold(Block block) {
        return block.cid().codec() == Cid.RAW
                ? block.size() <= GearChunker.MOST
                : PieceNode.tryDecode(block).isPresent();
    }

    private void load() throws IOException {
        List<Integer> numbers = disk.list().stream()
                .map(PieceFile::number)
                .filter(number -> number > 0)
                .sorted()
                .toList();
        for (int number : numbers) {
            PieceFile file = PieceFile.open(disk, number, (cid, offset, length) -> {
                int slot = index.find(cid);
                long location = PieceIndex.location(number, offset);
                if (slot < 0) {
                    index.put(cid, location, length, 0);
                } else {
                    index.move(slot, location); // it was put again because the earlier one was damaged
                }
            });
            files.put(number, file);
            loose |= file.wasScanned();
            lastNumber = number;
        }
    }

    /**
     * Whether a block is here. Not yet hashed.
     *
     * @param cid any
     * @return true if it was added and not removed
     */
    public boolean contains(Cid cid) {
        return size(cid) >= 0;
    }

    /**
     * How long a block is.
     *
     * @param cid any
     * @return bytes; -1 if it isn't here
     */
    public int size(Cid cid) {
        lock.readLock().lock();
        try {
            int slot = index.find(cid);
            return slot < 0 ? -1 : index.length(slot);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public Set<Cid> present(Collection<Cid> cids) {
        lock.readLock().lock();
        try {
            return cids.stream().filter(cid -> index.find(cid) >= 0).collect(Collectors.toSet());
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public Map<Cid, Integer> need(Collection<Cid> cids) {
        Map<Cid, Integer> lengths = new HashMap<>();
        lock.writeLock().lock();
        try {
            for (Cid cid : cids) {
                int slot = index.find(cid);
                if (slot >= 0) {
                    index.use(slot, moment);
                    lengths.put(cid, index.length(slot));
                }
            }
            return lengths;
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public void complete(Cid root) {
        force();
    }

    @Override
    public long additions() {
        lock.readLock().lock();
        try {
            return additions;
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Whether a sweep would remove a block now that nobody needs: no {@link Hold} that is open was there before it was added or last found.
     *
     * @param cid any
     * @return false also if it isn't here
     */
    public boolean isFree(Cid cid) {
        lock.readLock().lock();
        try {
            int slot = index.find(cid);
            return slot >= 0 && index.use(slot) <= oldest(hold -> true, Integer.MAX_VALUE);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Whether there may be blocks that belong to contents whose roots aren't here: a process was killed while it put one, or a put has failed, and no sweep has
     * looked since.
     *
     * @return false if all that is here can be found from roots, or is under way
     */
    public boolean isLoose() {
        lock.readLock().lock();
        try {
            return loose;
        } finally {
            lock.readLock().unlock();
        }
    }

    /** Called when a put has failed, of which some blocks may be here. */
    public void loosen() {
        lock.writeLock().lock();
        try {
            loose = true;
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * How many blocks there are.
     *
     * @return a count
     */
    public int count() {
        lock.readLock().lock();
        try {
            return index.count();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * The content of all blocks.
     *
     * @return bytes
     */
    public long bytes() {
        lock.readLock().lock();
        try {
            return index.bytes();
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * The length of all files.
     *
     * @return bytes
     */
    public long fileBytes() {
        lock.readLock().lock();
        try {
            long sum = 0;
            for (PieceFile file : files.values()) {
                sum += file.size();
            }
            return sum;
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read the attachments of " + disk.describe(""), e);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Names all blocks of this moment.
     *
     * @param action called for each; must not call the store
     */
    @Override
    public void forEach(Consumer<Cid> action) {
        lock.readLock().lock();
        try {
            index.forEachCid(action);
        } finally {
            lock.readLock().unlock();
        }
    }

    /**
     * Reads a block and hashes it.
     *
     * @param cid any
     * @return the block; null if it isn't here, or is damaged
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}
     */
    @Override
    public @Nullable Block find(Cid cid) {
        try {
            return read(cid);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.CORRUPT) {
                throw e;
            }
            LOG.log(Level.WARNING, "{0}; it counts as absent", e.getMessage());
            forget(cid);
            return null;
        }
    }

    /**
     * Reads a block and hashes it.
     *
     * @param cid any
     * @return the block; null if it isn't here
     * @throws SyncException {@link ErrorKind#CORRUPT} naming file and offset, {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}
     */
    @Override
    public @Nullable Block read(Cid cid) {
        byte[] bytes;
        String where;
        lock.readLock().lock();
        try {
            requireOpen();
            int slot = index.find(cid);
            if (slot < 0) {
                return null;
            }
            long location = index.location(slot);
            PieceFile file = file(location);
            where = disk.describe(file.name()) + " at " + PieceIndex.offset(location);
            bytes = file.read(PieceIndex.offset(location), index.length(slot));
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read block " + cid + " of an attachment", e);
        } finally {
            lock.readLock().unlock();
        }
        try {
            return Block.verified(cid, bytes);
        } catch (SyncException e) {
            throw new SyncException(
                    ErrorKind.CORRUPT, "block " + cid + " of an attachment is damaged (" + where + ")", e);
        }
    }

    private PieceFile file(long location) {
        PieceFile file = files.get(PieceIndex.pack(location));
        if (file == null) {
            throw new IllegalStateException("no file " + PieceIndex.pack(location));
        }
        return file;
    }

    /** Whether a block that is here is what was put, as the disk has it now: the damage of one that nobody has read is still to be found out. */
    private boolean isReadable(Block block, int slot) {
        long location = index.location(slot);
        try {
            byte[] bytes = file(location).read(PieceIndex.offset(location), index.length(slot));
            return ByteBuffer.wrap(bytes).equals(block.bytes());
        } catch (IOException e) {
            return false;
        }
    }

    /** Takes a damaged block out of the index, unless somebody has put it again. */
    private void forget(Cid cid) {
        lock.writeLock().lock();
        try {
            int slot = index.find(cid);
            if (slot >= 0 && !isWhole(cid, slot)) {
                index.remove(slot);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private boolean isWhole(Cid cid, int slot) {
        long location = index.location(slot);
        try {
            byte[] bytes = file(location).read(PieceIndex.offset(location), index.length(slot));
            return Cid.hash(cid.codec(), bytes).equals(cid);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read block " + cid + " of an attachment", e);
        }
    }

    /**
     * Adds a block, if it isn't here.
     *
     * @param block a piece or a node
     * @return whether it was added; durable after {@link #force()}, also if somebody else has just added it
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is too long or over the quota, {@link ErrorKind#REFUSED} if it may only be read,
     *     {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}; nothing was added then
     */
    @Override
    public boolean add(Block block) {
        PieceNode.requireSize(block);
        lock.writeLock().lock();
        try {
            requireOpen();
            int slot = index.find(block.cid());
            if (slot >= 0 && isReadable(block, slot)) {
                index.use(slot, moment);
                return false;
            }
            if (slot >= 0) {
                index.remove(slot);
            }
            if (block.size() > quota - index.bytes()) {
                throw new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        "attachments take " + index.bytes() + " bytes; the option maxAttachmentBytes allows " + quota);
            }
            PieceFile file = writable();
            index.put(block.cid(), PieceIndex.location(file.number(), file.append(block)), block.size(), moment);
            additions++;
            return true;
        } catch (IOException e) {
            throw StorageFailures.storage("cannot write an attachment", e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** The file that grows. Under the lock for writing. */
    private PieceFile writable() throws IOException {
        if (readOnly) {
            throw new SyncException(
                    ErrorKind.REFUSED,
                    "database " + disk.describe("") + " was opened to be read only; open it to be written");
        }
        PieceFile file = current;
        if (file != null && file.isFull(fileBytes)) {
            sealCurrent();
            file = null;
        }
        if (file == null) {
            lastNumber++; // also if that fails: the file may be there
            file = PieceFile.create(disk, lastNumber, random);
            files.put(file.number(), file);
            current = file;
        }
        return file;
    }

    /**
     * Makes everything durable that was added.
     *
     * @throws SyncException {@link ErrorKind#STORAGE}; what was added since it last succeeded is not here any more then
     */
    public void force() {
        lock.writeLock().lock();
        try {
            requireOpen();
            forceCurrent();
        } catch (IOException e) {
            throw StorageFailures.storage("cannot write an attachment", e);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void forceCurrent() throws IOException {
        PieceFile file = current;
        if (file == null) {
            return;
        }
        try {
            file.force();
        } catch (IOException e) {
            // Nobody knows what of it the disk has: the file gets no more blocks, and these are not here.
            current = null;
            removeAll(location ->
                    PieceIndex.pack(location) == file.number() && PieceIndex.offset(location) >= file.forced());
            throw e;
        }
    }

    private void sealCurrent() throws IOException {
        PieceFile file = current;
        if (file != null) {
            forceCurrent();
            current = null;
            file.seal();
        }
    }

    private void removeAll(Predicate<Long> where) {
        index.forEach(slot -> {
            if (where.test(index.location(slot))) {
                index.remove(slot);
            }
        });
    }

    /**
     * Keeps what is added or found from now on, until it is closed.
     *
     * @return to be closed
     */
    @Override
    public Hold hold() {
        return new Hold(false);
    }

    /**
     * Begins a sweep, before it is found out which blocks are needed. Whoever holds something now may let go of it before {@link #sweep}, because he has
     * named it meanwhile, and nobody has seen that: what he added or found is kept as well.
     *
     * @return to be closed
     */
    public Hold holdToSweep() {
        return new Hold(true);
    }

    /** When the first of some holds began. Under the lock. */
    private int oldest(Predicate<Hold> which, int otherwise) {
        return holds.stream().filter(which).mapToInt(hold -> hold.since).min().orElse(otherwise);
    }

    /**
     * Removes blocks, and gives back their space. Readers and writers go on meanwhile but for moments.
     *
     * <p>Whatever happens, the nodes among the blocks that go last are on the disk as long as any other of them is: who knows the roots still knows what is left.
     *
     * @param live which blocks are needed; what was added or found since the oldest {@link Hold} began stays in any case
     * @param last which of the others go last, if they are nodes
     * @return by how much the files have become shorter
     * @throws SyncException {@link ErrorKind#STORAGE} if there is no room for the new files; nothing is lost then, and what is still on the disk is still here
     */
    public long sweep(Predicate<Cid> live, Predicate<Cid> last) {
        sweeping.lock();
        List<Removed> removed = new ArrayList<>();
        Map<Cid, Long> aside = new HashMap<>();
        boolean done = false;
        try {
            long before = fileBytes();
            List<PieceFile> victims = victims(live, removed);
            List<PieceFile> nodes = victims.size() > 1 ? setAside(removed, last, aside) : List.of();
            for (PieceFile victim : victims) {
                rewrite(victim);
            }
            disk.sync();
            if (!nodes.isEmpty()) {
                for (PieceFile file : nodes) {
                    delete(file);
                }
                disk.sync();
            }
            done = true;
            return before - fileBytes();
        } catch (IOException e) {
            throw StorageFailures.storage("cannot give back the space of attachments", e);
        } finally {
            if (!done) {
                putBack(removed, aside);
            }
            sweeping.unlock();
        }
    }

    /** A block that a sweep has taken out of the index. */
    private record Removed(Cid cid, long location, int length) {}

    /** Copies nodes into files of their own, which go when everything else has gone. */
    private List<PieceFile> setAside(List<Removed> removed, Predicate<Cid> last, Map<Cid, Long> aside)
            throws IOException {
        List<PieceFile> files = new ArrayList<>();
        for (Removed node : removed) {
            if (node.cid.codec() == Cid.RAW || !last.test(node.cid)) {
                continue;
            }
            lock.writeLock().lock();
            try {
                requireOpen();
                byte[] bytes = file(node.location).read(PieceIndex.offset(node.location), node.length);
                if (!Cid.hash(node.cid.codec(), bytes).equals(node.cid)) {
                    continue; // damaged: it says nothing any more
                }
                if (files.isEmpty()) {
                    sealCurrent();
                }
                PieceFile file = writable();
                if (!files.contains(file)) {
                    files.add(file);
                }
                aside.put(node.cid, PieceIndex.location(file.number(), file.append(Block.verified(node.cid, bytes))));
            } finally {
                lock.writeLock().unlock();
            }
        }
        if (!files.isEmpty()) {
            lock.writeLock().lock();
            try {
                requireOpen();
                sealCurrent();
            } finally {
                lock.writeLock().unlock();
            }
        }
        return files;
    }

    /** A sweep has failed: what its files have is here again. */
    private void putBack(List<Removed> removed, Map<Cid, Long> aside) {
        lock.writeLock().lock();
        try {
            for (Removed block : removed) {
                long location = aside.getOrDefault(block.cid, block.location);
                if (files.containsKey(PieceIndex.pack(location)) && index.find(block.cid) < 0) {
                    index.put(block.cid, location, block.length, 0);
                    loose = true;
                }
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Takes what is dead out of the index, and tells which files have to be written anew. */
    private List<PieceFile> victims(Predicate<Cid> live, List<Removed> removed) throws IOException {
        lock.writeLock().lock();
        try {
            requireOpen();
            int since = oldest(hold -> true, Integer.MAX_VALUE);
            boolean[] kept = {false};
            index.forEach(slot -> {
                Cid cid = index.cid(slot);
                if (live.test(cid)) {
                    return;
                }
                if (index.use(slot) > since) {
                    kept[0] = true;
                } else {
                    removed.add(new Removed(cid, index.location(slot), index.length(slot)));
                    index.remove(slot);
                }
            });
            loose &= kept[0];
            Map<Integer, Long> alive = new TreeMap<>();
            index.forEach(slot -> alive.merge(
                    PieceIndex.pack(index.location(slot)),
                    (long) PieceFile.HEAD_BYTES + index.length(slot),
                    Long::sum));
            List<PieceFile> victims = new ArrayList<>();
            List<PieceFile> small = new ArrayList<>();
            for (PieceFile file : files.values()) {
                long used = alive.getOrDefault(file.number(), 0L);
                if (used < file.end() - PieceFile.HEADER_BYTES || used == 0 && file != current || file.hasRemains()) {
                    victims.add(file);
                } else if (file != current && used < fileBytes / MANY_SMALL) {
                    small.add(file);
                }
            }
            if (small.size() >= MANY_SMALL) {
                victims.addAll(small);
            }
            if (current != null && victims.contains(current)) {
                sealCurrent();
            }
            victims.sort(Comparator.comparingInt(PieceFile::number));
            return victims;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void rewrite(PieceFile victim) throws IOException {
        List<Cid> kept = new ArrayList<>();
        lock.readLock().lock();
        try {
            index.forEach(slot -> {
                if (PieceIndex.pack(index.location(slot)) == victim.number()) {
                    kept.add(index.cid(slot));
                }
            });
        } finally {
            lock.readLock().unlock();
        }
        Map<Cid, Long> moved = new HashMap<>();
        for (Cid cid : kept) {
            Block block = find(cid);
            if (block != null) {
                lock.writeLock().lock();
                try {
                    requireOpen();
                    PieceFile file = writable();
                    moved.put(cid, PieceIndex.location(file.number(), file.append(block)));
                } finally {
                    lock.writeLock().unlock();
                }
            }
        }
        lock.writeLock().lock();
        try {
            requireOpen();
            forceCurrent();
            moved.forEach((cid, location) -> {
                int slot = index.find(cid);
                if (slot >= 0 && PieceIndex.pack(index.location(slot)) == victim.number()) {
                    index.move(slot, location);
                }
            });
            remove(victim);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void delete(PieceFile file) throws IOException {
        lock.writeLock().lock();
        try {
            requireOpen();
            remove(file);
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void remove(PieceFile file) throws IOException {
        files.remove(file.number());
        try {
            file.close();
            disk.delete(file.name());
        } catch (IOException e) {
            try {
                // It is still there, with what is in it: the next sweep finds it.
                files.put(file.number(), PieceFile.open(disk, file.number(), (cid, offset, length) -> {}));
            } catch (IOException gone) {
                e.addSuppressed(gone);
            }
            throw e;
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database was closed");
        }
    }

    private void abandon() {
        for (PieceFile file : files.values()) {
            try {
                file.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "closing a file of attachments: {0}", Reason.of(e));
            }
        }
        files.clear();
    }

    /** Closes the files. What was added and not forced may be lost; a failure is logged. Idempotent. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                sealCurrent();
            }
        } catch (IOException | SyncException e) {
            LOG.log(Level.WARNING, "closing the attachments of a database: {0}", Reason.of(e));
        } finally {
            abandon();
            lock.writeLock().unlock();
        }
    }
}
