package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;

/**
 * dag-cbor, strictly: for every value there is exactly one encoding, and no other is accepted.
 *
 * <p>Refused as {@link ErrorKind#MALFORMED}, each with a message of its own and the offset: integers and lengths that are not in
 * their shortest form, indefinite lengths, map keys that are no strings, repeated or out of order (shorter first, then by
 * bytes), tags other than 42, a link that is not {@code 0x00} and a CID in a byte string, NaN, infinities, floats of 16 and 32
 * bits, undefined and other simple values, invalid UTF-8 (overlong forms and surrogates included), bytes that end too early and
 * bytes that are left over. A link to a CID that {@link Cid} cannot hold is {@link ErrorKind#UNSUPPORTED}. Size, depth and the
 * number of values are bounded by {@link Limits}: {@link ErrorKind#LIMIT_EXCEEDED}.
 *
 * <p>Two things are legal dag-cbor that JavaScript never writes: a 64-bit float with an integral value, and negative zero.
 *
 * @see <a href="https://ipld.io/specs/codecs/dag-cbor/spec/">dag-cbor specification</a>
 */
public final class DagCbor {
    private DagCbor() {}

    /**
     * Reads one value, within {@link Limits#DEFAULT}.
     *
     * @param bytes exactly one value, read and not kept
     * @return the value
     * @throws SyncException as {@link #decode(byte[], Limits)}
     */
    public static Value decode(byte[] bytes) {
        return decode(bytes, Limits.DEFAULT);
    }

    /**
     * Reads one value.
     *
     * @param bytes exactly one value, read and not kept
     * @param limits what it must keep
     * @return the value
     * @throws SyncException {@link ErrorKind#MALFORMED}, {@link ErrorKind#UNSUPPORTED} or {@link ErrorKind#LIMIT_EXCEEDED}, as
     *     said above; the message names the offset
     */
    public static Value decode(byte[] bytes, Limits limits) {
        requireSize(bytes.length, limits, "dag-cbor");
        CborReader reader = new CborReader(bytes, 0, bytes.length, limits, null);
        Value value = reader.value();
        reader.requireEnd();
        return value;
    }

    /**
     * Reads the value that a block holds.
     *
     * @param block a dag-cbor block
     * @param limits what it must keep
     * @return the value
     * @throws SyncException as {@link #decode(byte[], Limits)}, naming the block; {@link ErrorKind#UNSUPPORTED} if the block has
     *     another codec
     */
    public static Value decode(Block block, Limits limits) {
        CborReader reader = reader(block, limits);
        Value value = reader.value();
        reader.requireEnd();
        return value;
    }

    /**
     * Checks the value that a block holds without building it: accepts and refuses exactly what {@link #decode(Block, Limits)}
     * does.
     *
     * @param block a dag-cbor block
     * @param limits what it must keep
     * @throws SyncException as {@link #decode(Block, Limits)}
     */
    public static void validate(Block block, Limits limits) {
        CborReader reader = reader(block, limits);
        reader.skip();
        reader.requireEnd();
    }

    /**
     * Writes a value, within {@link Limits#DEFAULT}.
     *
     * @param value what to write
     * @return its dag-cbor, the caller's own
     * @throws SyncException as {@link #encode(Value, Limits)}
     */
    public static byte[] encode(Value value) {
        return encode(value, Limits.DEFAULT);
    }

    /**
     * Writes a value. Map keys are put in order; the value's own order does not matter.
     *
     * @param value what to write
     * @param limits what it must keep
     * @return its dag-cbor, the caller's own
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if a string has a lone surrogate, {@link
     *     ErrorKind#LIMIT_EXCEEDED} if the value is too deep or too large
     */
    public static byte[] encode(Value value, Limits limits) {
        CborWriter writer = new CborWriter(limits);
        writer.value(value);
        requireSize(writer.size(), limits, "dag-cbor");
        return writer.finish();
    }

    /**
     * Makes a block of a value.
     *
     * @param value what to write
     * @param limits what it must keep
     * @return a block with the codec {@link Cid#DAG_CBOR}
     * @throws SyncException as {@link #encode(Value, Limits)}
     */
    public static Block block(Value value, Limits limits) {
        return Block.of(Cid.DAG_CBOR, encode(value, limits));
    }

    /** A reader at the start of a block whose codec and size are as they have to be. */
    static CborReader reader(Block block, Limits limits) {
        requireReadable(block, limits);
        return CborReader.of(block, limits);
    }

    /** The same over the block's own bytes. */
    static CborReader reader(Block block, byte[] bytes, Limits limits) {
        requireReadable(block, limits);
        return new CborReader(bytes, 0, bytes.length, limits, block.cid());
    }

    static void requireReadable(Block block, Limits limits) {
        if (block.cid().codec() != Cid.DAG_CBOR) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "block " + block.cid() + ": codec 0x"
                            + Integer.toHexString(block.cid().codec()) + " is not dag-cbor");
        }
        if (block.size() > limits.blockBytes()) {
            requireSize(
                    block.size(), limits, "block " + block.cid()); // a CID's text only for the message: it isn't free
        }
    }

    static void requireSize(int bytes, Limits limits, String what) {
        if (bytes > limits.blockBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    what + ": " + bytes + " bytes are over the limit of " + limits.blockBytes() + " for a block");
        }
    }
}
