package dev.livesync.database.store;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * Blocks by number. What is read from the disk is hashed before anybody sees it, and small blocks are kept in a cache.
 * Blocks that are still on their way to the disk are served to the writer from memory.
 *
 * <p>Adding is for one writer at a time, reading for any thread.
 */
public final class BlockStore {
    private final SegmentLog log;
    private final BlockIndex index;
    private final BlockCache cache;
    /** By the number of the first: what was added together is written together. */
    private final ConcurrentSkipListMap<Integer, List<Transaction.Entry>> unwritten = new ConcurrentSkipListMap<>();

    /**
     * An empty store over a log.
     *
     * @param log where blocks are read from
     * @param salt for the {@link BlockIndex}
     * @param cacheBytes how much of what was read is kept
     */
    public BlockStore(SegmentLog log, long salt, long cacheBytes) {
        this.log = log;
        this.index = new BlockIndex(salt);
        this.cache = new BlockCache(cacheBytes);
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
            index.add(e.block().cid(), e.block().size());
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
        int number = index.add(stored.cid(), stored.length());
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
        Block block = read(index.cid(number), location, index.length(number));
        cache.put(number, block);
        return block;
    }

    /**
     * Reads a block past the cache.
     *
     * @param number its number; written
     * @return the block, verified
     * @throws SyncException as {@link #block}
     */
    public Block reread(int number) {
        return read(index.cid(number), index.location(number), index.length(number));
    }

    private Block read(Cid cid, long location, int length) {
        byte[] bytes;
        try {
            bytes = log.read(location, length);
        } catch (ClosedChannelException e) {
            throw new SyncException(ErrorKind.CLOSED, "the database was closed", e);
        } catch (IOException e) {
            throw Failures.storage("cannot read block " + cid + " from " + log.describe(location), e);
        }
        try {
            return Block.verified(cid, bytes);
        } catch (SyncException e) {
            throw new SyncException(
                    ErrorKind.CORRUPT,
                    "block " + cid + " in " + log.describe(location) + " does not match its CID; the disk changed it",
                    e);
        }
    }
}
