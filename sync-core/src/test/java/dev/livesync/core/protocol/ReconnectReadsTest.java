package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Value;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A reconnect with nothing new walks through no database: what it reads is the same at any size. */
class ReconnectReadsTest {
    private static final int SMALL = 50;
    private static final int LARGE = 800;

    /** Counts what is asked of snapshots, and each element of what they list. */
    private static final class CountedReads implements Replica {
        private final EmbeddedDb db;
        private int reads;
        private int blocks;

        CountedReads(EmbeddedDb db) {
            this.db = db;
        }

        @Override
        public Snapshot snapshot() {
            Snapshot snapshot = db.snapshot();
            return (Snapshot) Proxy.newProxyInstance(
                    Snapshot.class.getClassLoader(),
                    new Class<?>[] {Snapshot.class},
                    (proxy, method, arguments) -> read(snapshot, method, arguments));
        }

        private Object read(Snapshot snapshot, Method method, Object[] arguments) throws Throwable {
            reads++;
            blocks += Set.of("event", "block").contains(method.getName()) ? 1 : 0;
            try {
                Object answer = method.invoke(snapshot, arguments);
                return answer instanceof Iterator<?> all ? counted(all) : answer;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        private Iterator<Object> counted(Iterator<?> all) {
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return all.hasNext();
                }

                @Override
                public Object next() {
                    reads++;
                    return all.next();
                }
            };
        }

        @Override
        public CommitResult commit(Commit commit) {
            return db.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            Changes changes = db.changes(after, maxEvents);
            reads += 1 + changes.changes().size();
            return changes;
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return db.onChange(wakeUp);
        }
    }

    @Test
    void nothingNewReadsTheSameAtAnySize() {
        int small = reads(SMALL, ManualSession.NATIVE, true);
        assertThat(small).isPositive();
        assertThat(reads(LARGE, ManualSession.NATIVE, true)).isEqualTo(small);
    }

    /** They may be large, and there is a session with each of many peers. */
    @Test
    void noEventIsReadToSeeThatItIsThere() {
        EmbeddedDb left = new EmbeddedDb();
        EmbeddedDb right = new EmbeddedDb();
        try {
            left.put("doc", new Value.Mapping(Map.of("text", new Value.Text("large"))));
            run(new CountedReads(left), new CountedReads(right), ManualSession.NATIVE, false);
            for (boolean clocks : new boolean[] {true, false}) {
                CountedReads atA = new CountedReads(left);
                CountedReads atB = new CountedReads(right);
                run(atA, atB, ManualSession.NATIVE, clocks);
                assertThat(atA.blocks + atB.blocks)
                        .as("clocks in the handshake: %s", clocks)
                        .isZero();
            }
        } finally {
            left.close();
            right.close();
        }
    }

    @Test
    void aDialectThatListsEverythingIsSeen() {
        int small = reads(SMALL, ManualSession.ALL, false);
        assertThat(reads(LARGE, ManualSession.ALL, false)).isGreaterThan(small + (LARGE - SMALL) / 2);
    }

    /** Of both ends, in a session of two that have the same documents. */
    private static int reads(int documents, Set<Feature> features, boolean clocksInHandshake) {
        EmbeddedDb left = new EmbeddedDb();
        EmbeddedDb right = new EmbeddedDb();
        try {
            for (int i = 0; i < documents; i++) {
                left.put("doc" + i, new Value.Mapping(Map.of("number", new Value.Text("" + i))));
            }
            run(new CountedReads(left), new CountedReads(right), features, false);
            CountedReads atA = new CountedReads(left);
            CountedReads atB = new CountedReads(right);
            run(atA, atB, features, clocksInHandshake);
            assertThat(right.heads()).isEqualTo(left.heads());
            return atA.reads + atB.reads;
        } finally {
            left.close();
            right.close();
        }
    }

    private static void run(CountedReads atA, CountedReads atB, Set<Feature> features, boolean clocks) {
        ProtocolConfig listening = ManualSession.config(features, true, ProtocolLimits.DEFAULT, 1 << 20);
        ProtocolConfig dialling = ManualSession.config(features, ProtocolLimits.DEFAULT, 1 << 20);
        ManualSession a = new ManualSession(
                atA, clocks ? ManualSession.startingAt(ManualSession.clock(atA), listening) : listening);
        ManualSession b = new ManualSession(
                atB, clocks ? ManualSession.startingAt(ManualSession.clock(atB), dialling) : dialling);
        Queue<Message> fromA = new ArrayDeque<>(a.open());
        Queue<Message> fromB = new ArrayDeque<>(b.open());
        while (!fromA.isEmpty() || !fromB.isEmpty()) {
            if (!fromA.isEmpty()) {
                fromB.addAll(b.deliver(fromA.remove()));
            }
            if (!fromB.isEmpty()) {
                fromA.addAll(a.deliver(fromB.remove()));
            }
        }
        assertThat(a.equal && b.equal).isTrue();
    }
}
