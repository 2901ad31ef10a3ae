package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.Message;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often the replica is read for what happens most: a small change, sent or received. */
class SnapshotsTest {
    /** Counts reads. */
    private static final class Counting implements Replica {
        private final EmbeddedDb db;
        private int snapshots;
        private int reads;

        Counting(EmbeddedDb db) {
            this.db = db;
        }

        @Override
        public Snapshot snapshot() {
            snapshots++;
            return db.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            return db.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            reads++;
            return db.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return db.onChange(wakeUp);
        }
    }

    private final EmbeddedDb left = new EmbeddedDb();
    private final EmbeddedDb right = new EmbeddedDb();
    private final Counting atA = new Counting(left);
    private final Counting atB = new Counting(right);
    private final ManualSession a = new ManualSession(atA, ManualSession.livesync());
    private final ManualSession b = new ManualSession(atB, ManualSession.livesync());
    private final Queue<Message> fromA = new ArrayDeque<>();
    private final Queue<Message> fromB = new ArrayDeque<>();

    @BeforeEach
    void open() {
        put("first");
        fromA.addAll(a.open());
        fromB.addAll(b.open());
        exchange();
        put("second");
        a.wakeUp = false;
        a.protocol.changed(a.now);
        fromA.addAll(a.settle());
        exchange();
        assertThat(a.equal && b.equal).isTrue();
        assertThat(heads(right)).isEqualTo(heads(left));
    }

    private static List<Cid> heads(EmbeddedDb db) {
        return db.heads();
    }

    private void put(String id) {
        left.put(id, new Value.Mapping(Map.of("text", new Value.Text(id))));
    }

    private void exchange() {
        while (!fromA.isEmpty() || !fromB.isEmpty()) {
            if (!fromA.isEmpty()) {
                fromB.addAll(b.deliver(fromA.remove()));
            }
            if (!fromB.isEmpty()) {
                fromA.addAll(a.deliver(fromB.remove()));
            }
        }
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    @Test
    void aWakeUpTakesTwoSnapshots() {
        put("third");
        a.wakeUp = false;
        atA.snapshots = 0;
        atA.reads = 0;
        a.protocol.changed(a.now);
        List<Message> sent = a.drain();
        assertThat(sent).hasSize(1);
        assertThat(atA.snapshots).isLessThanOrEqualTo(2);
        assertThat(atA.reads).as("of the feed").isEqualTo(1);
        fromA.addAll(sent);
        exchange();
        assertThat(heads(right)).isEqualTo(heads(left));
    }

    @Test
    void aReceivedChangeTakesTwoSnapshots() {
        put("third");
        a.wakeUp = false;
        a.protocol.changed(a.now);
        List<Message> sent = a.drain();
        atB.snapshots = 0;
        atB.reads = 0;
        b.requested--;
        b.protocol.received(sent.get(0), b.now);
        b.commitOne();
        List<Message> answer = b.drain();
        assertThat(answer).as("the acknowledgement").hasSize(1);
        assertThat(atB.snapshots).isLessThanOrEqualTo(2);
        assertThat(atB.reads).as("of the feed").isEqualTo(1);
        b.wakeUp = false;
        atA.snapshots = 0;
        fromA.addAll(a.deliver(answer.get(0)));
        assertThat(atA.snapshots).as("for an acknowledgement").isZero();
        assertThat(a.equal).isTrue();
    }
}
