package dev.livesync.core.reconcile;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** All events of some histories, and who has which of them, as plain sets. Events are numbers in causal order; none is interior. */
final class HistoryPool {
    private final List<Cid> cids = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();
    private final Map<Cid, Integer> numbers = new HashMap<>();
    private final int eventBytes;
    private final int salt;
    /** Whether replicas name earlier events, as they should. */
    private boolean names = true;

    HistoryPool(int eventBytes, int salt) {
        this.eventBytes = eventBytes;
        this.salt = salt;
    }

    /** From now on no replica can name anything that others may have. */
    void withoutNames() {
        names = false;
    }

    Member member() {
        return new Member();
    }

    Cid cid(int number) {
        return cids.get(number);
    }

    private Block block(int number) {
        byte[] bytes = new byte[eventBytes];
        ByteBuffer.wrap(bytes).putInt(number).putInt(salt);
        return Block.of(Cid.DAG_CBOR, bytes);
    }

    private int create(int... of) {
        int number = cids.size();
        Cid cid = block(number).cid();
        cids.add(cid);
        parents.add(of);
        numbers.put(cid, number);
        return number;
    }

    /** A replica. */
    final class Member {
        private final List<Integer> accepted = new ArrayList<>();
        private final BitSet has = new BitSet();
        private final TreeSet<Integer> heads = new TreeSet<>();

        int size() {
            return accepted.size();
        }

        BitSet has() {
            return (BitSet) has.clone();
        }

        /** Writes events, each after all heads. */
        void write(int count) {
            for (int i = 0; i < count; i++) {
                accept(create(heads.stream().mapToInt(n -> n).toArray()));
            }
        }

        /** Writes events that have no parents. */
        void writeRoots(int count) {
            for (int i = 0; i < count; i++) {
                accept(create());
            }
        }

        /** Takes what another has and this lacks, at most so many. */
        void take(Member other, int most) {
            int left = most;
            for (int number : List.copyOf(other.accepted)) {
                if (!has.get(number) && left-- > 0) {
                    accept(number);
                }
            }
        }

        boolean canTake(Collection<Cid> events) {
            BitSet after = has();
            for (Cid cid : events) {
                int number = numbers.get(cid);
                for (int p : parents.get(number)) {
                    if (!after.get(p)) {
                        return false;
                    }
                }
                after.set(number);
            }
            return true;
        }

        /** How many of these it had. */
        int take(Collection<Cid> events) {
            int repeated = 0;
            for (Cid cid : events) {
                int number = numbers.get(cid);
                if (has.get(number)) {
                    repeated++;
                } else {
                    accept(number);
                }
            }
            return repeated;
        }

        private void accept(int number) {
            has.set(number);
            accepted.add(number);
            heads.add(number);
            for (int p : parents.get(number)) {
                heads.remove(p);
            }
        }

        Snapshot snapshot() {
            return new Still(
                    accepted.stream().mapToInt(i -> i).toArray(),
                    has(),
                    heads.stream().mapToInt(i -> i).toArray());
        }
    }

    private final class Still implements Snapshot {
        private final int[] order;
        private final BitSet has;
        private final List<Cid> heads;

        Still(int[] order, BitSet has, int[] heads) {
            this.order = order;
            this.has = has;
            this.heads = Arrays.stream(heads).mapToObj(cids::get).sorted().toList();
        }

        @Override
        public Cursor cursor() {
            throw new UnsupportedOperationException();
        }

        @Override
        public List<Cid> heads() {
            return heads;
        }

        private int number(Cid cid) {
            Integer number = numbers.get(cid);
            return number != null && has.get(number) ? number : -1;
        }

        @Override
        public Event event(Cid cid) {
            int number = number(cid);
            return number < 0
                    ? null
                    : new PoolEvent(
                            HistoryPool.this.block(number),
                            Arrays.stream(parents.get(number))
                                    .mapToObj(cids::get)
                                    .toList());
        }

        @Override
        public Block block(Cid cid) {
            int number = number(cid);
            return number < 0 ? null : HistoryPool.this.block(number);
        }

        @Override
        public boolean isInterior(Cid event) {
            return false;
        }

        @Override
        public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
            BitSet known = new BitSet();
            frontier.stream().mapToInt(this::number).filter(n -> n >= 0).forEach(known::set);
            for (int n = known.length() - 1; n >= 0; n = known.previousSetBit(n - 1)) {
                for (int p : parents.get(n)) {
                    known.set(p);
                }
            }
            return Arrays.stream(order)
                    .filter(n -> !known.get(n))
                    .mapToObj(cids::get)
                    .iterator();
        }

        @Override
        public List<Cid> earlier(int... distances) {
            return names ? Snapshot.super.earlier(distances) : List.of();
        }

        @Override
        public Summary summary() {
            return new Summary(0, order.length, 0, order.length, 0);
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Iterator<Cid> storedCids() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tree tree(Cid event) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Tree canonicalTree(Collection<Cid> clock) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }

    private record PoolEvent(Block block, List<Cid> parents) implements Event {
        @Override
        public Type type() {
            return Type.PUT;
        }

        @Override
        public String key() {
            return "Jkey";
        }

        @Override
        public Cid root() {
            return null;
        }

        @Override
        public Value value() {
            return Value.NULL;
        }
    }
}
