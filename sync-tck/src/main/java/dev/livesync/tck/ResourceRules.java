package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.show;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.MAX;
import static dev.livesync.tck.TransportFixture.dialing;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.internal.Probe;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

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
        Probe atThrower = kit().probe(aborted.far(), 1, message -> {
            throw new IllegalStateException("on purpose");
        });
        CompletionStage<Void> boom = aborted.near().send(Message.text("boom"));
        atThrower.await(1);
        aborted.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        Pair unread = kit().connect();
        kit().probe(unread.near(), 0);
        CompletionStage<Void> late = unread.near().send(Message.text("nobody starts the other end"));
        kit().near().close();
        kit().assertOver(boom);
        kit().assertOver(late);
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

    @Rule(
            value = "T10.5",
            check =
                    "what channels share must not wait for the one that is full: no lock, no thread, no buffer, no accept",
            needs = {"T4.5", "T4.6", "T5.7", "T7.3", "T7.8", "T10.3"})
    @Where(with = TransportFeature.INBOUND_BACKPRESSURE)
    default void aFullChannelHoldsNobodyUp() throws Exception {
        Pair older = kit().connect();
        Pair full = kit().connect();
        kit().probe(full.near(), 0);
        kit().probe(full.far(), 0);
        CompletableFuture<Void> there = kit().fill(full.near(), new ArrayList<>());
        CompletableFuture<Void> back = kit().fill(full.far(), new ArrayList<>());
        List<Message> sent = new ArrayList<>(texts("small ", 20));
        sent.add(Message.binary(new byte[Math.min(MAX, older.near().maxMessageBytes())]));
        for (Pair each : List.of(older, kit().connect())) {
            Probe atFar = kit().probe(each.far(), Long.MAX_VALUE);
            Probe atNear = kit().probe(each.near(), Long.MAX_VALUE);
            kit().sendAll(each.near(), sent);
            kit().sendAll(each.far(), sent);
            assertMessages(sent, atFar.await(sent.size()));
            assertMessages(sent, atNear.await(sent.size()));
            kit().get(each.near().close());
            atFar.awaitClose();
        }
        full.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        kit().assertOver(there);
        kit().assertOver(back);
    }

    @Rule(
            value = "T10.6",
            check = "a channel that has ended is in no list, map, closure or timer of its transport any more",
            needs = {"T7.3", "T7.14", "T10.3"})
    default void endedChannelsAreForgotten() throws Exception {
        List<WeakReference<Object>> ended = new ArrayList<>();
        for (int i = 0; i < rounds(); i++) {
            endOne(i, ended);
        }
        int most = ended.size() / 10; // a few may be in the hands of a thread that has nothing else to do
        kit().eventually(
                        "of " + ended.size() + " channels and listeners that have ended, no more than " + most
                                + " are reachable",
                        () -> {
                            System.gc();
                            return ended.stream()
                                            .filter(each -> each.get() != null)
                                            .count()
                                    <= most;
                        });
    }

    @Rule(
            value = "T10.7",
            check = "cancel the timers of a connection's opening and of its close when they are no longer needed",
            needs = {"T7.3", "T7.14", "T10.3"})
    default void endedChannelsLeaveNoTimers() throws Exception {
        for (int i = 0; i < rounds() / 4; i++) {
            endOne(i, new ArrayList<>());
        }
        int most = 5;
        kit().eventually(
                        "after " + rounds() / 4 + " channels have ended, no more than " + most + " timers are set",
                        () -> kit().timers() <= most);
    }

    @Rule(
            value = "T10.8",
            check = "close the socket, and whatever else a connection has opened, at both ends; of a failed dial too",
            needs = {"T2.1", "T2.3", "T7.3", "T7.14", "T10.3"})
    default void endedChannelsLeaveNoDescriptors() throws Exception {
        endOne(0, new ArrayList<>()); // opens what all channels share
        int before = Descriptors.settled();
        for (int i = 0; i < descriptorRounds(); i++) {
            endOne(i, new ArrayList<>());
            if (i % 4 == 0 && kit().near() instanceof DialingTransport dialing) {
                Listening gone = kit().get(dialing(kit().far()).listen(kit().address(), channel -> {}));
                gone.close();
                kit().failure(dialing.dial(gone.address()));
            }
        }
        int most = before + descriptorRounds() / 10 + 3; // others in this process may have opened something
        kit().eventually(
                        "after " + descriptorRounds() + " channels have ended, no more than " + most
                                + " descriptors are open, of " + before + " before",
                        () -> Descriptors.open() <= most);
    }

    private int descriptorRounds() {
        return kit().shape() == Where.Shape.DIALLING ? 80 : 10;
    }

    /** Signalled connections take longer, each has a negotiation of its own. */
    private int rounds() {
        return kit().shape() == Where.Shape.DIALLING ? 200 : 40;
    }

    /** Opens a channel, uses it and ends it, in one way or another. */
    private void endOne(int round, List<WeakReference<Object>> ended) throws Exception {
        Pair pair = kit().connect();
        Unkept atNear = new Unkept();
        Unkept atFar = new Unkept();
        pair.near().start(atNear);
        pair.far().start(atFar);
        pair.far().request(1);
        kit().get(pair.near().send(Message.text("x")));
        if (round % 4 == 3) {
            pair.near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        } else {
            kit().get(pair.near().close());
        }
        kit().get(atNear.closed);
        pair.far().request(1);
        kit().get(atFar.closed);
        List.of(pair.near(), pair.far(), atNear, atFar).forEach(each -> ended.add(new WeakReference<>(each)));
    }

    /** A listener that the kit does not keep. */
    final class Unkept implements ChannelListener {
        private final CompletableFuture<Void> closed = new CompletableFuture<>();

        @Override
        public void onMessage(Message message) {}

        @Override
        public void onClosed(CloseReason reason) {
            closed.complete(null);
        }
    }
}
