package dev.livesync.database.log;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.TreeNodes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One commit as it is written to the log: new blocks and their effect on the clock. A head of small numbers comes first, then the bytes of
 * the blocks, so that reading a log back touches only heads.
 *
 * @param time when, in milliseconds since 1970
 * @param local whether the database's own user wrote it: its blocks are then the nodes of a new tree, followed by events
 * @param peer whose quota pending events count against; empty for the own user
 * @param evicted stored events that are given up
 * @param promoted stored blocks that turned out to be events
 * @param blocks new blocks in the order of writing
 * @param accepted the events that became complete, in causal order; new or stored before
 * @param tree the canonical tree of the documents after this commit, if all of it is stored now
 */
public record Transaction(
        long time,
        boolean local,
        String peer,
        List<Cid> evicted,
        List<Cid> promoted,
        List<Entry> blocks,
        List<Accepted> accepted,
        @Nullable Root tree) {

    /** What a head says of a block. */
    private sealed interface Named {
        Cid cid();

        boolean event();

        /** Whether it may be a tree node. */
        boolean node();

        int length();
    }

    /**
     * A new block.
     *
     * @param block its content
     * @param event whether it is an event
     */
    public record Entry(Block block, boolean event) implements Named {
        @Override
        public Cid cid() {
            return block.cid();
        }

        @Override
        public boolean node() {
            return TreeNodes.looksLikeNode(block);
        }

        @Override
        public int length() {
            return block.size();
        }
    }

    /**
     * An event that became complete.
     *
     * @param event its CID
     * @param interior whether its batch goes on after it
     */
    public record Accepted(Cid event, boolean interior) {}

    /**
     * The root of a tree.
     *
     * @param cid null for the tree of no documents
     */
    public record Root(@Nullable Cid cid) {
        private static final int NONE = 0;
        private static final int EMPTY = 1;
        private static final int GIVEN = 2;

        private static void write(@Nullable Root root, PayloadWriter out) {
            if (root != null && root.cid != null) {
                out.u8(GIVEN);
                out.cid(root.cid);
            } else {
                out.u8(root == null ? NONE : EMPTY);
            }
        }

        private static @Nullable Root read(PayloadReader in) throws IOException {
            return switch (in.readByte()) {
                case NONE -> null;
                case EMPTY -> new Root(null);
                case GIVEN -> new Root(in.readCid());
                default -> throw in.damaged("a tree of an unknown kind");
            };
        }
    }

    private static final int LOCAL = 1;

    private static final int STRIPPED = 2;
    private static final int REPAIRED = 4;
    private static final int RESTORED = 8;

    /** Bits for the kind of a block. */
    private static final int EVENT = 1;

    private static final int NODE = 2;

    /** Copies nothing: the lists must not change. */
    public Transaction {}

    /** The parts of the payload: the head, then the blocks. */
    List<ByteBuffer> encode() {
        return encode(local ? LOCAL : 0);
    }

    /**
     * Encodes the mark of a repair: an empty commit.
     *
     * @param time when
     * @return its payload
     */
    public static List<ByteBuffer> repairMark(long time) {
        return mark(time, REPAIRED);
    }

    /**
     * Encodes the mark of a database that is restored from a backup: an empty commit before all others.
     *
     * @param time when
     * @return its payload
     */
    public static List<ByteBuffer> restoreMark(long time) {
        return mark(time, RESTORED);
    }

    private static List<ByteBuffer> mark(long time, int flag) {
        Transaction nothing = new Transaction(time, false, "", List.of(), List.of(), List.of(), List.of(), null);
        return nothing.encode(flag);
    }

    /**
     * The parts of the payload of a commit that replaces another in a compaction: the same, with the same marks, but for what is left out.
     *
     * @param old the other
     * @param evicted those of its events that are given up in what came before
     * @param blocks those of its blocks that stay, in their order
     * @param contents the bytes of these, unchanged
     * @return parts to write one after another
     */
    public static List<ByteBuffer> encodeInPlaceOf(
            Head old, List<Cid> evicted, List<Head.Stored> blocks, List<ByteBuffer> contents) {
        int flags = old.flags | (blocks.size() < old.blocks.size() ? STRIPPED : 0);
        List<ByteBuffer> parts = new ArrayList<>(1 + blocks.size());
        parts.add(head(flags, old.time, old.peer, evicted, old.promoted, blocks, old.accepted, old.tree));
        parts.addAll(contents);
        return parts;
    }

    private List<ByteBuffer> encode(int flags) {
        List<ByteBuffer> parts = new ArrayList<>(1 + blocks.size());
        parts.add(head(flags, time, peer, evicted, promoted, blocks, accepted, tree));
        for (Entry e : blocks) {
            parts.add(e.block().bytes());
        }
        return parts;
    }

    private static ByteBuffer head(
            int flags,
            long time,
            String peer,
            List<Cid> evicted,
            List<Cid> promoted,
            List<? extends Named> blocks,
            List<Accepted> accepted,
            @Nullable Root tree) {
        PayloadWriter out = new PayloadWriter(96 + 40 * blocks.size());
        out.u8(flags);
        out.u64(time);
        out.string(peer);
        out.varint(evicted.size());
        evicted.forEach(out::cid);
        out.varint(promoted.size());
        promoted.forEach(out::cid);
        out.varint(blocks.size());
        for (Named e : blocks) {
            out.u8(e.event() ? EVENT : e.node() ? NODE : 0);
            out.cid(e.cid());
            out.varint(e.length());
        }
        out.varint(accepted.size());
        Places places = new Places(blocks);
        for (Accepted a : accepted) {
            int place = places.of(a.event());
            int interior = a.interior() ? 1 : 0;
            if (place < 0) {
                out.varint(interior);
                out.cid(a.event());
            } else {
                out.varint((place + 1L) << 1 | interior);
            }
        }
        Root.write(tree, out);
        return out.toBuffer();
    }

    /** The positions of blocks in the list. Most events are accepted in the order in which they are written, so that is tried first. */
    private static final class Places {
        private final List<? extends Named> blocks;
        private @Nullable Map<Cid, Integer> all;
        private int next;

        Places(List<? extends Named> blocks) {
            this.blocks = blocks;
            while (next < blocks.size() && !blocks.get(next).event()) {
                next++;
            }
        }

        /** The place of a block, or -1. */
        int of(Cid cid) {
            if (next < blocks.size() && blocks.get(next).cid().equals(cid)) {
                return next++;
            }
            Map<Cid, Integer> places = all;
            if (places == null) {
                places = new HashMap<>();
                for (Named e : blocks) {
                    places.put(e.cid(), places.size());
                }
                all = places;
            }
            int place = places.getOrDefault(cid, -1);
            next = place < 0 ? next : place + 1;
            return place;
        }
    }

    /**
     * A commit as it was read back: the blocks are named, not loaded.
     *
     * @param time as in {@link Transaction}
     * @param flags what {@link #local} and the like ask for
     * @param peer as in {@link Transaction}
     * @param evicted as in {@link Transaction}
     * @param promoted as in {@link Transaction}
     * @param blocks as in {@link Transaction}
     * @param accepted as in {@link Transaction}
     * @param tree as in {@link Transaction}
     */
    public record Head(
            long time,
            int flags,
            String peer,
            List<Cid> evicted,
            List<Cid> promoted,
            List<Stored> blocks,
            List<Accepted> accepted,
            @Nullable Root tree) {
        /**
         * Whether the database's own user wrote it.
         *
         * @return as in {@link Transaction}
         */
        public boolean local() {
            return (flags & LOCAL) != 0;
        }

        /**
         * Whether compaction left out some of its blocks.
         *
         * @return true if it had more once
         */
        public boolean stripped() {
            return (flags & STRIPPED) != 0;
        }

        /**
         * Whether it is the mark of a repair.
         *
         * @return true if what was before it may lack anything
         */
        public boolean repaired() {
            return (flags & REPAIRED) != 0;
        }

        /**
         * Whether it is the mark of a restored database.
         *
         * @return true if what follows came from a backup
         */
        public boolean restored() {
            return (flags & RESTORED) != 0;
        }

        /**
         * A stored block.
         *
         * @param cid its CID
         * @param event whether it is an event
         * @param node whether it may be a tree node
         * @param length bytes
         * @param location where its bytes begin
         */
        public record Stored(Cid cid, boolean event, boolean node, int length, long location) implements Named {}

        /**
         * Reads one commit and passes over its blocks.
         *
         * @param in at its start; afterwards behind it
         * @return the head
         * @throws IOException as the payload throws it
         */
        public static Head read(PayloadReader in) throws IOException {
            return read(in, true);
        }

        /**
         * Reads one commit of a record that may break off.
         *
         * @param in at its start; afterwards behind it, or at the end
         * @return the head, without the blocks that are not all there
         * @throws IOException as the payload throws it
         */
        static Head readCut(PayloadReader in) throws IOException {
            return read(in, false);
        }

        private static Head read(PayloadReader in, boolean whole) throws IOException {
            int flags = in.readByte();
            if (flags > (LOCAL | STRIPPED | REPAIRED | RESTORED)) {
                throw in.damaged("a commit with flags " + flags);
            }
            long time = in.readLong();
            String peer = in.readString();
            List<Cid> evicted = cids(in);
            List<Cid> promoted = cids(in);
            int count = in.readCount(35);
            List<Stored> named = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                int kind = in.readByte();
                named.add(new Stored(in.readCid(), kind == EVENT, kind == NODE, length(in, whole), 0));
            }
            int acceptances = in.readCount(1);
            List<Accepted> accepted = new ArrayList<>(acceptances);
            for (int i = 0; i < acceptances; i++) {
                long ref = in.readVarint();
                if (ref >>> 1 > count) {
                    throw in.damaged("a reference to block " + (ref >>> 1) + " of " + count);
                }
                Cid event = ref >>> 1 == 0
                        ? in.readCid()
                        : named.get((int) (ref >>> 1) - 1).cid();
                accepted.add(new Accepted(event, (ref & 1) == 1));
            }
            Root tree = Root.read(in);
            List<Stored> blocks = new ArrayList<>(count);
            for (Stored s : named) {
                if (!whole && s.length() > in.remaining()) {
                    in.skip(in.remaining());
                    break;
                }
                blocks.add(new Stored(s.cid(), s.event(), s.node(), s.length(), in.location()));
                in.skip(s.length());
            }
            return new Head(time, flags, peer, evicted, promoted, blocks, accepted, tree);
        }

        private static int length(PayloadReader in, boolean whole) throws IOException {
            if (whole) {
                return in.readCount(1);
            }
            long length = in.readVarint();
            if (length > Integer.MAX_VALUE) {
                throw in.damaged("a block of " + length + " bytes");
            }
            return (int) length;
        }

        private static List<Cid> cids(PayloadReader in) throws IOException {
            int count = in.readCount(33);
            List<Cid> cids = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                cids.add(in.readCid());
            }
            return cids;
        }
    }
}
