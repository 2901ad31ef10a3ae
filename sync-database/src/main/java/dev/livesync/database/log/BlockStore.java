package dev.livesync.database.log;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.TreeNodes;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.disk.StorageFailures;
import java.io.IOException;
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
    /** By the number of the first: what was added together is written together. */
    private final ConcurrentSkipListMap<Integer, List<Transaction.Entry>> unwritten = new ConcurrentSkipListMap<>();
    /** What took this store's place in a compaction, or after a failed write. */
    private volatile @Nullable BlockStore successor;

    /** Who may ask for blocks that the successor does not have; guarded by the store. */
    private int pins;

    private @Nullable Runnable release;
    /** Whether the files that only this store knows may be gone. */
    private volatile boolean released;

    /**
     * An empty store over a log.
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
     * Begins the store that takes this one's place: with some of its blocks, which get new numbers in the order of adding.
     *
     * @return to be filled by one thread, while this store is in use
     */
    public Successor prepareSuccessor() {
        return new Successor();
    }

    /** A store that is being made. One thread at a time. */
    public final class Successor {
        private final BlockStore next = new BlockStore(log, index.empty(), cache.empty());

        private Successor() {}

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
         * Puts the new store in the place of the old one. In that nothing is unwritten.
         *
         * @return the successor, to which the old store now sends whoever comes too late for a file of its own
         */
        public BlockStore install() {
            succeededBy(next);
            return next;
        }
    }

    /**
     * Keeps what this store has readable.
     *
     * @return false if it is too late: there is a newer store
     */
    public synchronized boolean pin() {
        if (successor != null) {
            return false;
        }
        pins++;
        return true;
    }

    /**
     * Says which store is in use from now on; nobody can pin this one any more.
     *
     * @param next has all of its blocks but the dead, and is asked by whoever comes too late for a file
     */
    public void succeededBy(BlockStore next) {
        successor = next;
    }

    /**
     * Whether somebody keeps what this store has readable.
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
            released = true;
            due.run();
        }
    }

    /**
     * Says what to do when nobody depends on this store any more.
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
        released = true;
        action.run();
    }

    /**
     * Fills an empty store.
     *
     * @param in what the index's {@link BlockIndex#save} wrote
     */
    public void load(ImageReader in) {
        index.load(in, log::here);
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
     * A block lies elsewhere now.
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
     * Says where blocks were written that were added together.
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
     * Reads a block that nobody else is likely to ask for: from the cache if it is there, and without a place in it otherwise.
     *
     * @param number its number; written
     * @return the block, verified
     * @throws SyncException as {@link #block}
     */
    public Block blockOnce(int number) {
        Block cached = cache.get(number);
        return cached == null ? reread(number) : cached;
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

    /** Reads a block from where it was a moment ago: compaction may have moved it since, and put another file in that place. */
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

    /** Asks the successor: compaction has taken this store's files. */
    private Block elsewhere(int number) {
        BlockStore next = successor;
        int there = next == null ? -1 : next.index.find(index.cid(number), Integer.MAX_VALUE);
        if (next == null || there < 0) {
            throw new SyncException(ErrorKind.CLOSED, "block " + index.cid(number) + " was asked for too late");
        }
        return next.block(there);
    }
}
