package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;
import static dev.livesync.tck.Make.cids;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import dev.livesync.car.Keys;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Section 5: what a snapshot tells. */
interface ReplicaSnapshotRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    @Rule(value = "R5.1", check = "what a snapshot reads from the live state instead of its own")
    default void aSnapshotDoesNotMove() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event early = Make.put("early", a);
        Event late = Make.put("late", early);
        subject.commit(a, late);
        try (Snapshot s = subject.replica().snapshot()) {
            Seen before = Seen.of(s);
            subject.commit(new Commit(List.of(Make.raw("block")), List.of(early, Make.put("b", a)), ALICE));
            before.requireSame("after a later commit", Seen.of(s));
            Expect.equal("the snapshot's cursor after a later commit", before.cursor(), s.cursor());
            Expect.equal("event() of what was pending when the snapshot was taken", null, s.event(late.cid()));
            Expect.equal("event() of what came after the snapshot", null, s.event(early.cid()));
            Expect.equal("block() of what came after the snapshot", null, s.block(early.cid()));
            Expect.equal("missing() of what came after the snapshot", cids(early), s.missing(cids(early, late)));
        }
    }

    @Rule(
            value = "R5.1",
            check = "iterators and lists over live collections: a snapshot needs its own, or ones that never change")
    default void whatASnapshotHandedOutDoesNotMoveEither() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Event> chain = Make.chain("a", 4);
        Event waits = Make.put("waits", Make.put("absent"));
        subject.commit(new Commit(List.of(Make.raw("block")), chain, ALICE));
        subject.commit(waits);
        try (Snapshot s = subject.replica().snapshot()) {
            Seen before = Seen.of(s);
            List<Cid> heads = s.heads();
            Iterator<Cid> stored = s.storedCids();
            Iterator<Cid> events = s.eventsSince(List.of());
            Iterator<Block> nodes = s.tree(chain.get(3).cid()).blocks();
            List<Cid> storedCids = new ArrayList<>(List.of(stored.next()));
            List<Cid> eventCids = new ArrayList<>(List.of(events.next()));
            subject.commit(new Commit(
                    List.of(Make.raw("later")), List.of(Make.put("b", chain.get(3)), Make.put("absent")), ALICE));
            stored.forEachRemaining(storedCids::add);
            events.forEachRemaining(eventCids::add);
            Expect.equal("storedCids(), read to its end after a later commit", before.stored(), storedCids);
            Expect.sameOnce("eventsSince(), read to its end after a later commit", before.events(), eventCids);
            Expect.equal("a list of heads, after a later commit", before.heads(), heads);
            Expect.equal(
                    "the blocks of a tree, read after a later commit",
                    subject.oracle.tree(chain.get(3).cid()),
                    ReplicaSubject.list(nodes));
        }
    }

    @Rule(
            value = "R5.1",
            check = "that what is given up goes from the latest state and not from those that snapshots hold")
    default void aSnapshotKeepsWhatIsGivenUpLater() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event absent = Make.put("absent");
        Event waits = Make.put("waits", absent);
        subject.commit(waits);
        int size = Math.toIntExact(subject.store().pendingBytesPerPeer() / 10);
        try (Snapshot s = subject.replica().snapshot()) {
            Seen before = Seen.of(s);
            for (int i = 0; i < 30; i++) {
                Event flood = Make.large("flood" + i, size, absent);
                subject.replica().commit(new Commit(List.of(), List.of(flood), ALICE));
            }
            String when = "after a pending event was given up";
            before.requireSame(when, Seen.of(s));
            Expect.equal("missing() of it in an older snapshot", List.of(), s.missing(cids(waits)));
            Expect.equal("block() of it in an older snapshot", waits.block(), s.block(waits.cid()));
        }
    }

    @Rule(value = "R5.2", check = "that cursor and content of a snapshot are taken at the same moment", needs = "R6.1")
    default void theChangesAfterASnapshotAreWhatItLacks() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 25);
            ReplicaSubject subject = kit().fresh();
            List<Snapshot> snapshots = new ArrayList<>();
            for (Commit commit : history.shuffled(new Random(~seed))) {
                snapshots.add(subject.replica().snapshot());
                subject.commit(commit);
            }
            for (Snapshot s : snapshots) {
                List<Cid> has = ReplicaSubject.list(s.eventsSince(List.of()));
                Set<Cid> lacks = new HashSet<>(subject.oracle.complete());
                has.forEach(lacks::remove);
                Expect.sameOnce(
                        "the events after the cursor of a snapshot with " + has.size() + " events (seed " + seed + ")",
                        lacks,
                        ReplicaSubject.events(subject.feed(s.cursor(), 7)));
                s.close();
            }
        }
    }

    @Rule(value = "R5.3", check = "how events are written and read; storing the block and decoding it is the safe way")
    default void anEventComesBackAsItWasCommitted() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", "text", Make.SOME_TREE, a);
        Event inner = Make.delete("b", null, b);
        Event end = Make.delete("c", Make.SOME_TREE, inner, a);
        subject.commit(a, b, inner, end);
        Block block = Make.raw("block");
        subject.commit(block);
        subject.look(s -> {
            for (Event event : List.of(a, b, inner, end)) {
                Event stored = Expect.present("event() of the complete event " + event, s.event(event.cid()));
                Expect.that(s.isComplete(event.cid()), "isComplete() of the complete event " + event + " is false");
                Expect.equal("the CID of " + event, event.cid(), stored.cid());
                Expect.equal(
                        "the block's content of " + event,
                        event.block().bytes(),
                        stored.block().bytes());
                Expect.equal("the type of " + event, event.type(), stored.type());
                Expect.equal("the key of " + event, event.key(), stored.key());
                Expect.equal("the root of " + event, event.root(), stored.root());
                Expect.equal("the parents of " + event, event.parents(), stored.parents());
                Expect.equal("the value of " + event, event.value(), stored.value());
            }
            Expect.equal("event() of a block that is no event", null, s.event(block.cid()));
            Expect.equal("event() of an absent CID", null, s.event(Make.absent("event")));
            for (Cid none : List.of(block.cid(), Make.absent("event"))) {
                Expect.that(!s.isComplete(none), "isComplete() is true where event() returns nothing, of " + none);
            }
            return s;
        });
    }

    @Rule(value = "R5.4", check = "how blocks are written and read, and what is returned for absent ones")
    default void aBlockComesBackAsItWasCommitted() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event waits = Make.put("waits", Make.put("absent"));
        subject.commit(new Commit(List.of(Make.raw("one"), Make.raw("")), List.of(a, waits), ALICE));
        subject.look(s -> {
            subject.oracle.blocks().forEach((cid, block) -> {
                Block stored = Expect.present("block() of the stored block " + cid, s.block(cid));
                Expect.equal("the CID of the block under " + cid, cid, stored.cid());
                Expect.equal("the content of block " + cid, block.bytes(), stored.bytes());
            });
            Expect.equal("block() of an absent CID", null, s.block(Make.absent("block")));
            return s;
        });
    }

    @Rule(value = "R5.5", check = "sets that lose the order, lists that keep repeats")
    default void missingNamesTheAbsentOnesOnceInTheOrderGiven() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        subject.commit(a);
        Cid x = Make.absent("x");
        Cid y = Make.absent("y");
        Cid z = Make.absent("z");
        List<Cid> asked = List.of(z, a.cid(), x, z, y, a.cid(), x);
        Expect.equal("missing() of " + asked, List.of(z, x, y), subject.look(s -> s.missing(asked)));
        Expect.equal("missing() of nothing", List.of(), subject.look(s -> s.missing(List.of())));
    }

    @Rule(value = "R5.6", check = "that every block has a number of its own in the order of writing")
    default void storedCidsAreAllOfThemOnceInTheOrderOfWriting() throws Exception {
        ReplicaSubject subject = kit().fresh();
        List<Cid> order = new ArrayList<>();
        Event a = Make.put("a");
        Event waits = Make.put("waits", Make.put("absent"));
        Block node = Make.raw("node");
        for (Commit commit : List.of(
                new Commit(List.of(node), List.of(), ALICE),
                new Commit(List.of(), List.of(waits), ALICE),
                new Commit(List.of(node), List.of(a, waits), ALICE),
                new Commit(List.of(Make.raw("other")), List.of(a), ALICE))) {
            subject.commit(commit);
        }
        order.addAll(List.of(node.cid(), waits.cid(), a.cid(), Make.raw("other").cid()));
        Expect.equal("the stored CIDs", order, subject.stored());
    }

    @Rule(value = "R5.7", check = "docs/merge.md: the merge, then the canonical tree; run the printed seed")
    default void aTreeHoldsTheDocumentsAfterItsEvent() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 25);
            ReplicaSubject subject = kit().fresh();
            boolean withNodes = seed % 2 == 0;
            subject.commit(new Commit(withNodes ? history.nodes() : List.of(), history.events(), ALICE));
            subject.look(s -> {
                for (Cid event : subject.oracle.complete()) {
                    List<Block> expected = subject.oracle.tree(event);
                    Tree tree = s.tree(event);
                    String of = " of event " + event + " (seed " + seed + ", its author's nodes "
                            + (withNodes ? "" : "not ") + "stored)";
                    Expect.equal(
                            "the tree's root" + of,
                            expected.isEmpty() ? null : expected.get(0).cid(),
                            tree.root());
                    Expect.equal("the tree's blocks" + of, expected, ReplicaSubject.list(tree.blocks()));
                }
                return s;
            });
        }
    }

    @Rule(
            value = "R5.7",
            check =
                    "that an author's tree of any shape is told as soon as all of its nodes are stored, also if they came after "
                            + "the event and without any")
    default void anAuthorsTreeIsToldOnceItIsThere() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event bare = Make.put("b", a);
        ReplicaOracle author = new ReplicaOracle();
        author.commit(new Commit(List.of(), List.of(a, bare), ALICE));
        List<Block> odd = CanonicalTrees.aLeafForEach(author.documents());
        Event b = Make.put("b", "", odd.get(0).cid(), a);
        subject.commit(new Commit(odd.subList(0, 2), List.of(a, b), ALICE));
        Expect.equal(
                "the blocks of an event's tree while a node of its author's tree is absent",
                subject.oracle.tree(b.cid()),
                subject.look(s -> ReplicaSubject.list(s.tree(b.cid()).blocks())));
        subject.commit(new Commit(odd.subList(2, 3), List.of(), ALICE));
        Expect.equal(
                "the blocks of an event's tree when its author's tree, which has another shape, is stored whole",
                odd,
                subject.look(s -> ReplicaSubject.list(s.tree(b.cid()).blocks())));
    }

    @Rule(value = "R5.8", check = "that an author's tree is compared with the documents before it is used")
    default void aTreeThatHidesADocumentIsNotUsed() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        ReplicaOracle liar = new ReplicaOracle();
        liar.commit(new Commit(List.of(), List.of(Make.put("b")), ALICE));
        List<Block> lie = CanonicalTrees.of(liar.documents());
        Event b = Make.put("b", "", lie.get(0).cid(), a);
        subject.commit(new Commit(lie, List.of(a, b), ALICE));
        Tree[] tree = new Tree[1];
        List<Block> blocks = subject.look(s -> {
            tree[0] = s.tree(b.cid());
            return ReplicaSubject.list(tree[0].blocks());
        });
        List<Block> expected = subject.oracle.tree(b.cid());
        Expect.equal(
                "the root of an event whose author's tree lacks a document",
                expected.get(0).cid(),
                tree[0].root());
        Expect.equal("the blocks of that tree", expected, blocks);
    }

    @Rule(
            value = "R5.8",
            check =
                    "that the keys of a branch are held against those of the nodes under it: whoever looks for a document goes by them")
    default void aTreeWhoseBranchMisleadsIsNotUsed() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        ReplicaOracle author = new ReplicaOracle();
        author.commit(new Commit(List.of(), List.of(a, Make.put("c", a)), ALICE));
        List<Block> nodes = CanonicalTrees.aLeafForEach(author.documents());
        Block misleading = CanonicalTrees.branch(Map.of(
                Keys.ofId("a"), nodes.get(1).cid(), Keys.ofId("d"), nodes.get(2).cid()));
        Event c = Make.put("c", "", misleading.cid(), a);
        subject.commit(new Commit(List.of(misleading, nodes.get(1), nodes.get(2)), List.of(a, c), ALICE));
        Expect.equal(
                "the blocks of an event's tree where the author's has its last document under a greater key",
                subject.oracle.tree(c.cid()),
                subject.look(s -> ReplicaSubject.list(s.tree(c.cid()).blocks())));
    }

    @Rule(value = "R5.9", check = "the answer for absent and pending events and for other blocks")
    default void aTreeOfWhatIsNotCompleteIsNotFound() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event waits = Make.put("waits", Make.put("absent"));
        Block block = Make.raw("block");
        subject.commit(new Commit(List.of(block), List.of(waits), ALICE));
        Map<String, Cid> wrong = new LinkedHashMap<>();
        wrong.put("an absent event", Make.absent("event"));
        wrong.put("a pending event", waits.cid());
        wrong.put("a block that is no event", block.cid());
        subject.look(s -> {
            wrong.forEach((what, cid) -> {
                Expect.failure(ErrorKind.NOT_FOUND, "tree() of " + what, () -> s.tree(cid));
                Expect.failure(ErrorKind.NOT_FOUND, "newNodes() of " + what, () -> s.newNodes(cid));
            });
            return s;
        });
    }

    @Rule(
            value = "R5.10",
            check =
                    "which trees the new ones are compared with, and the order: children first; or leave the default in place")
    default void newNodesAreThoseThatNoParentsTreeHas() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 25);
            ReplicaSubject subject = kit().fresh();
            subject.commit(history.whole());
            Event large = null;
            for (int i = 0; i < 60; i++) {
                Event next = large == null ? Make.put("large" + i) : Make.put("large" + i, large);
                subject.commit(next);
                large = next;
            }
            subject.look(s -> {
                for (Cid event : subject.oracle.complete()) {
                    String of = " of event " + event + " (seed " + seed + ")";
                    List<Block> nodes = s.newNodes(event);
                    Set<Block> expected = subject.oracle.newNodes(event);
                    Expect.sameOnce("the new nodes" + of, expected, nodes);
                    List<Block> order = subject.oracle.tree(event);
                    for (int i = 1; i < nodes.size(); i++) {
                        Expect.that(
                                order.indexOf(nodes.get(i)) < order.indexOf(nodes.get(i - 1))
                                        || !isParent(nodes.get(i - 1), nodes.get(i)),
                                "the new nodes" + of + ": " + nodes.get(i - 1) + " comes before its child "
                                        + nodes.get(i));
                    }
                }
                return s;
            });
        }
    }

    private static boolean isParent(Block node, Block child) {
        return dev.livesync.car.TreeNodes.decode(node) instanceof dev.livesync.car.TreeNode.Branch branch
                && branch.entries().stream().anyMatch(e -> e.child().equals(child.cid()));
    }

    @Rule(
            value = "R5.11",
            check =
                    "unknown CIDs and pending events in the frontier, the order of the walk, batches; or leave the default in place")
    default void eventsSinceAFrontierAreThoseThatItLacksParentsFirst() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 30);
            Random random = new Random(~seed);
            ReplicaSubject subject = kit().fresh();
            subject.commit(history.whole());
            List<Cid> all = subject.oracle.complete();
            Block block = Make.raw("block");
            Event last = subject.oracle.event(all.get(all.size() - 1));
            Event waits = Make.put("waits", last, Make.put("absent"));
            subject.commit(new Commit(List.of(block), List.of(waits), ALICE));
            List<Cid> strangers = List.of(Make.absent("event"), block.cid(), waits.cid());
            subject.look(s -> {
                for (int i = 0; i < 40; i++) {
                    List<Cid> frontier = new ArrayList<>();
                    for (int n = i == 0 ? 0 : random.nextInt(4); n > 0; n--) {
                        frontier.add(closed(subject.oracle, all, random));
                    }
                    if (random.nextBoolean()) {
                        frontier.add(strangers.get(random.nextInt(strangers.size())));
                    }
                    List<Cid> since = ReplicaSubject.list(s.eventsSince(frontier));
                    String what = "the events since " + frontier + " (seed " + seed + ")";
                    Expect.sameOnce(what, subject.oracle.since(frontier), since);
                    Expect.equal("what is wrong with the order of " + what, null, subject.oracle.disorder(since));
                }
                return s;
            });
        }
    }

    /** Any event at which a reader may stand: not in the middle of a batch. */
    private static Cid closed(ReplicaOracle oracle, List<Cid> all, Random random) {
        Cid cid = all.get(random.nextInt(all.size()));
        return oracle.isInterior(cid) ? all.get(all.size() - 1) : cid;
    }

    @Rule(value = "R5.12", check = "the search for paths, and equal events; or leave the default in place")
    default void anAncestorIsWhatAPathOfParentsLeadsTo() throws Exception {
        long seed = ReplicaFixture.seeds(1)[0];
        RandomHistory history = new RandomHistory(new Random(seed), 20);
        ReplicaSubject subject = kit().fresh();
        subject.commit(history.whole());
        List<Cid> all = subject.oracle.complete();
        subject.look(s -> {
            for (Cid a : all) {
                for (Cid d : all) {
                    Expect.equal(
                            "isAncestor(" + a + ", " + d + ") (seed " + seed + ")",
                            subject.oracle.isAncestor(a, d),
                            s.isAncestor(a, d));
                }
            }
            return s;
        });
    }

    @Rule(
            value = "R5.13",
            check = "counters that are kept up to date by hand, above all for repeats and for deleted documents")
    default void theSummaryCounts() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        Event b = Make.put("b", a);
        Event waits = Make.put("waits", Make.put("absent"));
        for (Commit commit : List.of(
                new Commit(List.of(), List.of(), ALICE),
                new Commit(List.of(Make.raw("one"), Make.raw("two")), List.of(a, b, waits), ALICE),
                new Commit(List.of(Make.raw("one")), List.of(a, Make.delete("a", Make.SOME_TREE, b)), ALICE))) {
            subject.commit(commit);
            ReplicaOracle oracle = subject.oracle;
            long bytes =
                    oracle.blocks().values().stream().mapToLong(Block::size).sum();
            Expect.equal(
                    "the summary",
                    new Summary(
                            oracle.documents().size(),
                            oracle.complete().size(),
                            oracle.pending().size(),
                            oracle.blocks().size(),
                            bytes),
                    subject.summary());
        }
    }

    @Rule(value = "R5.14", check = "that every method of a snapshot looks whether it is closed")
    default void aClosedSnapshotSaysSo() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        subject.commit(a);
        Snapshot s = subject.replica().snapshot();
        Snapshot other = subject.replica().snapshot();
        s.close();
        Expect.equal("what a second close() throws", null, Expect.thrown(s::close));
        ErrorKind closed = ErrorKind.CLOSED;
        Expect.failure(closed, "cursor() of a closed snapshot", s::cursor);
        Expect.failure(closed, "heads() of a closed snapshot", s::heads);
        Expect.failure(closed, "event() of a closed snapshot", () -> s.event(a.cid()));
        Expect.failure(closed, "block() of a closed snapshot", () -> s.block(a.cid()));
        Expect.failure(closed, "missing() of a closed snapshot", () -> s.missing(cids(a)));
        Expect.failure(closed, "storedCids() of a closed snapshot", s::storedCids);
        Expect.failure(closed, "tree() of a closed snapshot", () -> s.tree(a.cid()));
        Expect.failure(closed, "newNodes() of a closed snapshot", () -> s.newNodes(a.cid()));
        Expect.failure(closed, "canonicalTree() of a closed snapshot", () -> s.canonicalTree(cids(a)));
        Expect.failure(closed, "commonAncestor() of a closed snapshot", () -> s.commonAncestor(cids(a)));
        Expect.failure(closed, "eventsSince() of a closed snapshot", () -> s.eventsSince(List.of()));
        Expect.failure(closed, "isAncestor() of a closed snapshot", () -> s.isAncestor(a.cid(), a.cid()));
        Expect.failure(closed, "summary() of a closed snapshot", s::summary);
        Expect.equal("the heads of another snapshot, after one was closed", cids(a), other.heads());
        other.close();
    }

    @Rule(
            value = "R5.15",
            check =
                    "that what comes from the disk goes through Block.verified, and that its failure is told as CORRUPT with the CID")
    @Needs(StoreFeature.DAMAGE)
    default void aDamagedBlockIsNeverHandedOut() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Block damaged = Make.raw("damaged ".repeat(1_000));
        Block whole = Make.raw("whole ".repeat(1_000));
        subject.commit(damaged, whole);
        subject.store().damage(damaged.cid());
        subject.look(s -> {
            SyncException e = Expect.failure(
                    ErrorKind.CORRUPT,
                    "block() of a block whose stored bytes were changed",
                    () -> s.block(damaged.cid()));
            Expect.that(
                    String.valueOf(e.getMessage()).contains(damaged.cid().toString()),
                    "the failure does not name block " + damaged.cid() + ": " + e.getMessage());
            Expect.equal("block() of an intact block beside a damaged one", whole, s.block(whole.cid()));
            return s;
        });
    }

    @Rule(
            value = "R5.16",
            check = "that the tree is made from the events at the clock's ends and from nothing else that is stored")
    default void aCanonicalTreeIsAFunctionOfTheEvents() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 25);
            Random random = new Random(~seed);
            ReplicaSubject subject = kit().fresh();
            subject.commit(new Commit(seed % 2 == 0 ? history.nodes() : List.of(), history.events(), ALICE));
            subject.look(s -> {
                for (int i = 0; i < 40; i++) {
                    List<Cid> clock = clock(subject, random, i == 0 ? 0 : 1 + random.nextInt(3));
                    requireCanonical(subject, s, clock, " (seed " + seed + ")");
                }
                return s;
            });
        }
    }

    /** Complete events, some of them perhaps ancestors of others, or twice. */
    private static List<Cid> clock(ReplicaSubject subject, Random random, int size) {
        List<Cid> complete = subject.oracle.complete();
        List<Cid> clock = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            clock.add(complete.get(random.nextInt(complete.size())));
        }
        return clock;
    }

    private static void requireCanonical(ReplicaSubject subject, Snapshot s, List<Cid> clock, String when) {
        List<Block> expected = subject.oracle.tree(clock);
        Tree tree = s.canonicalTree(clock);
        Expect.equal(
                "the root of the canonical tree of " + clock + when,
                expected.isEmpty() ? null : expected.get(0).cid(),
                tree.root());
        Expect.equal(
                "the blocks of the canonical tree of " + clock + when, expected, ReplicaSubject.list(tree.blocks()));
    }

    @Rule(
            value = "R5.16",
            check =
                    "that an author's tree of another shape is left alone, and what is asked for events that are not complete")
    default void aCanonicalTreeHasItsOwnShape() throws Exception {
        ReplicaSubject subject = kit().fresh();
        Event a = Make.put("a");
        ReplicaOracle author = new ReplicaOracle();
        author.commit(new Commit(List.of(), List.of(a, Make.put("b", a)), ALICE));
        List<Block> odd = CanonicalTrees.aLeafForEach(author.documents());
        Event b = Make.put("b", "", odd.get(0).cid(), a);
        Event waits = Make.put("waits", Make.put("absent"));
        subject.commit(new Commit(odd, List.of(a, b, waits), ALICE));
        subject.look(s -> {
            requireCanonical(subject, s, cids(b), ", whose author made a tree of another shape");
            for (Cid wrong :
                    List.of(waits.cid(), Make.absent("event"), odd.get(0).cid())) {
                Expect.failure(
                        ErrorKind.NOT_FOUND,
                        "canonicalTree() with one that is no complete event",
                        () -> s.canonicalTree(List.of(b.cid(), wrong)));
            }
            return s;
        });
    }

    @Rule(
            value = "R5.17",
            check = "that no path from any of the events goes around the answer; or leave the default in place")
    default void aCommonAncestorIsOnEveryPath() throws Exception {
        for (long seed : ReplicaFixture.seeds(3)) {
            RandomHistory history = new RandomHistory(new Random(seed), 25);
            Random random = new Random(~seed);
            ReplicaSubject subject = kit().fresh();
            subject.commit(history.whole());
            subject.look(s -> {
                for (int i = 0; i < 40; i++) {
                    List<Cid> clock = clock(subject, random, i == 0 ? 0 : 1 + random.nextInt(3));
                    Expect.equal(
                            "the common ancestor of " + clock + " (seed " + seed + ")",
                            subject.oracle.commonAncestor(clock),
                            s.commonAncestor(clock));
                }
                Cid absent = Make.absent("event");
                Expect.failure(
                        ErrorKind.NOT_FOUND,
                        "commonAncestor() with an absent event",
                        () -> s.commonAncestor(List.of(subject.oracle.complete().get(0), absent)));
                return s;
            });
        }
    }
}
