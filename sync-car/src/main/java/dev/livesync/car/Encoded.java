package dev.livesync.car;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One value as the canonical dag-cbor that it stands for: the document inside an event or a leaf, without building it. An
 * instance is proof that its bytes were checked, so they can go into another block as they are.
 *
 * <p>Immutable; any thread. Equality is by bytes, which for canonical dag-cbor is equality of the values. It holds on to the
 * block that it is a part of.
 */
public final class Encoded {
    /** A null: the value of a delete. */
    public static final Encoded NULL = of(Value.NULL);

    private final ByteBuffer source;
    private final int offset;
    private final int size;
    private final @Nullable Cid block;

    /** For readers that have just checked the bytes. */
    Encoded(ByteBuffer source, int offset, int size, @Nullable Cid block) {
        this.source = source;
        this.offset = offset;
        this.size = size;
        this.block = block;
    }

    /**
     * Encodes a value, within {@link Limits#DEFAULT}.
     *
     * @param value what to encode
     * @return its dag-cbor
     * @throws SyncException as {@link DagCbor#encode(Value, Limits)}
     */
    public static Encoded of(Value value) {
        return of(value, Limits.DEFAULT);
    }

    /**
     * Encodes a value.
     *
     * @param value what to encode
     * @param limits what it must keep, {@link Limits#documentBytes()} included
     * @return its dag-cbor
     * @throws SyncException as {@link DagCbor#encode(Value, Limits)}
     */
    public static Encoded of(Value value, Limits limits) {
        byte[] bytes = DagCbor.encode(value, limits);
        if (bytes.length > limits.documentBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "document of " + bytes.length + " bytes is over the limit of " + limits.documentBytes());
        }
        return new Encoded(ByteBuffer.wrap(bytes).asReadOnlyBuffer(), 0, bytes.length, null);
    }

    /**
     * The length of the dag-cbor.
     *
     * @return bytes, at least 1
     */
    public int size() {
        return size;
    }

    /**
     * The dag-cbor without a copy.
     *
     * @return a new read-only view, position 0, limit {@link #size()}
     */
    public ByteBuffer bytes() {
        return source.slice(offset, size);
    }

    /**
     * Builds the value. Each call builds it anew; keep it if you need it twice.
     *
     * @return the value
     */
    public Value value() {
        // The bytes passed some limits before; these are the widest that can be set.
        byte[] bytes = new byte[size];
        source.get(offset, bytes);
        return new CborReader(bytes, 0, size, WIDEST, block).value();
    }

    private static final Limits WIDEST = Limits.DEFAULT.toBuilder()
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .build();

    boolean isMap() {
        return (source.get(offset) & 0xff) >>> 5 == 5;
    }

    boolean isNull() {
        return (source.get(offset) & 0xff) == CborReader.NULL;
    }

    void writeTo(CborWriter writer) {
        writer.raw(source, offset, size);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Encoded e && size == e.size && bytes().equals(e.bytes());
    }

    @Override
    public int hashCode() {
        return bytes().hashCode();
    }

    /** The size; never the content. */
    @Override
    public String toString() {
        return "Encoded[" + size + " bytes]";
    }
}
