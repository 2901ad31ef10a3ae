package dev.livesync.database.index;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Entries in order: some bytes and the number of a key, by the bytes, unsigned, and then by the key. Immutable: a tree of which a changed copy shares all but the path to the change. Entries lie packed in
 * its leaves, so that one takes little more than its bytes and six.
 *
 * <p>Entries are named by their rank, which is how many come before. The names of keys come from outside, always the same.
 */
final class EntryTree {
    private static final int MOST = 64;
    private static final int FEW = MOST / 4;
    /** How full leaves and branches are made where all come at once. */
    private static final int FULL = 48;

    static final EntryTree EMPTY = new EntryTree(new Leaf(new int[0], new int[] {0}, new byte[0]));

    private final Node root;

    private EntryTree(Node root) {
        this.root = root;
    }

    private abstract static sealed class Node {
        abstract int count();

        abstract Leaf first();

        /** How many parts it has: entries or children. */
        abstract int width();

        abstract Node part(int from, int to);

        abstract Node joined(Node next);
    }

    private static final class Leaf extends Node {
        private final int[] keys;
        /** Where each entry's bytes begin, and the end of the last. */
        private final int[] starts;

        private final byte[] data;

        private Leaf(int[] keys, int[] starts, byte[] data) {
            this.keys = keys;
            this.starts = starts;
            this.data = data;
        }

        @Override
        int count() {
            return keys.length;
        }

        @Override
        Leaf first() {
            return this;
        }

        @Override
        int width() {
            return keys.length;
        }

        @Override
        Leaf part(int from, int to) {
            int[] ends = new int[to - from + 1];
            for (int i = 0; i < ends.length; i++) {
                ends[i] = starts[from + i] - starts[from];
            }
            return new Leaf(
                    Arrays.copyOfRange(keys, from, to), ends, Arrays.copyOfRange(data, starts[from], starts[to]));
        }

        @Override
        Leaf joined(Node next) {
            Leaf other = (Leaf) next;
            int count = keys.length;
            int[] all = Arrays.copyOf(keys, count + other.keys.length);
            System.arraycopy(other.keys, 0, all, count, other.keys.length);
            int[] ends = Arrays.copyOf(starts, all.length + 1);
            for (int i = 0; i <= other.keys.length; i++) {
                ends[count + i] = data.length + other.starts[i];
            }
            byte[] bytes = Arrays.copyOf(data, data.length + other.data.length);
            System.arraycopy(other.data, 0, bytes, data.length, other.data.length);
            return new Leaf(all, ends, bytes);
        }

        Leaf with(int at, byte[] bytes, int key) {
            int count = keys.length;
            int[] all = new int[count + 1];
            System.arraycopy(keys, 0, all, 0, at);
            all[at] = key;
            System.arraycopy(keys, at, all, at + 1, count - at);
            int[] ends = new int[count + 2];
            System.arraycopy(starts, 0, ends, 0, at + 1);
            for (int i = at; i <= count; i++) {
                ends[i + 1] = starts[i] + bytes.length;
            }
            byte[] longer = new byte[data.length + bytes.length];
            System.arraycopy(data, 0, longer, 0, starts[at]);
            System.arraycopy(bytes, 0, longer, starts[at], bytes.length);
            System.arraycopy(data, starts[at], longer, starts[at] + bytes.length, data.length - starts[at]);
            return new Leaf(all, ends, longer);
        }

        Leaf without(int at) {
            return part(0, at).joined(part(at + 1, keys.length));
        }

        int compare(int at, byte[] bytes, int length) {
            return Arrays.compareUnsigned(data, starts[at], starts[at + 1], bytes, 0, length);
        }
    }

    private static final class Branch extends Node {
        private final Node[] children;
        private final int count;
        /** Kept here, since whoever goes down compares with that of many children. */
        private final Leaf first;

        Branch(Node[] children) {
            this(children, count(children, 0, children.length));
        }

        private Branch(Node[] children, int count) {
            this.children = children;
            this.count = count;
            this.first = children[0].first();
        }

        private static int count(Node[] nodes, int from, int to) {
            int sum = 0;
            for (int i = from; i < to; i++) {
                sum += nodes[i].count();
            }
            return sum;
        }

        @Override
        int count() {
            return count;
        }

        @Override
        Leaf first() {
            return first;
        }

        @Override
        int width() {
            return children.length;
        }

        @Override
        Branch part(int from, int to) {
            return new Branch(Arrays.copyOfRange(children, from, to));
        }

        @Override
        Branch joined(Node next) {
            Node[] more = ((Branch) next).children;
            Node[] all = Arrays.copyOf(children, children.length + more.length);
            System.arraycopy(more, 0, all, children.length, more.length);
            return new Branch(all, count + next.count());
        }

        /** A copy in which some children are replaced. */
        Branch with(int from, int to, Node... replacements) {
            Node[] all = new Node[children.length - (to - from) + replacements.length];
            System.arraycopy(children, 0, all, 0, from);
            System.arraycopy(replacements, 0, all, from, replacements.length);
            System.arraycopy(children, to, all, from + replacements.length, children.length - to);
            return new Branch(all, count - count(children, from, to) + count(replacements, 0, replacements.length));
        }
    }

    /** How many entries there are. */
    int size() {
        return root.count();
    }

    /**
     * How many entries come before some bytes and a key.
     *
     * @param key the key's name, or anything that compares with names; the empty string comes before all of them
     */
    int rank(byte[] bytes, String key, IntFunction<String> names) {
        int before = 0;
        Node node = root;
        while (node instanceof Branch branch) {
            int child = child(branch, bytes, key, names);
            for (int i = 0; i < child; i++) {
                before += branch.children[i].count();
            }
            node = branch.children[child];
        }
        return before + position((Leaf) node, bytes, key, names);
    }

    /** The last child whose first entry comes before; the first if none does. */
    private static int child(Branch branch, byte[] bytes, String key, IntFunction<String> names) {
        int low = 1;
        int high = branch.children.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(branch.children[middle].first(), 0, bytes, key, names) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    private static int position(Leaf leaf, byte[] bytes, String key, IntFunction<String> names) {
        int low = 0;
        int high = leaf.keys.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (compare(leaf, middle, bytes, key, names) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int compare(Leaf leaf, int at, byte[] bytes, String key, IntFunction<String> names) {
        int order = leaf.compare(at, bytes, bytes.length);
        return order != 0
                ? order
                : key.isEmpty() ? 1 : names.apply(leaf.keys[at]).compareTo(key);
    }

    /** The number of the key of an entry. */
    int key(int rank) {
        int[] left = {rank};
        return leaf(left).keys[left[0]];
    }

    /** The bytes of an entry. */
    byte[] bytes(int rank) {
        int[] left = {rank};
        Leaf leaf = leaf(left);
        return Arrays.copyOfRange(leaf.data, leaf.starts[left[0]], leaf.starts[left[0] + 1]);
    }

    /** How many bytes an entry has. */
    int length(int rank) {
        int[] left = {rank};
        Leaf leaf = leaf(left);
        return leaf.starts[left[0] + 1] - leaf.starts[left[0]];
    }

    private Leaf leaf(int[] rank) {
        Node node = root;
        while (node instanceof Branch branch) {
            int child = 0;
            while (rank[0] >= branch.children[child].count()) {
                rank[0] -= branch.children[child++].count();
            }
            node = branch.children[child];
        }
        return (Leaf) node;
    }

    /** A copy with one entry more, which isn't there yet. */
    EntryTree with(byte[] bytes, int key, IntFunction<String> names) {
        Node[] nodes = with(root, bytes, key, names.apply(key), names);
        return new EntryTree(nodes.length == 1 ? nodes[0] : new Branch(nodes));
    }

    private static Node[] with(Node node, byte[] bytes, int key, String name, IntFunction<String> names) {
        Node changed;
        if (node instanceof Branch branch) {
            int child = child(branch, bytes, name, names);
            changed = branch.with(child, child + 1, with(branch.children[child], bytes, key, name, names));
        } else {
            Leaf leaf = (Leaf) node;
            changed = leaf.with(position(leaf, bytes, name, names), bytes, key);
        }
        int width = changed.width();
        return width <= MOST
                ? new Node[] {changed}
                : new Node[] {changed.part(0, width / 2), changed.part(width / 2, width)};
    }

    /** Thrown if an entry that should be there isn't: what was loaded is not in order. */
    static final class NoEntryException extends SyncException {
        private static final long serialVersionUID = 1;

        private NoEntryException(int key) {
            super(ErrorKind.CORRUPT, "an index has no entry of key " + key + " where it should be");
        }
    }

    /** A copy without an entry that is there. */
    EntryTree without(byte[] bytes, int key, IntFunction<String> names) {
        Node node = without(root, bytes, key, names.apply(key), names);
        while (node instanceof Branch branch && branch.children.length == 1) {
            node = branch.children[0];
        }
        return new EntryTree(node);
    }

    private static Node without(Node node, byte[] bytes, int key, String name, IntFunction<String> names) {
        if (node instanceof Leaf leaf) {
            int at = position(leaf, bytes, name, names);
            if (at == leaf.keys.length || leaf.keys[at] != key || leaf.compare(at, bytes, bytes.length) != 0) {
                throw new NoEntryException(key);
            }
            return leaf.without(at);
        }
        Branch branch = (Branch) node;
        int child = child(branch, bytes, name, names);
        // The entry itself may be the first of the next child.
        if (child + 1 < branch.children.length
                && compare(branch.children[child + 1].first(), 0, bytes, name, names) == 0) {
            child++;
        }
        Node rest = without(branch.children[child], bytes, key, name, names);
        if (rest.width() < FEW && branch.children.length > 1) {
            int left = child > 0 ? child - 1 : child;
            Node a = child > 0 ? branch.children[left] : rest;
            Node b = child > 0 ? rest : branch.children[child + 1];
            Node joined = a.joined(b);
            int width = joined.width();
            return width <= MOST
                    ? branch.with(left, left + 2, joined)
                    : branch.with(left, left + 2, joined.part(0, width / 2), joined.part(width / 2, width));
        }
        return branch.with(child, child + 1, rest);
    }

    /** A tree of entries that are in order. */
    static EntryTree of(int count, IntFunction<byte[]> bytes, int[] keys) {
        List<Node> leaves = new ArrayList<>();
        int parts = (count + FULL - 1) / FULL;
        for (int part = 0; part < parts; part++) {
            int from = share(count, part, parts);
            int to = share(count, part + 1, parts);
            int[] starts = new int[to - from + 1];
            for (int i = from; i < to; i++) {
                starts[i - from + 1] = starts[i - from] + bytes.apply(i).length;
            }
            byte[] data = new byte[starts[to - from]];
            for (int i = from; i < to; i++) {
                System.arraycopy(bytes.apply(i), 0, data, starts[i - from], starts[i - from + 1] - starts[i - from]);
            }
            leaves.add(new Leaf(Arrays.copyOfRange(keys, from, to), starts, data));
        }
        return of(leaves);
    }

    private static EntryTree of(List<Node> leaves) {
        List<Node> level = leaves;
        while (level.size() > 1) {
            List<Node> above = new ArrayList<>();
            int parts = (level.size() + FULL - 1) / FULL;
            for (int part = 0; part < parts; part++) {
                above.add(
                        new Branch(level.subList(share(level.size(), part, parts), share(level.size(), part + 1, parts))
                                .toArray(new Node[0])));
            }
            level = above;
        }
        return level.isEmpty() ? EMPTY : new EntryTree(level.get(0));
    }

    /** Where a part begins if all are about equal, so that none has too few. */
    private static int share(int count, int part, int parts) {
        return (int) ((long) count * part / parts);
    }

    /** Takes entries. */
    @FunctionalInterface
    interface Visitor {
        void entry(int key, byte[] data, int from, int to);
    }

    /** All entries in order. */
    void forEach(Visitor visitor) {
        leaves(root, leaf -> {
            for (int i = 0; i < leaf.keys.length; i++) {
                visitor.entry(leaf.keys[i], leaf.data, leaf.starts[i], leaf.starts[i + 1]);
            }
        });
    }

    private static void leaves(Node node, Consumer<Leaf> action) {
        if (node instanceof Branch branch) {
            for (Node child : branch.children) {
                leaves(child, action);
            }
        } else if (node.count() > 0) {
            action.accept((Leaf) node);
        }
    }

    void save(ImageWriter out) {
        int[] leaves = {0};
        leaves(root, leaf -> leaves[0]++);
        out.putInt(leaves[0]);
        leaves(root, leaf -> {
            out.putInt(leaf.keys.length);
            out.putInts(leaf.keys, leaf.keys.length);
            out.putInts(leaf.starts, leaf.starts.length);
            out.putBytes(leaf.data, leaf.data.length);
        });
    }

    static EntryTree load(ImageReader in, int keyCount) {
        List<Node> leaves = new ArrayList<>();
        for (int left = in.getCount(8); left > 0; left--) {
            int[] keys = new int[in.getCount(8)];
            in.getInts(keys, keys.length);
            int[] starts = new int[keys.length + 1];
            in.getInts(starts, starts.length);
            int length = starts[keys.length];
            if (keys.length == 0 || keys.length > MOST || starts[0] != 0 || length < 0 || length > MOST * (1 << 10)) {
                throw new ImageReader.DamagedException("a leaf of " + keys.length + " entries");
            }
            for (int i = 0; i < keys.length; i++) {
                ImageReader.require(
                        keys[i] >= 0 && keys[i] < keyCount && starts[i] <= starts[i + 1], "an entry of a key", keys[i]);
            }
            byte[] data = new byte[length];
            in.getBytes(data, length);
            leaves.add(new Leaf(keys, starts, data));
        }
        return of(leaves);
    }
}
