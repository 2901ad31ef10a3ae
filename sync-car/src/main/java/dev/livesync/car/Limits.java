package dev.livesync.car;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * How much of anything is accepted. What exceeds a limit is refused as {@link ErrorKind#LIMIT_EXCEEDED} before memory is
 * taken for it, on the way in and on the way out alike: what one peer can write with these limits, another can read.
 *
 * <p>Immutable; any thread.
 */
public final class Limits {
    /** What {@link #depth()} can be at most: the codecs recurse, and every thread's stack has to bear it. */
    public static final int MAX_DEPTH = 1_000;

    /** The defaults, as each property states them. */
    public static final Limits DEFAULT = new Builder().build();

    /** For nodes around documents that were checked already, against limits that may be wider than the default. */
    static final Limits CHECKED = DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .build();

    private final int documentBytes;
    private final int blockBytes;
    private final int depth;
    private final int items;
    private final int parents;
    private final int headerBytes;
    private final int roots;

    private Limits(Builder b) {
        documentBytes = b.documentBytes;
        blockBytes = b.blockBytes;
        depth = b.depth;
        items = b.items;
        parents = b.parents;
        headerBytes = b.headerBytes;
        roots = b.roots;
    }

    /**
     * The largest document: the dag-cbor of an event's value.
     *
     * @return bytes; by default 16 MiB
     */
    public int documentBytes() {
        return documentBytes;
    }

    /**
     * The largest block. More than a document, so that the event around the largest one fits.
     *
     * @return bytes; by default 17 MiB
     */
    public int blockBytes() {
        return blockBytes;
    }

    /**
     * How many arrays and maps may lie inside each other in one value. The event or tree node around a document does not
     * count.
     *
     * @return levels; by default 512
     */
    public int depth() {
        return depth;
    }

    /**
     * How many values one value may hold, itself and all that is inside it counted. Bounds the heap that a small block can
     * become.
     *
     * @return values; by default 1,048,576
     */
    public int items() {
        return items;
    }

    /**
     * How many parents an event may have.
     *
     * @return parents; by default 10,000
     */
    public int parents() {
        return parents;
    }

    /**
     * The largest CAR header.
     *
     * @return bytes; by default 1 MiB
     */
    public int headerBytes() {
        return headerBytes;
    }

    /**
     * How many roots a CAR may name.
     *
     * @return roots; by default 10,000
     */
    public int roots() {
        return roots;
    }

    /**
     * A copy to change.
     *
     * @return a builder that holds these limits
     */
    public Builder toBuilder() {
        Builder b = new Builder();
        b.documentBytes = documentBytes;
        b.blockBytes = blockBytes;
        b.depth = depth;
        b.items = items;
        b.parents = parents;
        b.headerBytes = headerBytes;
        b.roots = roots;
        return b;
    }

    /** Collects limits; one thread at a time. Starts with the defaults. */
    public static final class Builder {
        private int documentBytes = 16 << 20;
        private int blockBytes = 17 << 20;
        private int depth = 512;
        private int items = 1 << 20;
        private int parents = 10_000;
        private int headerBytes = 1 << 20;
        private int roots = 10_000;

        private Builder() {}

        /**
         * Sets {@link Limits#documentBytes()}.
         *
         * @param bytes at least 1
         * @return this builder
         */
        public Builder documentBytes(int bytes) {
            documentBytes = atLeastOne("documentBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#blockBytes()}.
         *
         * @param bytes at least 1
         * @return this builder
         */
        public Builder blockBytes(int bytes) {
            blockBytes = atLeastOne("blockBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#depth()}.
         *
         * @param levels 1 to {@link Limits#MAX_DEPTH}
         * @return this builder
         */
        public Builder depth(int levels) {
            if (levels > MAX_DEPTH) {
                throw new SyncException(ErrorKind.CONFIGURATION, "limit depth is at most " + MAX_DEPTH + ": " + levels);
            }
            depth = atLeastOne("depth", levels);
            return this;
        }

        /**
         * Sets {@link Limits#items()}.
         *
         * @param values at least 1
         * @return this builder
         */
        public Builder items(int values) {
            items = atLeastOne("items", values);
            return this;
        }

        /**
         * Sets {@link Limits#parents()}.
         *
         * @param count at least 1
         * @return this builder
         */
        public Builder parents(int count) {
            parents = atLeastOne("parents", count);
            return this;
        }

        /**
         * Sets {@link Limits#headerBytes()}.
         *
         * @param bytes at least 1
         * @return this builder
         */
        public Builder headerBytes(int bytes) {
            headerBytes = atLeastOne("headerBytes", bytes);
            return this;
        }

        /**
         * Sets {@link Limits#roots()}.
         *
         * @param count at least 1
         * @return this builder
         */
        public Builder roots(int count) {
            roots = atLeastOne("roots", count);
            return this;
        }

        /**
         * The limits collected so far.
         *
         * @return immutable limits
         */
        public Limits build() {
            return new Limits(this);
        }

        private static int atLeastOne(String name, int value) {
            if (value < 1) {
                throw new SyncException(ErrorKind.CONFIGURATION, "limit " + name + " is at least 1: " + value);
            }
            return value;
        }
    }
}
