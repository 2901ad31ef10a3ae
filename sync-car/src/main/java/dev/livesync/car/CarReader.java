package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads a CAR of version 1 from a stream, block by block: a {@link CarDecoder} that pulls. Holds at most one read of 64 KiB and the
 * blocks in it, or one larger block.
 *
 * <p>Blocks before a bad place are returned first; then the error is thrown, again at each further call.
 *
 * <p>One thread at a time.
 */
public final class CarReader implements AutoCloseable {
    private static final int PIECE = 64 << 10;

    private final InputStream in;
    private final CarDecoder decoder;
    private final byte[] piece = new byte[PIECE];
    private final ArrayDeque<Block> ready = new ArrayDeque<>();
    private @Nullable List<Cid> roots;
    private @Nullable SyncException failure;
    private boolean ended;

    /**
     * A reader within {@link Limits#DEFAULT}. Reads nothing yet.
     *
     * @param in a CAR and nothing after it; closed with the reader
     */
    public CarReader(InputStream in) {
        this(in, Limits.DEFAULT);
    }

    /**
     * A reader. Reads nothing yet.
     *
     * @param in a CAR and nothing after it; closed with the reader
     * @param limits what the CAR must keep
     */
    public CarReader(InputStream in, Limits limits) {
        this.in = Objects.requireNonNull(in, "in");
        this.decoder = new CarDecoder(
                new CarDecoder.Handler() {
                    @Override
                    public void roots(List<Cid> read) {
                        roots = read;
                    }

                    @Override
                    public void block(Block block) {
                        ready.add(block);
                    }
                },
                limits);
    }

    /**
     * The roots; reads as far as the header if that was not yet done.
     *
     * @return the roots in their order, possibly none, possibly repeated; immutable
     * @throws SyncException as {@link CarDecoder#feed} and {@link CarDecoder#finish}
     * @throws IOException as the stream throws it
     */
    public List<Cid> roots() throws IOException {
        List<Cid> r = roots;
        while (r == null) {
            fill();
            r = roots;
        }
        return r;
    }

    /**
     * The next block.
     *
     * @return a verified block, or null at the end of the CAR
     * @throws SyncException as {@link CarDecoder#feed} and {@link CarDecoder#finish}, after the blocks before the bad place
     * @throws IOException as the stream throws it
     */
    public @Nullable Block next() throws IOException {
        Block block = ready.poll();
        while (block == null && !ended) {
            fill();
            block = ready.poll();
        }
        return block;
    }

    /** Reads a piece. A failure waits until what came before it was taken. */
    private void fill() throws IOException {
        if (failure != null) {
            throw failure;
        }
        int n = in.read(piece);
        try {
            if (n < 0) {
                decoder.finish();
                ended = true;
            } else {
                decoder.feed(piece, 0, n);
            }
        } catch (SyncException e) {
            failure = e;
        }
    }

    /**
     * Closes the stream. Idempotent where the stream's close is.
     *
     * @throws IOException as the stream throws it
     */
    @Override
    public void close() throws IOException {
        in.close();
    }
}
