package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;

/** Two reconciliations that talk to each other, and what it cost. */
final class Exchange {
    static final byte[] SALT = "sixteen bytes...".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

    final Reconciliation initiator;
    final Reconciliation responder;
    final List<byte[]> messages = new ArrayList<>();
    /** How often everything that could be sent was, in one direction. */
    int flights;

    int bytes;

    Exchange(Snapshot initiator, Snapshot responder, int attempt) {
        this(initiator, responder, attempt, ReconcileLimits.DEFAULT);
    }

    Exchange(Snapshot initiator, Snapshot responder, int attempt, ReconcileLimits limits) {
        this(
                Reconciliations.initiator(initiator, SALT, attempt, limits, TableMemory.UNLIMITED),
                Reconciliations.responder(responder, SALT, attempt, limits, TableMemory.UNLIMITED));
    }

    Exchange(Reconciliation initiator, Reconciliation responder) {
        this.initiator = initiator;
        this.responder = responder;
    }

    Exchange run() {
        return run((index, message) -> message);
    }

    /** Runs with somebody who may change each message on its way. */
    Exchange run(BiFunction<Integer, byte[], byte[]> wire) {
        Reconciliation from = initiator;
        Reconciliation to = responder;
        for (int quiet = 0; quiet < 2; flights++) {
            List<byte[]> flight = new ArrayList<>();
            for (byte[] message = from.poll(); message != null; message = from.poll()) {
                flight.add(message);
            }
            quiet = flight.isEmpty() ? quiet + 1 : 0;
            for (byte[] message : flight) {
                bytes += message.length;
                byte[] changed = wire.apply(messages.size(), message);
                messages.add(message);
                to.received(changed);
            }
            Reconciliation next = from;
            from = to;
            to = next;
        }
        flights -= 2;
        return this;
    }

    boolean isSettled() {
        return initiator.peerHas() != null && responder.peerHas() != null && initiator.isDone() && responder.isDone();
    }

    /** What one end sends. */
    static List<Cid> toSend(Reconciliation end) {
        PeerHas has = end.peerHas();
        assertThat(has).isNotNull();
        List<Cid> events = new ArrayList<>();
        Iterator<Cid> above = end.snapshot().eventsSince(has.frontier());
        while (above.hasNext()) {
            Cid cid = above.next();
            if (!has.has().test(cid)) {
                events.add(cid);
            }
        }
        return events;
    }
}
