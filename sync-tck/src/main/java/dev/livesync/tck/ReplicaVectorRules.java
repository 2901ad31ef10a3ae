package dev.livesync.tck;

import static dev.livesync.tck.Make.ALICE;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Tree;
import dev.livesync.tck.Vectors.Vector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;

/** Sections 4 and 5 once more, held against answers that owe nothing to the kit's oracle. */
interface ReplicaVectorRules {
    private ReplicaFixture kit() {
        return ReplicaFixture.of(this);
    }

    /** Commits each history, its events backwards, and looks at it. */
    private void each(BiConsumer<Vector, Snapshot> look) throws Exception {
        for (Vector vector : Vectors.all()) {
            List<Event> backwards = new ArrayList<>(vector.events());
            Collections.reverse(backwards);
            ReplicaSubject subject = kit().fresh();
            subject.replica().commit(new Commit(List.of(), backwards, ALICE));
            try (Snapshot s = subject.replica().snapshot()) {
                look.accept(vector, s);
            }
        }
    }

    @Rule(
            value = "R4.1",
            check = "docs/merge.md, section 2, against the history that is named",
            needs = {"R2.5", "R3.1", "R3.4", "R3.5"})
    default void theClocksAreThoseOfTheVectors() throws Exception {
        each((vector, s) -> {
            Expect.sameOnce(
                    "the complete events of " + vector,
                    vector.complete(),
                    ReplicaSubject.list(s.eventsSince(List.of())));
            Expect.equal("the heads of " + vector, vector.heads(), s.heads());
        });
    }

    @Rule(value = "R5.7", check = "docs/merge.md, section 3, against the history that is named", needs = "R4.1")
    default void theTreesAreThoseOfTheVectors() throws Exception {
        each((vector, s) -> {
            for (Map.Entry<Cid, Cid> after : vector.treesAfter().entrySet()) {
                Tree tree = s.tree(after.getKey());
                Expect.equal(
                        "the root of the tree of event " + after.getKey() + " of " + vector,
                        after.getValue(),
                        tree.root());
            }
        });
    }

    @Rule(
            value = "R5.16",
            check = "docs/merge.md, sections 3 and 4, against the history that is named",
            needs = {"R4.1", "R5.7"})
    default void theCanonicalTreesAreThoseOfTheVectors() throws Exception {
        each((vector, s) -> {
            Tree tree = s.canonicalTree(vector.heads());
            List<Cid> nodes = new ArrayList<>();
            tree.blocks().forEachRemaining(block -> nodes.add(block.cid()));
            Expect.equal("the nodes of the canonical tree at the heads of " + vector, vector.nodes(), nodes);
        });
    }

    @Rule(value = "R5.17", check = "docs/merge.md, \"The common ancestor\"", needs = "R4.1")
    default void theCommonAncestorsAreThoseOfTheVectors() throws Exception {
        each((vector, s) -> Expect.equal(
                "the common ancestor of the heads of " + vector,
                vector.commonAncestor(),
                s.commonAncestor(vector.heads())));
    }
}
