package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a CAR of version 1 from pieces of any size, as they come: {@link #feed} them, then {@link #finish}.
 *
 * <p>Every block is checked against its CID before the handler sees it, and before any memory is taken a stated length is held
 * against {@link Limits}; even then a block's buffer only grows as its bytes arrive. What was handed out before an error stays valid:
 * an intact prefix of the CAR. After an error the decoder refuses everything else with the same error.
 *
 * <p>The header is strict: canonical dag-cbor, exactly {@code roots} and {@code version}. No roots and no blocks are both legal.
 * Version 2 is {@link ErrorKind#UNSUPPORTED}, and so are CIDs that {@link Cid} cannot hold.
 *
 * <p>One thread at a time.
 *
 * @see <a href="https://ipld.io/specs/transport/car/carv1/">CARv1 specification</a>
 */
public final class CarDecoder {
    /** Receives what a CAR holds, on the thread that feeds. What it throws comes out of {@code feed} and ends the decoder. */
    public interface Handler {
        /**
         * The header was read. Called once, before any block.
         *
         * @param roots the roots in their order, possibly none, possibly repeated; immutable
         */
        void roots(List<Cid> roots);

        /**
         * A block was read and verified.
         *
         * @param block the block; the same one may come again
         */
        void block(Block block);
    }

    private enum Expected {
        HEADER_LENGTH,
        HEADER,
        SECTION_LENGTH,
        CID,
        CONTENT,
    }

    /** What a buffer starts with, whatever length was announced. */
    private static final int FIRST_BUFFER = 64 << 10;

    private static final byte[] NOTHING = new byte[0];

    private final Handler handler;
    private final Limits limits;

    private Expected expect = Expected.HEADER_LENGTH;
    /** Bytes fed before the current piece. */
    private long before;
    /** Where the section that is being read starts, its length included. */
    private long sectionAt;

    private long blocks;

    private long varint;
    private int varintBytes;

    /** What the current state collects: filled up to {@link #filled}, complete at {@link #wanted}. */
    private byte[] buffer = NOTHING;

    private int filled;
    private int wanted;

    /** Length of the section's content, once its CID is known. */
    private int contentSize;

    private final byte[] cidBytes = new byte[Cid.BYTES];
    private final CidForm.Errors cidErrors = (kind, what, offset) -> error(kind, what);
    private @Nullable Cid cid;
    /** What is being handed out. The bytes are the block's own: nobody else sees them. */
    private @Nullable Block current;

    private byte[] currentBytes = NOTHING;
    private @Nullable RuntimeException failure;

    /**
     * A decoder within {@link Limits#DEFAULT}.
     *
     * @param handler receives roots and blocks
     */
    public CarDecoder(Handler handler) {
        this(handler, Limits.DEFAULT);
    }

    /**
     * A decoder.
     *
     * @param handler receives roots and blocks
     * @param limits what the CAR must keep
     */
    public CarDecoder(Handler handler, Limits limits) {
        this.handler = Objects.requireNonNull(handler, "handler");
        this.limits = Objects.requireNonNull(limits, "limits");
    }

    /**
     * Takes the next piece and hands out what it completes.
     *
     * @param bytes an array that holds it, read and not kept
     * @param offset where the piece starts
     * @param length how long it is, possibly 0
     * @throws SyncException naming the offset in the CAR and the number of the block, counted from 0: {@link ErrorKind#MALFORMED},
     *     {@link ErrorKind#HASH_MISMATCH}, {@link ErrorKind#LIMIT_EXCEEDED}, {@link ErrorKind#UNSUPPORTED}; the blocks before it
     *     were handed out
     * @throws IndexOutOfBoundsException if the piece is not within the array; nothing was taken then
     */
    public void feed(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (failure != null) {
            throw failure;
        }
        try {
            int end = offset + length;
            int at = offset;
            while (at < end) {
                at = switch (expect) {
                    case HEADER_LENGTH, SECTION_LENGTH -> length(bytes, at, end, offset);
                    case HEADER -> header(bytes, at, end);
                    case CID -> cid(bytes, at, end);
                    case CONTENT -> content(bytes, at, end);
                };
            }
            before += length;
        } catch (RuntimeException e) {
            failure = e;
            buffer = NOTHING;
            throw e;
        }
    }

    /**
     * Says that there is no more.
     *
     * @throws SyncException {@link ErrorKind#MALFORMED} if the CAR ends in the middle of something; an earlier error again
     */
    public void finish() {
        if (failure != null) {
            throw failure;
        }
        if (expect == Expected.SECTION_LENGTH && varintBytes == 0) {
            return;
        }
        SyncException e = new SyncException(
                ErrorKind.MALFORMED,
                before == 0
                        ? "CAR is empty: not even a header"
                        : "CAR ends at offset " + before + " inside " + part() + " that starts at offset " + sectionAt);
        failure = e;
        throw e;
    }

    /**
     * Decodes the block that is just being handed out, as {@link Events#tryDecode} does, and without the copy that it takes. To
     * be called by {@link Handler#block}.
     *
     * @param block what the handler was given
     * @param limits what an event must keep
     * @return the event; empty if the block is something else
     * @throws SyncException as {@link Events#tryDecode}
     * @throws IllegalStateException if it is not being handed out
     */
    public Optional<Event> event(Block block, Limits limits) {
        if (current == null || !block.equals(current)) {
            throw new IllegalStateException("block " + block.cid() + " is not being handed out");
        }
        return Events.tryDecode(block, currentBytes, limits);
    }

    /**
     * How many bytes were fed so far.
     *
     * @return bytes, without those of a piece that failed
     */
    public long bytes() {
        return before;
    }

    /**
     * How many blocks were handed out so far.
     *
     * @return blocks, repeated ones counted each time
     */
    public long blocks() {
        return blocks;
    }

    // ---- one method for each thing to expect; each takes what it can and says where it stopped

    private int length(byte[] bytes, int from, int end, int offset) {
        int at = from;
        if (varintBytes == 0) {
            sectionAt = before + (at - offset);
        }
        while (at < end) {
            int b = bytes[at++];
            if (varintBytes == 9 && (b & 0xfe) != 0) {
                throw malformed("length of more than 64 bits");
            }
            varint |= (b & 0x7fL) << (7 * varintBytes);
            varintBytes++;
            if (b >= 0) {
                if (b == 0 && varintBytes > 1) {
                    throw malformed("length is not in its shortest form");
                }
                long value = varint;
                varint = 0;
                varintBytes = 0;
                if (expect == Expected.HEADER_LENGTH) {
                    startHeader(value);
                } else {
                    startSection(value);
                }
                return at;
            }
        }
        return at;
    }

    private void startHeader(long length) {
        if (length == 0) {
            throw malformed("header of 0 bytes");
        }
        if (length < 0 || length > limits.headerBytes()) {
            throw limit("header of " + Long.toUnsignedString(length) + " bytes is over the limit of "
                    + limits.headerBytes());
        }
        collect(Expected.HEADER, (int) length);
    }

    private void startSection(long length) {
        if (length == 0) {
            throw malformed("section of 0 bytes");
        }
        if (length < 0 || length - Cid.BYTES > limits.blockBytes()) {
            throw limit("section of " + Long.toUnsignedString(length) + " bytes is over the limit of "
                    + limits.blockBytes() + " for a block");
        }
        expect = Expected.CID;
        filled = 0;
        wanted = (int) Math.min(length, Cid.BYTES);
        contentSize = (int) length - Cid.BYTES;
    }

    private int header(byte[] bytes, int from, int end) {
        int at = take(bytes, from, end);
        if (filled == wanted) {
            List<Cid> roots;
            try {
                roots = CarHeader.decode(buffer, limits);
            } catch (SyncException e) {
                throw error(e.kind(), String.valueOf(e.getMessage()));
            }
            buffer = NOTHING;
            expect = Expected.SECTION_LENGTH;
            handler.roots(roots);
        }
        return at;
    }

    private int cid(byte[] bytes, int from, int end) {
        int n = Math.min(end - from, wanted - filled);
        System.arraycopy(bytes, from, cidBytes, filled, n);
        filled += n;
        if (filled == wanted) {
            CidForm.require(cidBytes, 0, wanted, cidErrors, 0);
            cid = Cid.fromBytes(cidBytes, 0);
            if (contentSize == 0) {
                block(NOTHING);
            } else {
                collect(Expected.CONTENT, contentSize);
            }
        }
        return from + n;
    }

    private int content(byte[] bytes, int from, int end) {
        int at = take(bytes, from, end);
        if (filled == wanted) {
            byte[] content = buffer;
            buffer = NOTHING;
            block(content);
        }
        return at;
    }

    private void block(byte[] content) {
        Block block;
        try {
            block = Block.verified(Objects.requireNonNull(cid), content);
        } catch (SyncException e) {
            throw error(e.kind(), String.valueOf(e.getMessage()));
        }
        cid = null;
        expect = Expected.SECTION_LENGTH;
        blocks++;
        current = block;
        currentBytes = content;
        try {
            handler.block(block);
        } finally {
            current = null;
            currentBytes = NOTHING;
        }
    }

    private void collect(Expected next, int size) {
        expect = next;
        filled = 0;
        wanted = size;
        buffer = new byte[Math.min(size, FIRST_BUFFER)];
    }

    private int take(byte[] bytes, int from, int end) {
        int n = Math.min(end - from, wanted - filled);
        if (n > buffer.length - filled) {
            buffer = Arrays.copyOf(buffer, (int) Math.min(wanted, Math.max(2L * buffer.length, filled + (long) n)));
        }
        System.arraycopy(bytes, from, buffer, filled, n);
        filled += n;
        return from + n;
    }

    // ---- errors

    private SyncException malformed(String what) {
        return error(ErrorKind.MALFORMED, what);
    }

    private SyncException limit(String what) {
        return error(ErrorKind.LIMIT_EXCEEDED, what);
    }

    private SyncException error(ErrorKind kind, String what) {
        return new SyncException(kind, "CAR, " + part() + " at offset " + sectionAt + ": " + what);
    }

    private String part() {
        return expect == Expected.HEADER_LENGTH || expect == Expected.HEADER ? "the header" : "block " + blocks;
    }
}
