package dev.livesync.bench.bare;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/** Blocks that can be found again by their CIDs. One thread. */
public interface BareStore extends Closeable {
    /**
     * Stores a block.
     *
     * @param block verified
     * @throws IOException if the disk refuses
     */
    void put(Block block) throws IOException;

    /**
     * Makes durable what was put, as far as the store is durable at all.
     *
     * @throws IOException if the disk refuses
     */
    void sync() throws IOException;

    /**
     * How many different blocks there are.
     *
     * @return the count
     */
    int blocks();

    /**
     * A store that forgets.
     *
     * @return a map
     */
    static BareStore inMemory() {
        Map<Cid, Block> blocks = new HashMap<>();
        return new BareStore() {
            @Override
            public void put(Block block) {
                blocks.put(block.cid(), block);
            }

            @Override
            public void sync() {
                // There is no disk.
            }

            @Override
            public int blocks() {
                return blocks.size();
            }

            @Override
            public void close() {
                blocks.clear();
            }
        };
    }

    /**
     * A store in one file: CID, length, content, one after the other, and an index of the offsets in memory.
     *
     * @param file does not exist yet
     * @return an empty store
     * @throws IOException if the file cannot be made
     */
    static BareStore inFile(Path file) throws IOException {
        FileChannel log = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 20);
        Map<Cid, Long> offsets = new HashMap<>();
        return new BareStore() {
            private final byte[] cid = new byte[Cid.BYTES];
            private long end;

            @Override
            public void put(Block block) throws IOException {
                if (offsets.putIfAbsent(block.cid(), end) != null) {
                    return;
                }
                if (buffer.remaining() < cid.length + Integer.BYTES + block.size()) {
                    write();
                }
                block.cid().writeTo(cid, 0);
                buffer.put(cid).putInt(block.size()).put(block.bytes());
                end += cid.length + Integer.BYTES + block.size();
            }

            @Override
            public void sync() throws IOException {
                write();
                log.force(false);
            }

            private void write() throws IOException {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    log.write(buffer);
                }
                buffer.clear();
            }

            @Override
            public int blocks() {
                return offsets.size();
            }

            @Override
            public void close() throws IOException {
                log.close();
            }
        };
    }
}
