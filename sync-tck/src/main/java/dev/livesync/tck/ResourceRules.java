package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import java.util.ArrayList;
import java.util.List;

/** T10: resources. Threads and escaped errors are looked for after every test; here there is a lot to leave behind. */
abstract class ResourceRules extends IdentityRules {
    ResourceRules() {}

    @Rule(value = "T10.1", check = "Transport.close() ends every thread; none outlives it")
    void nothingRunsAfterTheTransportIsClosed() throws Exception {
        for (int i = 0; i < 3; i++) {
            Pair pair = connect();
            probe(pair.near(), 1);
            probe(pair.far(), 1);
            if (i == 1) {
                get(pair.near().close());
            }
        }
        near().close();
        far().close();
    }

    @Rule(value = "T10.2", check = "catch whatever a task, a timer or a thread can throw, and end the channel with it")
    void nothingEscapes() throws Exception {
        Pair aborted = connect();
        probe(aborted.near(), 1);
        probe(aborted.far(), 1, message -> {
            throw new IllegalStateException("on purpose");
        });
        get(aborted.near().send(Message.text("boom")));
        aborted.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        Pair unread = connect();
        probe(unread.near(), 0);
        get(unread.near().send(Message.text("nobody starts the other end")));
        near().close();
    }

    @Rule(
            value = "T10.3",
            check = "what channels share (a loop, a lock, a buffer) must not let one wait for another",
            needs = "T4.3")
    void manyChannelsShareATransport() throws Exception {
        int count = 12;
        Pair stuck = connect();
        probe(stuck.near(), 0);
        probe(stuck.far(), 0);
        var unused = stuck.near().send(Message.text("that nobody reads"));
        List<Probe> receivers = new ArrayList<>();
        List<Channel> senders = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Pair pair = connect();
            receivers.add(probe(pair.far(), 100));
            probe(pair.near(), 0);
            senders.add(pair.near());
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < count; i++) {
                get(senders.get(i).send(Message.text(i + "/" + round)));
            }
        }
        for (int i = 0; i < count; i++) {
            assertEquals(show(texts(i + "/", 20)), show(receivers.get(i).await(20)), "what channel " + i + " got");
        }
    }
}
