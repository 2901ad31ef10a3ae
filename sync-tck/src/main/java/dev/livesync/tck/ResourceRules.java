package dev.livesync.tck;

import static dev.livesync.tck.Messages.show;
import static dev.livesync.tck.Messages.texts;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import java.util.ArrayList;
import java.util.List;

/** T10: resources. Threads and escaped errors are looked for after every test; here there is a lot to leave behind. */
interface ResourceRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T10.1", check = "Transport.close() ends every thread; none outlives it")
    default void nothingRunsAfterTheTransportIsClosed() throws Exception {
        for (int i = 0; i < 3; i++) {
            Pair pair = kit().connect();
            kit().probe(pair.near(), 1);
            kit().probe(pair.far(), 1);
            if (i == 1) {
                kit().get(pair.near().close());
            }
        }
        kit().near().close();
        kit().far().close();
    }

    @Rule(value = "T10.2", check = "catch whatever a task, a timer or a thread can throw, and end the channel with it")
    default void nothingEscapes() throws Exception {
        Pair aborted = kit().connect();
        kit().probe(aborted.near(), 1);
        kit().probe(aborted.far(), 1, message -> {
            throw new IllegalStateException("on purpose");
        });
        kit().get(aborted.near().send(Message.text("boom")));
        aborted.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        Pair unread = kit().connect();
        kit().probe(unread.near(), 0);
        kit().get(unread.near().send(Message.text("nobody starts the other end")));
        kit().near().close();
    }

    @Rule(
            value = "T10.3",
            check = "what channels share (a loop, a lock, a buffer) must not let one wait for another",
            needs = "T4.3")
    default void manyChannelsShareATransport() throws Exception {
        int count = 12;
        Pair stuck = kit().connect();
        kit().probe(stuck.near(), 0);
        kit().probe(stuck.far(), 0);
        var unused = stuck.near().send(Message.text("that nobody reads"));
        List<Probe> receivers = new ArrayList<>();
        List<Channel> senders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Pair pair = kit().connect();
            receivers.add(kit().probe(pair.far(), 100));
            kit().probe(pair.near(), 0);
            senders.add(pair.near());
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < count; i++) {
                kit().get(senders.get(i).send(Message.text(i + "/" + round)));
            }
        }
        for (int i = 0; i < count; i++) {
            assertEquals(show(texts(i + "/", 20)), show(receivers.get(i).await(20)), "what channel " + i + " got");
        }
    }
}
