package dev.livesync.tck;

import static dev.livesync.tck.TransportFixture.closing;
import static dev.livesync.tck.TransportFixture.dialing;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.tck.Where.Shape;
import dev.livesync.tck.internal.Probe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** T2: listening and dialling. */
interface DiallingRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T2.1", check = "Listening.address(): as bound, with the real port")
    @Where(shape = Shape.DIALLING)
    default void whoListensCanBeDialledAtTheAddressAsBound() throws Exception {
        Listening one = kit().get(dialing(kit().far()).listen(kit().address(), kit().accepted()::add));
        Listening other = kit().get(dialing(kit().far()).listen(kit().address(), kit().accepted()::add));
        assertNotEquals(one.address(), other.address(), "two addresses that were asked to be free ones");
        for (Listening each : List.of(one, other)) {
            kit().probe(kit().get(dialing(kit().near()).dial(each.address())), 0);
            kit().probe(kit().nextAccepted(), 0);
        }
    }

    @Rule(value = "T2.2", check = "parse the address first; fail the stage with CONFIGURATION, throw nothing")
    @Where(shape = Shape.DIALLING)
    default void anUnusableAddressIsAConfigurationError() throws Exception {
        DialingTransport transport = dialing(kit().near());
        for (String address : kit().unusableAddresses()) {
            kit().assertFails(ErrorKind.CONFIGURATION, transport.dial(address), "dial(\"" + address + "\")");
            kit().assertFails(
                            ErrorKind.CONFIGURATION,
                            transport.listen(address, kit().accepted()::add),
                            "listen(\"" + address + "\")");
        }
    }

    @Rule(value = "T2.3", check = "the failure of dial(): UNREACHABLE, with the address in the message")
    @Where(shape = Shape.DIALLING)
    default void whereNobodyListensNobodyAnswers() throws Exception {
        String dead = deadAddress();
        SyncException failure = kit().failure(dialing(kit().near()).dial(dead));
        assertEquals(ErrorKind.UNREACHABLE, failure.kind(), "dial(\"" + dead + "\")");
        assertTrue(
                String.valueOf(failure.getMessage()).contains(dead),
                "the message does not name " + dead + ": " + failure.getMessage());
    }

    private String deadAddress() throws Exception {
        Listening listening = kit().get(dialing(kit().far()).listen(kit().address(), kit().accepted()::add));
        listening.close();
        return listening.address();
    }

    @Rule(value = "T2.4", check = "the failure of listen(): IN_USE, with the address in the message")
    @Where(shape = Shape.DIALLING)
    default void anAddressIsTakenOnce() throws Exception {
        String address = kit().bound().address();
        SyncException taken = kit().failure(dialing(kit().near()).listen(address, kit().accepted()::add));
        assertEquals(ErrorKind.IN_USE, taken.kind(), "listening at " + address + " a second time");
        assertTrue(
                String.valueOf(taken.getMessage()).contains(address),
                "the message does not name " + address + ": " + taken.getMessage());
    }

    @Rule(value = "T2.5", check = "Listening.close(): unbind before it returns; leave accepted channels alone")
    @Where(shape = Shape.DIALLING)
    default void aClosedListenerFreesItsAddressAndNothingElse() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 10);
        kit().probe(pair.near(), 10);
        String address = kit().bound().address();
        kit().bound().close();
        kit().bound().close();
        kit().assertFails(
                        ErrorKind.UNREACHABLE,
                        dialing(kit().near()).dial(address),
                        "dialling a listener that was closed");
        kit().get(pair.near().send(Message.text("accepted lives on")));
        atFar.await(1);
        // By whom it belonged to: an address may name its owner.
        Listening again = kit().get(dialing(kit().far()).listen(address, kit().accepted()::add));
        assertEquals(address, again.address(), "the address, bound again");
        kit().probe(kit().get(dialing(kit().near()).dial(address)), 0);
        kit().probe(kit().nextAccepted(), 0);
    }

    @Rule(value = "T2.6", check = "catch what ChannelAcceptor.accept throws: abort that channel, go on listening")
    @Where(shape = Shape.DIALLING)
    default void anAcceptorThatThrowsLosesOnlyThatChannel() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Listening there = kit().get(dialing(kit().far()).listen(kit().address(), channel -> {
            if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("on purpose");
            }
            kit().accepted().add(channel);
        }));
        Channel lost = kit().get(dialing(kit().near()).dial(there.address()).handle((channel, e) -> channel));
        if (lost != null) { // otherwise its dial has failed, which is noticed, too
            kit().probe(lost, 1).awaitClose();
        }
        kit().probe(kit().get(dialing(kit().near()).dial(there.address())), 0);
        kit().probe(kit().nextAccepted(), 0);
    }

    @Rule(value = "T2.7", check = "a channel whose dial was cancelled has to be aborted when it opens", needs = "T7.3")
    @Where(shape = Shape.DIALLING)
    default void aCancelledDialLeavesNothingOpen() throws Exception {
        String address = kit().bound().address();
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Channel> dial =
                    dialing(kit().near()).dial(address).toCompletableFuture();
            if (!dial.cancel(true)) {
                kit().get(kit().get(dial).close());
            }
        }
        everyChannelEndedBut(dialing(kit().near()).dial(address));
    }

    @Rule(
            value = "T2.7",
            check =
                    "CompletableFuture.complete returns false where a dial was cancelled a moment ago: its channel has to be aborted then",
            needs = "T7.3")
    @Where(shape = Shape.DIALLING)
    default void aDialThatIsCancelledAsItOpensLeavesNothingOpen() throws Exception {
        String address = kit().bound().address();
        long usual = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            long begun = System.nanoTime();
            Channel channel = kit().get(dialing(kit().near()).dial(address));
            usual = Math.min(usual, System.nanoTime() - begun);
            kit().get(channel.close());
        }
        int steps = 30;
        for (int i = 0; i < steps; i++) {
            CompletableFuture<Channel> dial =
                    dialing(kit().near()).dial(address).toCompletableFuture();
            long cancelled = System.nanoTime() + usual * 2 * i / steps; // from at once to when it has long been open
            kit().isOver(dial, Duration.ofNanos(Math.max(0, cancelled - System.nanoTime())));
            if (!dial.cancel(true)) {
                kit().get(kit().get(dial).close());
            }
        }
        everyChannelEndedBut(dialing(kit().near()).dial(address));
    }

    /** Of all that were accepted, only the one of a later dial is open. */
    private void everyChannelEndedBut(CompletionStage<Channel> dial) throws Exception {
        // Whoever was to come has come, or comes soon, when one that was dialled later is there.
        Channel last = kit().get(dial);
        kit().probe(last, 0);
        var unused = last.send(Message.text("the last")); // done when it is read, perhaps
        List<Probe> arrived = new ArrayList<>();
        kit().eventually("the last one arrived", () -> {
            for (Channel each = kit().accepted().poll();
                    each != null;
                    each = kit().accepted().poll()) {
                arrived.add(kit().probe(each, 1));
            }
            return arrived.stream().anyMatch(each -> !each.messages().isEmpty());
        });
        Channel late;
        while ((late = kit().accepted().poll(kit().patience().silence().toMillis(), TimeUnit.MILLISECONDS)) != null) {
            arrived.add(kit().probe(late, 1));
        }
        for (Probe each : arrived) {
            if (each.messages().isEmpty()) {
                each.awaitClose();
            }
        }
    }

    @Rule(
            value = "T2.15",
            check =
                    "CompletableFuture.complete returns false where a listen was cancelled: the listening has to be closed then",
            needs = {"T2.4", "T2.5"})
    @Where(shape = Shape.DIALLING)
    default void aCancelledListenLeavesNobodyListening() throws Exception {
        Listening first = kit().get(dialing(kit().far()).listen(kit().address(), kit().accepted()::add));
        String address = first.address();
        first.close();
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Listening> listen =
                    dialing(kit().far()).listen(address, kit().accepted()::add).toCompletableFuture();
            kit().isOver(listen, Duration.ofNanos(i * 50_000L));
            if (!listen.cancel(true)) {
                listensAndStops(listen);
            }
            kit().eventually(
                            "nobody listens at " + address + ", where a listen was cancelled",
                            () -> listensAndStops(dialing(kit().far()).listen(address, kit().accepted()::add)));
        }
    }

    /** Whether a listen succeeded; one that was cancelled before may be about to end. */
    private boolean listensAndStops(CompletionStage<Listening> listen) {
        try {
            kit().get(listen).close();
            return true;
        } catch (Exception e) {
            return false;
        }
    }

    @Rule(
            value = "T2.8",
            check = "the timer for TransportContext.connectTimeout: over the handshake too, not only the connect")
    @Where(shape = Shape.DIALLING)
    default void aDialThatIsNotAnsweredEnds() throws Exception {
        dialing(kit().far());
        String address = kit().wire().through(kit().bound().address());
        DialingTransport hasty = dialing(kit().open(
                        kit().under(),
                        kit().limits().connectTimeout(kit().patience().scaled(400))));
        kit().wire().stall();
        CompletionStage<Channel> dial = hasty.dial(address);
        assertTrue(kit().isOver(dial, kit().patience().await()), "dial() was still pending long after connectTimeout");
        Throwable failure = kit().get(dial.handle((channel, e) -> e));
        if (failure != null) {
            assertEquals(ErrorKind.TIMEOUT, ((SyncException) failure).kind(), "a dial that nobody answered");
        } else {
            kit().probe(kit().get(dial), 0); // no handshake: what there is to connect has been connected
        }
    }

    @Rule(value = "T2.9", check = "fail the stages of dial() and listen() with CLOSED once the transport is closed")
    @Where(shape = Shape.DIALLING)
    default void aClosedTransportNeitherDialsNorListens() throws Exception {
        String address = kit().bound().address();
        kit().near().close();
        kit().assertFails(ErrorKind.CLOSED, dialing(kit().near()).dial(address), "dial() after close()");
        kit().assertFails(
                        ErrorKind.CLOSED,
                        dialing(kit().near()).listen(kit().address(), kit().accepted()::add),
                        "listen() after close()");
        assertNotNull(kit().bound());
    }

    @Rule(
            value = "T2.10",
            check = "a listening's close() ends this listening, not whatever is bound to its address by now",
            needs = {"T2.4", "T2.5"})
    @Where(shape = Shape.DIALLING)
    default void closingAnOldListenerAgainLeavesTheNewOneAlone() throws Exception {
        Listening old = kit().get(dialing(kit().far()).listen(kit().address(), kit().accepted()::add));
        old.close();
        Listening young = kit().get(dialing(kit().far()).listen(old.address(), kit().accepted()::add));
        old.close();
        old.close();
        kit().probe(kit().get(dialing(kit().near()).dial(young.address())), 0);
        kit().probe(kit().nextAccepted(), 0);
        kit().assertFails(
                        ErrorKind.IN_USE,
                        dialing(kit().far()).listen(young.address(), kit().accepted()::add),
                        "listening where the new listener listens");
    }

    @Rule(
            value = "T2.11",
            check = "Transport.close(): close its listeners, and free their addresses before it returns",
            needs = {"T2.1", "T2.3", "T2.4"})
    @Where(shape = Shape.DIALLING)
    default void closingATransportFreesItsAddresses() throws Exception {
        Transport first = kit().open(kit().peerUnder(), kit().limits());
        Listening one = kit().get(dialing(first).listen(kit().address(), kit().accepted()::add));
        Listening other = kit().get(dialing(first).listen(kit().address(), kit().accepted()::add));
        kit().get(closing(first));
        for (Listening each : List.of(one, other)) {
            kit().assertFails(
                            ErrorKind.UNREACHABLE,
                            dialing(kit().near()).dial(each.address()),
                            "dialling a listener of a closed transport");
            Transport second = kit().open(kit().peerUnder(), kit().limits());
            Listening again = kit().get(dialing(second).listen(each.address(), kit().accepted()::add));
            assertEquals(each.address(), again.address(), "the address, bound again");
            kit().probe(kit().get(dialing(kit().near()).dial(again.address())), 0);
            kit().probe(kit().nextAccepted(), 0);
        }
    }

    @Rule(
            value = "T2.12",
            check = "a handshake that ends after its listener was closed: drop it, call no acceptor",
            needs = "T2.5")
    @Where(shape = Shape.DIALLING)
    default void nobodyIsAcceptedAfterTheListenerWasClosed() throws Exception {
        AtomicBoolean closed = new AtomicBoolean();
        AtomicInteger late = new AtomicInteger();
        Listening there = kit().get(dialing(kit().far()).listen(kit().address(), channel -> {
            if (closed.get()) {
                late.incrementAndGet();
            }
            kit().probe(channel, 1);
        }));
        String address = kit().wire().through(there.address());
        kit().wire().stall();
        CompletionStage<Channel> dial = dialing(kit().near()).dial(address);
        // Whoever gets as far as that without a handshake does so while the kit watches.
        boolean connected = kit().isOver(dial, kit().patience().scaled(200));
        there.close();
        kit().never("", () -> false); // a call of the acceptor that had begun
        closed.set(true);
        kit().wire().resume();
        if (connected || kit().isOver(dial, kit().patience().scaled(500))) {
            Channel channel = kit().get(dial.handle((made, failure) -> made));
            if (channel != null) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "enough"));
            }
        }
        kit().never("the acceptor of a closed listener was called", () -> late.get() > 0);
        kit().wire().cut();
        assertTrue(kit().isOver(dial, kit().patience().await()), "a dial to a listener that was closed stayed pending");
    }

    @Rule(
            value = "T2.7",
            check = "a dial that is cancelled during its handshake: close its connection and cancel its timer at once",
            needs = {"T2.8", "T7.3", "T10.7"})
    @Where(shape = Shape.DIALLING)
    default void aDialThatIsCancelledInItsHandshakeLeavesNothingOpen() throws Exception {
        String address = kit().wire().through(kit().bound().address());
        int timers = kit().context(kit().near()).timers();
        kit().wire().stall();
        CompletableFuture<Channel> dial = dialing(kit().near()).dial(address).toCompletableFuture();
        // Whoever gets as far as that without a handshake does so while the kit watches.
        if (kit().isOver(dial, kit().patience().scaled(100)) || !dial.cancel(true)) {
            kit().get(dial).abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        }
        kit().eventually(
                        "no more timers are set than before a dial that was cancelled",
                        () -> kit().context(kit().near()).timers() <= timers);
        kit().wire().resume();
        Channel late;
        while ((late = kit().accepted().poll(kit().patience().silence().toMillis(), TimeUnit.MILLISECONDS)) != null) {
            kit().probe(late, 1).awaitClose();
        }
    }

    @Rule(
            value = "T2.13",
            check =
                    "accept the next caller before this one has said anything: a handshake is nothing to wait for there",
            needs = "T2.1")
    @Where(shape = Shape.DIALLING)
    default void aCallerThatStallsHoldsUpNobody() throws Exception {
        String address = kit().bound().address();
        List<CompletionStage<Channel>> stalled = new ArrayList<>();
        for (int bytes = 0; bytes < 3; bytes++) {
            stalled.add(stalledDial(address, bytes, kit().anotherWire()));
        }
        String same = kit().wire().through(address);
        if (same.equals(address)) {
            return; // the wire has no detour, and whoever is called here is stalled as well
        }
        kit().probe(kit().get(dialing(kit().near()).dial(address)), 0);
        stalled.forEach(each -> each.toCompletableFuture().cancel(true));
    }

    private CompletionStage<Channel> stalledDial(String address, int bytes, Faults wire) {
        wire.stallAfter(bytes);
        return dialing(kit().near()).dial(wire.through(address));
    }

    @Rule(
            value = "T2.14",
            check = "one timer for an accepted connection's whole handshake, from its first moment, for connectTimeout",
            needs = {"T2.1", "T2.12", "T2.13"})
    @Where(shape = Shape.DIALLING)
    default void anAcceptedHandshakeThatStallsEnds() throws Exception {
        int size = handshakeBytes();
        // A timer on a slow machine may be late: only who takes very much longer than it may has none.
        for (int factor : size == 0 ? List.<Integer>of() : List.of(2, 6, 20)) {
            String late = stalledHandshakes(size, factor);
            if (late.isEmpty()) {
                return;
            }
            assertTrue(factor < 20, late);
        }
    }

    /** How much passes until a dial is done, both ways in one; 0 where that can't be seen. */
    private int handshakeBytes() throws Exception {
        Faults wire = kit().anotherWire();
        kit().probe(
                        kit().get(dialing(kit().near())
                                .dial(wire.through(kit().bound().address()))),
                        0);
        kit().probe(kit().nextAccepted(), 0);
        return wire.seen().map(bytes -> bytes.length).orElse(0);
    }

    /** Stops handshakes at some bytes, and one at every byte, for longer than they may take; says which went on afterwards. */
    private String stalledHandshakes(int size, int factor) throws Exception {
        Duration time = kit().patience().scaled(400);
        Transport there = kit().open(kit().peerUnder(), kit().limits().connectTimeout(time));
        AtomicInteger calls = new AtomicInteger();
        Listening at = kit().get(dialing(there).listen(kit().address(), channel -> calls.incrementAndGet()));
        Faults slow = kit().anotherWire();
        Map<Faults, CompletionStage<Channel>> dials = new LinkedHashMap<>();
        dials.put(slow, stalledDial(at.address(), 1, slow));
        for (int bytes : new TreeSet<>(List.of(0, 1, size / 4, size / 2, size * 3 / 4, size - 1))) {
            Faults wire = kit().anotherWire();
            dials.put(wire, stalledDial(at.address(), bytes, wire));
        }
        int steps = 40;
        for (int i = 0; i < steps; i++) {
            kit().get(kit().later(time.multipliedBy(factor).dividedBy(steps)));
            slow.stallAfter(1);
        }
        int before = calls.get();
        dials.keySet().forEach(Faults::resume);
        for (CompletionStage<Channel> dial : dials.values()) {
            assertTrue(
                    kit().isOver(dial, kit().patience().await()),
                    "a dial stayed pending whose peer had not got all of it in connectTimeout");
        }
        kit().never("", () -> false); // a call of the acceptor that had begun
        int after = calls.get();
        at.close();
        kit().get(closing(there));
        return after == before
                ? ""
                : (after - before) + " of " + dials.size() + " handshakes of " + size
                        + " bytes went on after they had stalled for " + factor + " times connectTimeout (" + time
                        + ")";
    }
}
