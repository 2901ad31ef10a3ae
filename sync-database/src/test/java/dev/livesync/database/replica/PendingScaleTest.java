package dev.livesync.database.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.json.JsonReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What batches and pending events cost, by the pending events that were looked at. No clock. */
class PendingScaleTest {
    private static final int MANY = 2_000;
    private static final Origin PEER = new Origin("session", "peer");
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});
    private static final Encoded DOCUMENT = Encoded.of(JsonReader.object("{}"));

    private Database db = Database.inMemory();

    @AfterEach
    void close() {
        db.close();
    }

    private PendingEvents pending() {
        return SimulatedDatabase.replica(db).view().derived.pending;
    }

    private long steps() {
        return pending().steps();
    }

    private CommitResult commit(List<Event> events) {
        return db.replica().commit(new Commit(List.of(), events, PEER));
    }

    private static Event put(String id, boolean closes, Event... parents) {
        return Events.put(Keys.ofId(id), DOCUMENT, closes ? SOME_ROOT : null, cids(parents));
    }

    private static Event delete(String id, boolean closes, Event... parents) {
        return Events.delete(Keys.ofId(id), closes ? SOME_ROOT : null, cids(parents));
    }

    private static List<Cid> cids(Event... events) {
        return Arrays.stream(events).map(Event::cid).sorted().toList();
    }

    /** Documents d0 and so on, each by an event with a tree. */
    private static List<Event> documents(int count) {
        List<Event> events = new ArrayList<>();
        Event last = put("d0", true);
        events.add(last);
        for (int i = 1; i < count; i++) {
            last = put("d" + i, true, last);
            events.add(last);
        }
        return events;
    }

    private static Event last(List<Event> events) {
        return events.get(events.size() - 1);
    }

    /** Newest first, oldest first: whatever a look for a remaining document finds first is deleted next. */
    @Test
    void aBatchOfDeletesCostsItsNumber() {
        for (boolean newestFirst : new boolean[] {true, false}) {
            db = Database.inMemory();
            List<Event> events = documents(MANY);
            commit(events);
            List<Event> batch = new ArrayList<>();
            Event at = last(events);
            for (int i = 0; i < MANY - 1; i++) {
                at = delete("d" + (newestFirst ? MANY - 1 - i : i), i == MANY - 2, at);
                batch.add(at);
            }
            long before = steps();
            assertThat(commit(batch).accepted()).hasSize(batch.size());
            assertThat(steps() - before).isLessThan(20L * MANY);
            assertThat(db.summary().documents()).isOne();
            db.close();
        }
    }

    @Test
    void ourOwnDeletesInABatchCostTheirNumber() {
        db.write(b -> {
            for (int i = 0; i < MANY; i++) {
                b.put("d" + i, "{}");
            }
        });
        long before = steps();
        db.write(b -> {
            for (int i = 0; i < MANY; i++) {
                b.delete("d" + i);
            }
        });
        assertThat(steps() - before).isLessThan(20L * MANY);
        assertThat(db.summary().documents()).isZero();
    }

    /** The batch ends without a tree, by deleting the last document, and comes event by event. */
    @Test
    void aBatchThatEmptiesTheDatabaseEventByEvent() {
        List<Event> events = documents(MANY);
        commit(events);
        long before = steps();
        Event at = last(events);
        for (int i = MANY - 1; i >= 0; i--) {
            at = delete("d" + i, false, at);
            assertThat(commit(List.of(at)).accepted()).hasSize(i == 0 ? MANY : 0);
        }
        assertThat(steps() - before).isLessThan(20L * MANY);
        assertThat(db.summary().documents()).isZero();
        assertThat(db.clock()).containsExactly(at.cid());
    }

    /** A chain of deletes, and beside each of them one that deletes what the others leave for the end. */
    @Test
    void deletesBesideEveryEventOfABatch() {
        List<Event> events = documents(MANY);
        commit(events);
        List<Event> batch = new ArrayList<>();
        List<Event> beside = new ArrayList<>();
        Event at = last(events);
        for (int i = MANY - 1; i > 0; i--) {
            at = delete("d" + i, false, at);
            batch.add(at);
            beside.add(delete("d0", false, at));
        }
        long before = steps();
        commit(batch);
        CommitResult result = commit(beside);
        // The last one alone leaves nothing.
        assertThat(result.accepted()).hasSize(MANY);
        assertThat(result.heads()).containsExactly(last(beside).cid());
        assertThat(steps() - before).isLessThan(20L * MANY);
    }

    /** Deletes that cannot be judged because a batch forked and joined below them; other events come and go. */
    @Test
    void whatCannotBeJudgedIsNotLookedAtWithEveryCommit() {
        Event root = put("root", true);
        commit(List.of(root));
        Event left = put("left", false, root);
        Event right = put("right", false, root);
        Event joined = delete("joined", false, left, right);
        List<Event> events = new ArrayList<>(List.of(left, right, joined));
        for (int i = 0; i < MANY; i++) {
            events.add(delete("x" + i, false, joined));
        }
        commit(events);
        long before = steps();
        Event at = root;
        for (int i = 0; i < 100; i++) {
            at = put("more" + i, true, at);
            commit(List.of(at));
        }
        assertThat(steps() - before).isLessThan(10_000);
    }

    @Test
    void aChainThatArrivesBackwards() {
        List<Event> events = documents(MANY);
        Collections.reverse(events);
        long before = steps();
        for (Event e : events) {
            commit(List.of(e));
        }
        assertThat(db.summary().events()).isEqualTo(MANY);
        assertThat(steps() - before).isLessThan(20L * MANY);
    }

    @Test
    void aChainWithoutItsBeginning() {
        List<Event> events = documents(4 * MANY);
        long before = steps();
        for (Event e : events.subList(1, events.size())) {
            commit(List.of(e));
        }
        assertThat(pending().size()).isEqualTo(4 * MANY - 1);
        assertThat(steps() - before).isLessThan(4L * MANY * 1_500);
        assertThat(commit(events.subList(0, 1)).accepted()).hasSize(4 * MANY);
    }

    @Test
    void manyEventsThatWaitForOne() {
        Event absent = put("absent", true);
        long before = steps();
        for (int i = 0; i < MANY; i++) {
            Event e = put("d" + i, true, absent);
            assertThat(commit(List.of(e)).missing()).containsExactly(absent.cid());
        }
        assertThat(commit(List.of(absent)).accepted()).hasSize(MANY + 1);
        assertThat(steps() - before).isLessThan(20L * MANY);
    }

    /** Over the quota, every commit gives up an event, and there is much that stays. */
    @Test
    void givingUpOneDoesNotCostTheOthers() {
        Event absent = put("absent", true);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 2 * MANY; i++) {
            events.add(put("d" + (10_000 + i), true, absent));
        }
        long each = events.get(0).block().size() + 256L;
        db.close();
        db = Database.inMemory(
                DatabaseOptions.builder().pendingBytesPerPeer(MANY * each).build());
        commit(events.subList(0, MANY));
        long before = steps();
        for (Event e : events.subList(MANY, 2 * MANY)) {
            commit(List.of(e));
        }
        assertThat(pending().size()).isEqualTo(MANY);
        assertThat(steps() - before).isLessThan(20L * MANY);
        assertThat(commit(List.of(absent)).accepted()).hasSize(MANY + 1);
    }
}
