package dev.livesync.database.history;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Large histories by the work they cost, counted: passes, events visited by them, merges looked at by ancestor questions. No clock. */
class ScaleTest {
    private final Replay replay = new Replay();
    private final Random random = new Random(7);

    private int put(String key, int... parents) {
        return replay.accept(cid(), key, false, parents);
    }

    private Cid cid() {
        return Cid.ofDigest(Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    }

    private int key(String key) {
        return replay.keys.find(key);
    }

    @Test
    void aLinearHistoryNeverAsksTwice() {
        int last = EventGraph.NONE;
        for (int i = 0; i < 100_000; i++) {
            last = last < 0 ? put("J0") : put("J" + i % 30_000, last);
        }
        assertThat(replay.documents.count()).isEqualTo(30_000);
        assertThat(replay.past.at(last)).hasSize(30_000);
        assertThat(replay.visible()).isEqualTo(replay.past.at(last));
        assertThat(replay.documents.passes()).isZero();
        assertThat(replay.graph.searchSteps()).isZero();
        assertThat(replay.graph.isAncestor(0, last)).isTrue();
        assertThat(replay.graph.since(new int[] {last}, new int[] {last - 3}))
                .containsExactly(last - 2, last - 1, last);
    }

    @Test
    void twoWritersNeverInStepPayForTheLastFewEventsOnly() {
        int root = put("Jroot");
        int a = put("Jold", root);
        int b = put("Jold", root);
        ChangeTracker tracker = replay.documents.track();
        for (int i = 0; i < 50_000; i++) {
            // Each has seen what the other wrote one round before.
            int nextA = put("J" + i % 5_000, a, b);
            int nextB = i % 10 == 0 ? put("J" + (i + 2_500) % 5_000, b, a) : put("Jb" + i % 5_000, b, a);
            a = nextA;
            b = nextB;
            if (i % 10 == 0) {
                tracker.drain();
            }
        }
        CurrentDocuments documents = replay.documents;
        assertThat(documents.heads()).containsExactlyInAnyOrder(a, b);
        assertThat(replay.graph.nearestCommonAncestor(a, b)).isEqualTo(root);
        assertThat(documents.candidates(key("Jold"))).containsExactly(1, 2);
        assertThat(documents.winner(key("Jold")))
                .as("saturated, so the greatest CID")
                .isEqualTo(replay.graph.cid(1).compareTo(replay.graph.cid(2)) > 0 ? 1 : 2);
        assertThat(documents.passes()).isLessThanOrEqualTo(5_002);
        assertThat(documents.passVisits() / documents.passes()).isLessThan(250);
        assertThat(replay.graph.searchSteps()).isLessThan(4 * 100_000);

        long before = documents.passes();
        documents.accept(replay.graph.add(cid(), replay.keys.intern("Jnew"), false, a, b));
        for (int key = 0; key < replay.keys.size(); key++) {
            if (documents.candidates(key).length == 1) {
                documents.document(key);
            }
        }
        assertThat(documents.passes()).as("reads of unconflicted keys").isEqualTo(before);
        assertThat(replay.past.at(documents.heads())).isEqualTo(replay.visible());
    }

    @Test
    void thousandsOfBranchesFromOneEvent() {
        int root = put("Jroot");
        int[] branches = IntStream.range(0, 2_000)
                .map(i -> put(i % 2 == 0 ? "Jcontested" : "J" + i, root))
                .toArray();
        CurrentDocuments documents = replay.documents;
        assertThat(documents.heads()).hasSize(2_000);
        assertThat(documents.candidates(key("Jcontested"))).hasSize(1_000);
        assertThat(documents.count()).isEqualTo(1_002);
        assertThat(documents.passes()).as("passes for a count of puts").isZero();
        int greatest = Arrays.stream(branches)
                .filter(e -> replay.graph.key(e) == key("Jcontested"))
                .boxed()
                .max((x, y) -> replay.graph.cid(x).compareTo(replay.graph.cid(y)))
                .orElseThrow();
        assertThat(documents.winner(key("Jcontested"))).isEqualTo(greatest);
        // A branch that goes on is further from its first event.
        int behind = put("Jelsewhere", greatest);
        assertThat(documents.winner(key("Jcontested"))).isNotEqualTo(greatest);
        assertThat(documents.passes()).isEqualTo(2);

        int merge = put("Jmerge", documents.heads());
        assertThat(documents.heads()).containsExactly(merge);
        int winner = documents.winner(key("Jcontested"));
        int last = merge;
        for (int i = 0; i < 1_000; i++) {
            last = put("Jafter" + i, last);
            assertThat(documents.winner(key("Jcontested"))).isEqualTo(winner);
        }
        assertThat(documents.passes())
                .as("the merge has baked what its parents weighed")
                .isEqualTo(2);
        assertThat(documents.passVisits()).isLessThan(2 * 2_002);
        assertThat(replay.graph.isAncestor(behind, last)).isTrue();
        assertThat(replay.graph.parents(merge)).hasSize(2_000);
        assertThat(replay.past.at(last)).isEqualTo(replay.visible());
    }

    @Test
    void tenThousandDiamondsInARow() {
        int last = put("Jroot");
        ChangeTracker tracker = replay.documents.track();
        for (int i = 0; i < 10_000; i++) {
            int left = put("Jcontested", last);
            int right = put(i % 3 == 0 ? "Jcontested" : "J" + i % 1_000, last);
            last = put("Jmerged" + i % 1_000, left, right);
            tracker.drain();
        }
        CurrentDocuments documents = replay.documents;
        assertThat(documents.heads()).containsExactly(last);
        assertThat(documents.passVisits()).isLessThan(20_000);
        assertThat(documents.conflicts()).isLessThanOrEqualTo(1);
        assertThat(replay.visible()).isEqualTo(replay.past.at(last));
        assertThat(replay.graph.isAncestor(1, last)).isTrue();
        assertThat(replay.graph.isAncestor(1, 2)).isFalse();

        // A writer who was away all the time has everything of the others to catch up with.
        int away = put("Jcontested", 0);
        int back = put("Jback", away, last);
        for (int e = 0; e < last; e++) {
            assertThat(replay.graph.isAncestor(e, back)).isTrue();
            assertThat(replay.graph.isAncestor(e, away)).isEqualTo(e == 0);
        }
        assertThat(replay.graph.searchSteps()).isLessThan(100_000);
        assertThat(replay.past.at(back)).isEqualTo(replay.visible());
    }

    /** A conflict that is never resolved and writers of whom only one listens: no diamond closes, nothing saturates. */
    @Test
    void anOldConflictDoesNotCostTheWholeWindowAgainAndAgain() {
        int root = put("Jroot");
        int a = put("Jold", root);
        int b = put("Jold", root);
        CurrentDocuments documents = replay.documents;
        for (int i = 0; i < 50_000; i++) {
            a = put("Ja" + i, a, b);
            b = put("Jb" + i, b);
            if (i % 50 == 0) {
                assertThat(documents.winner(key("Jold"))).isEqualTo(1);
            }
        }
        assertThat(documents.passes()).isEqualTo(1_000);
        documents.winner(key("Jold"));
        documents.winner(key("Jold"));
        assertThat(documents.passes()).isEqualTo(1_001);
        // Blocks of 512: one or two walked and all others crossed, and each event visited a few times to find the ends.
        assertThat(documents.passVisits()).isLessThan(1_001 * (2 * 512 + 2 * 100_000 / 512) + 4 * 100_000);
        assertThat(replay.past.at(a, b)).isEqualTo(replay.visible());
    }

    @Test
    void aHundredWritersWhoGossip() {
        int writers = 100;
        int[] tips = new int[writers];
        int root = put("Jroot");
        Arrays.setAll(tips, w -> put("Jw" + w, root));
        long atHalf = 0;
        for (int i = 0; i < 30_000; i++) {
            if (i == 15_000) {
                atHalf = replay.graph.searchSteps();
            }
            int w = random.nextInt(writers);
            int other = random.nextInt(writers);
            int mine = tips[w];
            int theirs = tips[other];
            boolean both =
                    !replay.graph.isAncestor(mine, theirs) && !replay.graph.isAncestor(theirs, mine) && mine != theirs;
            int newest = replay.graph.isAncestor(mine, theirs) ? theirs : mine;
            tips[w] = both ? put("J" + i % 2_000, mine, theirs) : put("J" + i % 2_000, newest);
        }
        assertThat(replay.graph.searchSteps() - atHalf)
                .as("merges looked at in the second half: as many writers, twice the history")
                .isLessThan(2 * atHalf)
                .isLessThan(10L * writers * 15_000);
        assertThat(replay.past.at(replay.documents.heads())).isEqualTo(replay.visible());
    }

    private long work() {
        return replay.graph.questions() + replay.graph.searchSteps();
    }

    /** Whoever follows the changes asks after each commit of a peer's; most of what is there has been weighed then. */
    @Test
    void branchesAreNotWeighedAgainForEachNewOne() {
        int branches = 20_000;
        int root = put("Jroot");
        ChangeTracker tracker = replay.documents.track();
        int greatest = root;
        for (int i = 1; i <= branches; i++) {
            boolean parentless = i % 100 == 0;
            int e = replay.accept(cid(), "Jcontested", i % 3 == 0, parentless ? new int[0] : new int[] {root});
            boolean isGreater = greatest == root || replay.graph.cid(e).compareTo(replay.graph.cid(greatest)) > 0;
            greatest = isGreater ? e : greatest;
            if (i % 200 == 0) {
                tracker.drain();
                assertThat(replay.documents.winner(key("Jcontested"))).isEqualTo(greatest);
            }
        }
        assertThat(replay.documents.heads()).hasSize(branches);
        assertThat(replay.documents.passVisits()).isLessThan(2L * branches);
        assertThat(replay.past.at(replay.documents.heads())).isEqualTo(replay.visible());
    }

    /** Every branch is a candidate, and every one goes on, so that it is a head's ancestor. */
    @Test
    void manyBranchesOnOneDocumentCostTheirNumber() {
        int branches = 5_000;
        int root = put("Jroot");
        int[] tips = new int[branches];
        for (int i = 0; i < branches; i++) {
            tips[i] = put("Jcontested", root);
            put("J" + i, tips[i]);
        }
        assertThat(replay.documents.candidates(key("Jcontested"))).containsExactly(tips);
        assertThat(work()).as("while they came").isLessThan(20L * branches);
        long before = work();
        int[] past = replay.past.at(replay.documents.heads());
        assertThat(work() - before).as("from the heads down").isLessThan(20L * branches);
        assertThat(past).isEqualTo(replay.visible());

        // Half of them are followed by events of the key, each with the two tips of two branches as parents.
        before = work();
        for (int i = 0; i < branches / 2; i += 2) {
            put("Jcontested", tips[i] + 1, tips[i + 1] + 1);
        }
        assertThat(replay.documents.candidates(key("Jcontested"))).hasSize(branches * 3 / 4);
        assertThat(work() - before).as("two replaced by one").isLessThan(20L * branches);
    }

    @Test
    void manyPutsAndDeletesOfOneDocumentCostTheirNumber() {
        int root = put("Jroot");
        int branches = 5_000;
        for (int i = 0; i < branches; i++) {
            replay.accept(cid(), "Jcontested", i % 2 == 0, root);
        }
        assertThat(work()).isLessThan(20L * branches);
        assertThat(replay.documents.passes()).isZero();
        assertThat(replay.past.at(replay.documents.heads())).isEqualTo(replay.visible());
        assertThat(work()).isLessThan(40L * branches);
    }

    /** Parents that are ancestors of others, named by an author who doesn't reduce them, again and again on a long history. */
    @Test
    void redundantParentsDoNotCostTheHistory() {
        int last = put("Jroot");
        for (int i = 1; i < 20_000; i++) {
            last = put("J" + i % 100, last);
        }
        long before = work();
        for (int i = 0; i < 100; i++) {
            int[] parents = IntStream.concat(
                            IntStream.of(last), IntStream.range(0, 100).map(j -> 1 + j * 190))
                    .toArray();
            last = put("J" + i, parents);
            assertThat(replay.graph.parents(last)).hasSize(1);
        }
        assertThat(work() - before).isLessThan(100 * 100 * 10);
    }

    /** An event from before everything opens all conflicts that a merge had closed; the next merge closes them, and so on. */
    @Test
    void openingOldConflictsAgainAndAgainIsNotedOnce() {
        int root = put("Jroot");
        int merge = root;
        for (int i = 0; i < 1_000; i++) {
            int left = put("Jc" + i, merge);
            int right = put("Jc" + i, merge);
            merge = put("Jm", left, right);
        }
        ChangeTracker tracker = replay.documents.track();
        long before = replay.documents.notes();
        for (int i = 0; i < 1_000; i++) {
            int aside = put("Ja" + i, root);
            merge = put("Jm", merge, aside);
        }
        assertThat(replay.documents.notes() - before).isLessThan(10_000);
        tracker.drain();
        assertThat(replay.past.at(merge)).isEqualTo(replay.visible());
    }
}
