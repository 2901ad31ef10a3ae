package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.Events;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.tck.ReplicaFronts.Front;
import dev.livesync.tck.ReplicaFronts.FrontSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Broken snapshots. */
final class ReplicaSnapshotMutants {
    private ReplicaSnapshotMutants() {}

    /** Replicas whose snapshots have a front. */
    static Replica with(Replica right, Function<Snapshot, Snapshot> front) {
        return new Front(right) {
            @Override
            public Snapshot snapshot() {
                return front.apply(super.snapshot());
            }
        };
    }

    private static @Nullable Event stored(Snapshot s, Cid cid) {
        Block block = s.block(cid);
        return block != null && Events.looksLikeEvent(block) ? Events.decode(block) : null;
    }

    /** Hands out stored events of some sort as if they were complete. */
    static Snapshot showsToo(Snapshot right, Predicate<Event> which) {
        return new FrontSnapshot(right) {
            @Override
            public @Nullable Event event(Cid cid) {
                Event event = right.event(cid);
                Event stored = event == null ? stored(right, cid) : null;
                return stored != null && which.test(stored) ? stored : event;
            }
        };
    }

    /** Whether the parents of an event are complete or interior themselves. */
    static boolean hasItsParents(Snapshot s, Event event) {
        return event.parents().stream()
                .allMatch(p -> s.event(p) != null
                        || stored(s, p) != null && stored(s, p).root() == null);
    }

    /** Hides complete events of some sort. */
    static Snapshot hides(Snapshot right, Predicate<Event> which) {
        return new FrontSnapshot(right) {
            @Override
            public @Nullable Event event(Cid cid) {
                Event event = right.event(cid);
                return event != null && which.test(event) ? null : event;
            }
        };
    }

    /** Completes others' events one commit late. */
    static final class CompletesLate extends Front {
        private Set<Cid> late = Set.of();

        CompletesLate(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            Set<Cid> released = new HashSet<>(result.accepted());
            Make.cids(commit.events()).forEach(released::remove);
            late = released;
            return result;
        }

        @Override
        public Snapshot snapshot() {
            Set<Cid> hidden = late;
            return hides(super.snapshot(), e -> hidden.contains(e.cid()));
        }
    }

    /** Judges a merge inside a batch when it arrives and never again. */
    static final class JudgesOnArrival extends Front {
        private final Set<Cid> tooEarly = ConcurrentHashMap.newKeySet();

        JudgesOnArrival(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            try (Snapshot s = right.snapshot()) {
                for (Cid cid : result.missing().isEmpty() ? List.<Cid>of() : result.pending()) {
                    Event e = stored(s, cid);
                    if (e != null && e.root() == null && e.parents().size() > 1) {
                        tooEarly.add(cid);
                    }
                }
            }
            return result;
        }

        @Override
        public Snapshot snapshot() {
            Set<Cid> hidden = Set.copyOf(tooEarly);
            return hides(super.snapshot(), e -> hidden.contains(e.cid()));
        }
    }

    /** Does not tell of the blocks of pending events. */
    static Snapshot forgetsPending(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public @Nullable Block block(Cid cid) {
                boolean pending = right.event(cid) == null && stored(right, cid) != null;
                return pending ? null : right.block(cid);
            }
        };
    }

    /** Goes on naming what was given up. */
    static final class RemembersEvicted extends Front {
        private final Set<Cid> all = ConcurrentHashMap.newKeySet();

        RemembersEvicted(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            all.addAll(result.pending());
            return result;
        }

        @Override
        public Snapshot snapshot() {
            Set<Cid> waited = new LinkedHashSet<>(all);
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public Iterator<Cid> storedCids() {
                    Set<Cid> stored = new LinkedHashSet<>(ReplicaSubject.list(right.storedCids()));
                    stored.addAll(waited);
                    return stored.iterator();
                }
            };
        }
    }

    /** Other heads than the right ones. */
    static Snapshot heads(Snapshot right, Function<List<Cid>, List<Cid>> wrong) {
        return new FrontSnapshot(right) {
            @Override
            public List<Cid> heads() {
                return wrong.apply(right.heads());
            }
        };
    }

    /** A merge takes only its first parent off the heads. */
    static Snapshot mergeKeepsAHead(Snapshot right) {
        return heads(right, heads -> {
            Set<Cid> more = new HashSet<>(heads);
            for (Cid head : heads) {
                Event event = right.event(head);
                if (event != null && event.parents().size() > 1) {
                    more.add(event.parents().get(1));
                }
            }
            return more.stream().sorted().toList();
        });
    }

    /** The last event of an open batch is a head. */
    static Snapshot interiorHead(Snapshot right) {
        return heads(right, heads -> {
            List<Cid> tops = new ArrayList<>(heads);
            for (boolean more = true; more; ) {
                more = false;
                for (Cid cid : ReplicaSubject.list(right.storedCids())) {
                    Event event = right.event(cid) == null ? stored(right, cid) : null;
                    if (event != null && event.root() == null && tops.removeAll(event.parents())) {
                        more = tops.add(cid);
                    }
                }
            }
            Collections.sort(tops);
            return tops;
        });
    }

    static List<Cid> reversed(List<Cid> cids) {
        List<Cid> reversed = new ArrayList<>(cids);
        Collections.reverse(reversed);
        return reversed;
    }

    /** Looks at the present for some of its answers. */
    static final class Moving extends Front {
        Moving(Replica right) {
            super(right);
        }

        @Override
        public Snapshot snapshot() {
            Replica replica = right;
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public List<Cid> heads() {
                    right.heads();
                    try (Snapshot now = replica.snapshot()) {
                        return now.heads();
                    }
                }

                @Override
                public @Nullable Event event(Cid cid) {
                    right.event(cid);
                    try (Snapshot now = replica.snapshot()) {
                        return now.event(cid);
                    }
                }
            };
        }
    }

    /** Stands one commit before what it shows. */
    static final class CursorLags extends Front {
        private @Nullable Cursor before;
        private @Nullable Cursor last;

        CursorLags(Replica right) {
            super(right);
        }

        @Override
        public CommitResult commit(Commit commit) {
            CommitResult result = super.commit(commit);
            before = last;
            last = result.cursor();
            return result;
        }

        @Override
        public Snapshot snapshot() {
            Cursor place = before;
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public Cursor cursor() {
                    Cursor right = super.cursor();
                    return place == null ? right : place;
                }
            };
        }
    }

    /** Gives keys back without the sign that makes them keys. */
    static Snapshot changesKeys(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public @Nullable Event event(Cid cid) {
                Event event = right.event(cid);
                return event == null ? null : new BareKey(event);
            }
        };
    }

    /** Takes what waits for an ancestor for complete, where it isn't asked for the event itself. */
    static Snapshot completeAtOnce(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public boolean isComplete(Cid cid) {
                return right.block(cid) != null && cid.codec() == Cid.DAG_CBOR;
            }
        };
    }

    private record BareKey(Event event) implements Event {
        @Override
        public Block block() {
            return event.block();
        }

        @Override
        public Type type() {
            return event.type();
        }

        @Override
        public String key() {
            return event.key().substring(1);
        }

        @Override
        public @Nullable Cid root() {
            return event.root();
        }

        @Override
        public List<Cid> parents() {
            return event.parents();
        }

        @Override
        public dev.livesync.api.Value value() {
            return event.value();
        }
    }

    /** Has an empty block for every question. */
    static Snapshot neverAtALoss(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Block block(Cid cid) {
                Block block = right.block(cid);
                return block == null ? Block.of(cid.codec(), new byte[0]) : block;
            }
        };
    }

    /** Answers each question, repeated ones too. */
    static Snapshot repeatsMissing(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public List<Cid> missing(Collection<Cid> cids) {
                Set<Cid> missing = new HashSet<>(right.missing(cids));
                return cids.stream().filter(missing::contains).toList();
            }
        };
    }

    /** Keeps its CIDs in the order of their text. */
    static Snapshot storedSorted(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Iterator<Cid> storedCids() {
                return ReplicaSubject.list(right.storedCids()).stream()
                        .sorted(Comparator.naturalOrder())
                        .iterator();
            }
        };
    }

    /** Has the tree of the event's first parent. */
    static Snapshot staleTree(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree tree(Cid cid) {
                Event event = right.event(cid);
                boolean merges = event != null && event.parents().size() > 1;
                return right.tree(merges ? event.parents().get(0) : cid);
            }
        };
    }

    /** Takes the author's tree for right if it is there. */
    static Snapshot trustsTrees(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree tree(Cid cid) {
                Tree tree = right.tree(cid);
                Event event = right.event(cid);
                Block root = event == null || event.root() == null ? null : right.block(event.root());
                boolean leaf = root != null && TreeNodes.decode(root) instanceof TreeNode.Leaf;
                return leaf ? new Tree(root.cid(), List.of(root).iterator()) : tree;
            }
        };
    }

    /** Compares the documents of an author's tree, and not the keys under which its branches have them. */
    static final class FollowsBranchesStore extends PlainStore {
        @Override
        PlainReplica make(PlainDisk disk) {
            return new PlainReplica(disk, QUOTA) {
                @Override
                boolean misleads(Child child, TreeNode node) {
                    return false;
                }
            };
        }
    }

    /** Has an empty tree for what it doesn't know. */
    static Snapshot emptyTrees(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree tree(Cid cid) {
                return right.event(cid) == null ? new Tree(null, Collections.emptyIterator()) : right.tree(cid);
            }
        };
    }

    /** Calls all nodes new. */
    static Snapshot allNodesAreNew(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public List<Block> newNodes(Cid cid) {
                right.newNodes(cid);
                List<Block> nodes =
                        new ArrayList<>(ReplicaSubject.list(right.tree(cid).blocks()));
                Collections.reverse(nodes);
                return nodes;
            }
        };
    }

    /** Walks from the heads down. */
    static Snapshot childrenFirst(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
                return reversed(ReplicaSubject.list(right.eventsSince(frontier)))
                        .iterator();
            }
        };
    }

    /** Gives up on a frontier of which it doesn't know all. */
    static Snapshot wantsAKnownFrontier(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
                boolean known = frontier.stream().allMatch(c -> right.event(c) != null);
                return right.eventsSince(known ? frontier : List.of());
            }
        };
    }

    /** Counts an event among its own ancestors. */
    static Snapshot ownAncestor(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public boolean isAncestor(Cid ancestor, Cid descendant) {
                return right.isAncestor(ancestor, descendant) || ancestor.equals(descendant);
            }
        };
    }

    /** Counts deleted documents as well. */
    static Snapshot countsDeleted(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Summary summary() {
                Summary s = right.summary();
                Set<String> keys = new HashSet<>();
                right.eventsSince(List.of())
                        .forEachRemaining(c -> keys.add(right.event(c).key()));
                return new Summary(keys.size(), s.events(), s.pending(), s.blocks(), s.bytes());
            }
        };
    }

    /** Takes an author's tree for the canonical one. */
    static Snapshot takesAuthorsTrees(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree canonicalTree(Collection<Cid> clock) {
                return clock.size() == 1 ? right.tree(clock.iterator().next()) : right.canonicalTree(clock);
            }
        };
    }

    /** Reads a clock's last event only. */
    static Snapshot readsTheLast(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree canonicalTree(Collection<Cid> clock) {
                List<Cid> events = List.copyOf(clock);
                return right.canonicalTree(events.subList(Math.max(0, events.size() - 1), events.size()));
            }
        };
    }

    /** Passes over what it doesn't have. */
    static Snapshot passesOverStrangers(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree canonicalTree(Collection<Cid> clock) {
                right.cursor(); // that it is open
                return right.canonicalTree(
                        clock.stream().filter(c -> right.event(c) != null).toList());
            }
        };
    }

    /** Any ancestor of all will do, the nearest in its walk. */
    static Snapshot anyCommonAncestor(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public @Nullable Cid commonAncestor(Collection<Cid> events) {
                Cid dominator = right.commonAncestor(events);
                Cid nearest = dominator;
                for (Cid each : ReplicaSubject.list(right.eventsSince(List.of()))) {
                    if (events.stream().allMatch(e -> e.equals(each) || right.isAncestor(each, e))) {
                        nearest = each;
                    }
                }
                return events.isEmpty() ? null : nearest;
            }
        };
    }

    /** Goes on answering after its end. */
    static Snapshot undead(Snapshot right) {
        Cursor place = right.cursor();
        return new FrontSnapshot(right) {
            @Override
            public Cursor cursor() {
                return place;
            }
        };
    }

    /** Hands out the bytes it finds. */
    static final class NoHashing extends Front {
        private final PlainStore store;

        NoHashing(Replica right, PlainStore store) {
            super(right);
            this.store = store;
        }

        @Override
        public Snapshot snapshot() {
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public @Nullable Block block(Cid cid) {
                    try {
                        return right.block(cid);
                    } catch (SyncException e) {
                        if (e.kind() == ErrorKind.CORRUPT && store.disk.damaged.contains(cid)) {
                            return Block.of(cid.codec(), new byte[1]);
                        }
                        throw e;
                    }
                }
            };
        }
    }

    /** Lets go of what was given up in older snapshots, too. */
    static final class GivesUpEverywhere extends Front {
        GivesUpEverywhere(Replica right) {
            super(right);
        }

        @Override
        public Snapshot snapshot() {
            Replica replica = right;
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public @Nullable Block block(Cid cid) {
                    Block block = right.block(cid);
                    try (Snapshot now = replica.snapshot()) {
                        return now.missing(List.of(cid)).isEmpty() ? block : null;
                    }
                }
            };
        }
    }

    /** Has an iterator over the present. */
    static final class LiveIterator extends Front {
        LiveIterator(Replica right) {
            super(right);
        }

        @Override
        public Snapshot snapshot() {
            Replica replica = right;
            return new FrontSnapshot(super.snapshot()) {
                @Override
                public Iterator<Cid> storedCids() {
                    List<Cid> stored = ReplicaSubject.list(right.storedCids());
                    return new Iterator<>() {
                        private int next;

                        @Override
                        public boolean hasNext() {
                            if (next == stored.size()) {
                                try (Snapshot now = replica.snapshot()) {
                                    List<Cid> later = ReplicaSubject.list(now.storedCids());
                                    later.removeAll(stored);
                                    stored.addAll(later);
                                }
                            }
                            return next < stored.size();
                        }

                        @Override
                        public Cid next() {
                            return stored.get(next++);
                        }
                    };
                }
            };
        }
    }

    /** Takes the ancestors of a pending event for known. */
    static Snapshot believesPending(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
                List<Cid> more = new ArrayList<>(frontier);
                for (Cid cid : frontier) {
                    Event event = stored(right, cid);
                    more.addAll(event == null ? List.of() : event.parents());
                }
                return right.eventsSince(more);
            }
        };
    }

    /** Tells the canonical tree, whatever the author made. */
    static Snapshot canonicalOnly(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree tree(Cid event) {
                right.tree(event);
                return right.canonicalTree(List.of(event));
            }
        };
    }

    /** Knows no limit to the size of a node. */
    static Snapshot unlimitedNodes(Snapshot right) {
        return new FrontSnapshot(right) {
            @Override
            public Tree canonicalTree(Collection<Cid> clock) {
                Tree tree = right.canonicalTree(clock);
                List<Block> blocks = ReplicaSubject.list(tree.blocks());
                List<TreeNode.LeafEntry> entries = new ArrayList<>();
                for (Block block : blocks) {
                    if (TreeNodes.decode(block) instanceof TreeNode.Leaf leaf) {
                        entries.addAll(leaf.entries());
                    }
                }
                List<Block> large = CanonicalTrees.of(entries, Long.MAX_VALUE);
                return new Tree(large.isEmpty() ? null : large.get(0).cid(), large.iterator());
            }
        };
    }
}
