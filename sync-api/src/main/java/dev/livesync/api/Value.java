package dev.livesync.api;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value of the IPLD data model as dag-cbor can carry it: what a document is made of.
 *
 * <p>Immutable; any thread. Equality is by content. A map keeps the order in which it was made for reading, but two maps
 * with the same entries are equal whatever their order; the codec writes keys in dag-cbor's order.
 *
 * @see <a href="https://ipld.io/specs/codecs/dag-cbor/spec/">dag-cbor specification</a>
 */
public sealed interface Value {
    /** JSON's null. */
    Value NULL = new Null();

    /** The one null. Use {@link Value#NULL}. */
    record Null() implements Value {}

    /**
     * True or false.
     *
     * @param value which
     */
    record Bool(boolean value) implements Value {}

    /**
     * An integer that fits into 64 signed bits, as nearly all do.
     *
     * @param value the integer
     */
    record Int(long value) implements Value {}

    /**
     * An integer that CBOR can write in 64 bits and a sign but Java's {@code long} cannot hold: -2^64 to -2^63-1, or 2^63
     * to 2^64-1.
     *
     * @param value the integer
     */
    record BigInt(BigInteger value) implements Value {
        /**
         * Checks the range.
         *
         * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if CBOR cannot write it, or {@link Int} has to
         */
        public BigInt {
            if (value.bitLength() != 64) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT,
                        "an integer of " + value.bitLength() + " bits is no BigInt (exactly 64 without the sign)");
            }
        }
    }

    /**
     * A 64-bit float.
     *
     * @param value finite
     */
    record Real(double value) implements Value {
        /**
         * Refuses what dag-cbor refuses.
         *
         * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for NaN and infinities
         */
        public Real {
            if (Double.isNaN(value) || Double.isInfinite(value)) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "dag-cbor has no " + value);
            }
        }
    }

    /**
     * A string.
     *
     * @param value without lone surrogates, which UTF-8 cannot carry; the codec refuses them
     */
    record Text(String value) implements Value {
        /** Refuses null. */
        public Text {
            Objects.requireNonNull(value, "value");
        }
    }

    /** Uninterpreted bytes. JSON has none; other IPLD data may. */
    final class Bytes implements Value {
        private final byte[] bytes;

        /**
         * Copies the array.
         *
         * @param bytes the content, not kept
         */
        public Bytes(byte[] bytes) {
            this.bytes = bytes.clone();
        }

        /**
         * The content.
         *
         * @return a new array, the caller's own
         */
        public byte[] toByteArray() {
            return bytes.clone();
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Bytes b && Arrays.equals(bytes, b.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }

        @Override
        public String toString() {
            return "Bytes[" + bytes.length + "]";
        }
    }

    /**
     * A link to a block.
     *
     * @param cid its CID
     */
    record Link(Cid cid) implements Value {
        /** Refuses null. */
        public Link {
            Objects.requireNonNull(cid, "cid");
        }
    }

    /**
     * A sequence.
     *
     * @param items its values, copied
     */
    record Sequence(List<Value> items) implements Value {
        /** Copies the list. */
        public Sequence {
            items = Collections.unmodifiableList(new ArrayList<>(items));
        }

        @Override
        public final boolean equals(@Nullable Object other) {
            return other instanceof Sequence that && NestedValues.equal(this, that);
        }

        @Override
        public final int hashCode() {
            return NestedValues.hash(this);
        }

        @Override
        public final String toString() {
            return NestedValues.text(this);
        }
    }

    /**
     * String keys and their values.
     *
     * @param entries copied, in their order
     */
    record Mapping(Map<String, Value> entries) implements Value {
        /** A mapping without entries. */
        public static final Mapping EMPTY = new Mapping(Map.of());

        /** Copies the map. */
        public Mapping {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        @Override
        public final boolean equals(@Nullable Object other) {
            return other instanceof Mapping that && NestedValues.equal(this, that);
        }

        @Override
        public final int hashCode() {
            return NestedValues.hash(this);
        }

        @Override
        public final String toString() {
            return NestedValues.text(this);
        }
    }
}
