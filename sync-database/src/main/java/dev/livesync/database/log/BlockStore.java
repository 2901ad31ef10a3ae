package dev.livesync.database.log;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.disk.StorageFailures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Blocks by number. What is read from the disk is hashed before anybody sees it. Small blocks are kept in a cache, what was read as what
 * was written: sessions send what was just put without the disk. Blocks that are still on their way to the disk are served to the writer
 * from memory.
 *
 * <p>Adding is for one writer at a time, reading for any thread.
 */
public final class BlockStore {
    private final SegmentLog log;
    private final BlockIndex index;
    private final BlockCache cache;
    /** The unwritten blocks by the number of the first of each transaction, since a transaction is written as a whole. */
    private final ConcurrentSkipListMap<Integer, List<Transaction.Entry>> unwritten = new ConcurrentSkipListMap<>();
    /** Shared with the stores before and after this one. */
    private Lineage lineage = new Lineage(this);
    /** Whether another store has replaced this one in a compaction or after a failed write. */
    private volatile boolean succeeded;

    /** The number of users that may ask for blocks that the successor doesn't have; guarded by the store. */
    private int pins;

    private @Nullable Runnable release;
    /** Whether the files that only this store knows may be gone. */
    private volatile boolean released;

    /**
     * The stores of a database, of which each knows the latest and not the next: one that a garbage collector has yet to find would keep all
     * that followed.
     */
    private static final class Lineage {
        private volatile BlockStore latest;

        private Lineage(BlockStore first) {
            latest = first;
        }
    }

    /**
     * Creates an empty store over a log.
     *
     * @param log where blocks are read from
     * @param salt for the {@link BlockIndex}
     * @param cacheBytes how much of what was read or written is kept
     */
    public BlockStore(SegmentLog log, long salt, long cacheBytes) {
        this(log, new BlockIndex(salt), new BlockCache(cacheBytes));
    }

    private BlockStore(SegmentLog log, BlockIndex index, BlockCache cache) {
        this.log = log;
        this.index = index;
        this.cache = cache;
    }

    /**
     * Begins a store that will replace this one, with some of its blocks, which get new numbers in the order of adding.
     *
     * @return to be filled by one thread, while this store is in use
     */
    public Successor prepareSuccessor() {
        return new Successor();
    }

    /** A store that is being built. One thread at a time. */
    public final class Successor {
        private final BlockStore next = new BlockStore(log, index.empty(), cache.empty());

        private Successor() {}

        /**
         * Takes over the first blocks under the numbers that they have, if it is empty. Much faster than adding them.
         *
         * @param count how many at most, all written
         * @return how many of them it has now
         */
        public int share(int count) {
            int shared = next.index.share(index, count);
            next.cache.copyBelow(shared, cache);
            return shared;
        }

        /**
         * Adds a block.
         *
         * @param number its number in the old store; written
         */
        public void add(int number) {
            Block cached = cache.get(number);
            if (cached != null) {
                next.cache.put(next.index.size(), cached);
            }
            next.index.copy(index, number);
        }

        /**
         * How many blocks were added.
         *
         * @return the number that the next one gets
         */
        public int size() {
            return next.index.size();
        }

        /**
         * Replaces the old store by the new one. All blocks of the old one are written.
         *
         * @return the successor, from which the old store reads when its own files are gone
         */
        public BlockStore install() {
            succeededBy(next);
            return next;
        }
    }

    /**
     * Keeps this store's blocks readable until {@link #unpin}.
     *
     * @return false if there is a newer store already
     */
    public synchronized boolean pin() {
        if (succeeded) {
            return false;
        }
        pins++;
        return true;
    }

    /**
     * Sets the store that replaces this one, which can't be pinned any more.
     *
     * @param next nobody else's yet; has all of its blocks but the dead, and whoever comes too late for a file asks it, or one after it
     */
    public void succeededBy(BlockStore next) {
        next.lineage = lineage;
        lineage.latest = next;
        succeeded = true;
    }

    /**
     * Whether this store is pinned.
     *
     * @return true from a {@link #pin} to the last {@link #unpin}
     */
    public synchronized boolean isPinned() {
        return pins > 0;
    }

    /** Takes back one {@link #pin}. */
    public void unpin() {
        Runnable due = null;
        synchronized (this) {
            if (--pins == 0) {
                due = release;
                release = null;
            }
        }
        if (due != null) {
            release(due);
        }
    }

    private void release(Runnable action) {
        released = true;
        cache.clear();
        action.run();
    }

    /**
     * Sets an action for the moment at which nobody depends on this store any more.
     *
     * @param action run now, or by the last {@link #unpin}
     */
    public void whenReleased(Runnable action) {
        synchronized (this) {
            if (pins > 0) {
                release = action;
                return;
            }
        }
        release(action);
    }

    /**
     * Fills an empty store.
     *
     * @param in what the index's {@link BlockIndex#save} wrote
     * @throws ImageReader.DamagedException if a block lies where the log has nothing
     * @throws UncheckedIOException if the disk refuses
     */
    public void load(ImageReader in) {
        try {
            index.load(in, log.places());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Where a block lies.
     *
     * @param number its number; written
     * @return its location
     */
    public long location(int number) {
        return index.location(number);
    }

    /**
     * Sets a block's new location.
     *
     * @param number its number; written
     * @param location where
     */
    public void move(int number, long location) {
        index.place(number, location);
    }

    /**
     * The index: which blocks there are.
     *
     * @return the store's index, to read from
     */
    public BlockIndex index() {
        return index;
    }

    /**
     * Adds blocks that a {@link CommitQueue} is about to write.
     *
     * @param blocks the blocks, which get successive numbers
     * @return the number of the first
     */
    int addUnwritten(List<Transaction.Entry> blocks) {
        int first = index.size();
        if (!blocks.isEmpty()) {
            unwritten.put(first, blocks);
        }
        for (Transaction.Entry e : blocks) {
            index.add(e.block().cid(), e.block().size(), TreeNodes.looksLikeNode(e.block()));
        }
        return first;
    }

    /**
     * Sets where the blocks of one transaction were written.
     *
     * @param first the number of the first
     * @param blocks as they were added
     * @param location where the first begins; the others follow it
     */
    void written(int first, List<Transaction.Entry> blocks, long location) {
        cache.putAll(first, blocks);
        int number = first;
        long at = location;
        for (Transaction.Entry e : blocks) {
            index.place(number++, at);
            at += e.block().size();
        }
        unwritten.remove(first);
    }

    private @Nullable Block unwritten(int number) {
        Map.Entry<Integer, List<Transaction.Entry>> added = unwritten.floorEntry(number);
        int place = added == null ? 0 : number - added.getKey();
        return added == null || place >= added.getValue().size()
                ? null
                : added.getValue().get(place).block();
    }

    /**
     * Adds a block that the log holds.
     *
     * @param stored where it is
     * @return its number
     */
    public int addStored(Transaction.Head.Stored stored) {
        int number = index.add(stored.cid(), stored.length(), stored.node());
        index.place(number, stored.location());
        return number;
    }

    /**
     * Reads a block.
     *
     * @param number its number
     * @return the block, verified
     * @throws SyncException {@link ErrorKind#CORRUPT} naming CID, file and offset if the bytes do not match; {@link
     *     ErrorKind#STORAGE} if the disk refuses
     */
    public Block block(int number) {
        long location = index.location(number);
        if (location < 0) {
            Block block = unwritten(number);
            if (block != null) {
                return block;
            }
            location = index.location(number); // written in between
        }
        Block cached = cache.get(number);
        if (cached != null) {
            return cached;
        }
        Block block = read(number, location);
        cache.put(number, block);
        return block;
    }

    /**
     * Reads a block's content that nobody else is likely to ask for: from the cache if it is there, without a place in it otherwise, and
     * without a copy if it is in memory anyhow.
     *
     * @param number its number; written, and not being moved
     * @return the bytes, verified unless they never left the memory
     * @throws SyncException as {@link #block}
     */
    public ByteBuffer contentOnce(int number) {
        Block cached = cache.get(number);
        ByteBuffer kept = cached == null ? log.kept(index.location(number), index.length(number)) : cached.bytes();
        return kept == null ? reread(number).bytes() : kept;
    }

    /**
     * Reads a block from the disk, be it in the cache.
     *
     * @param number its number; written
     * @return the block, verified
     * @throws SyncException as {@link #block}
     */
    public Block reread(int number) {
        return read(number, index.location(number));
    }

    /** Reads a block from a location that may be out of date: compaction may have moved the block and replaced the file. */
    Block read(int number, long location) {
        if (released) {
            return elsewhere(number);
        }
        try {
            return verified(number, location);
        } catch (IOException | SyncException e) {
            if (released) {
                return elsewhere(number);
            }
            long now = index.location(number);
            if (now != location) {
                return read(number, now);
            }
            throw failure(number, location, e);
        }
    }

    private SyncException failure(int number, long location, Exception e) {
        if (e instanceof SyncException told) {
            return told;
        }
        if (e instanceof ClosedChannelException) {
            return new SyncException(ErrorKind.CLOSED, "the database was closed", e);
        }
        return StorageFailures.storage(
                "cannot read block " + index.cid(number) + " from " + log.describe(location), (IOException) e);
    }

    private Block verified(int number, long location) throws IOException {
        Cid cid = index.cid(number);
        byte[] bytes = log.read(location, index.length(number));
        try {
            return Block.verified(cid, bytes);
        } catch (SyncException e) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    "block " + cid + " in " + log.describe(location) + " does not match its CID; the disk changed it",
                    e);
        }
    }

    /** Reads a block from the store that is in use, because compaction has removed this store's files. */
    private Block elsewhere(int number) {
        BlockStore next = lineage.latest;
        int there = next == this ? -1 : next.index.find(index.cid(number), Integer.MAX_VALUE);
        if (there < 0) {
            throw new SyncException(ErrorKind.CLOSED, "block " + index.cid(number) + " was asked for too late");
        }
        return next.block(there);
    }
}
