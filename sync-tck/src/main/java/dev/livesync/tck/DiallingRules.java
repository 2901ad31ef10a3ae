package dev.livesync.tck;

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
import dev.livesync.tck.Where.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** T2: listening and dialling. */
abstract class DiallingRules extends ProviderRules {
    DiallingRules() {}

    abstract List<String> unusableAddresses();

    @Rule(value = "T2.1", check = "Listening.address(): as bound, with the real port")
    @Where(shape = Shape.DIALLING)
    void whoListensCanBeDialledAtTheAddressAsBound() throws Exception {
        Listening one = get(dialing(far()).listen(address(), accepted()::add));
        Listening other = get(dialing(far()).listen(address(), accepted()::add));
        assertNotEquals(one.address(), other.address(), "two addresses that were asked to be free ones");
        for (Listening each : List.of(one, other)) {
            probe(get(dialing(near()).dial(each.address())), 0);
            probe(nextAccepted(), 0);
        }
    }

    @Rule(value = "T2.2", check = "parse the address first; fail the stage with CONFIGURATION, throw nothing")
    @Where(shape = Shape.DIALLING)
    void anUnusableAddressIsAConfigurationError() throws Exception {
        DialingTransport transport = dialing(near());
        for (String address : unusableAddresses()) {
            assertFails(ErrorKind.CONFIGURATION, transport.dial(address), "dial(\"" + address + "\")");
            assertFails(
                    ErrorKind.CONFIGURATION, transport.listen(address, accepted()::add), "listen(\"" + address + "\")");
        }
    }

    @Rule(value = "T2.3", check = "the failure of dial(): UNREACHABLE, with the address in the message")
    @Where(shape = Shape.DIALLING)
    void whereNobodyListensNobodyAnswers() throws Exception {
        String dead = deadAddress();
        SyncException failure = failure(dialing(near()).dial(dead));
        assertEquals(ErrorKind.UNREACHABLE, failure.kind(), "dial(\"" + dead + "\")");
        assertTrue(
                String.valueOf(failure.getMessage()).contains(dead),
                "the message does not name " + dead + ": " + failure.getMessage());
    }

    private String deadAddress() throws Exception {
        Listening listening = get(dialing(far()).listen(address(), accepted()::add));
        listening.close();
        return listening.address();
    }

    @Rule(value = "T2.4", check = "the failure of listen(): IN_USE, with the address in the message")
    @Where(shape = Shape.DIALLING)
    void anAddressIsTakenOnce() throws Exception {
        String address = bound().address();
        SyncException taken = failure(dialing(near()).listen(address, accepted()::add));
        assertEquals(ErrorKind.IN_USE, taken.kind(), "listening at " + address + " a second time");
        assertTrue(
                String.valueOf(taken.getMessage()).contains(address),
                "the message does not name " + address + ": " + taken.getMessage());
    }

    @Rule(value = "T2.5", check = "Listening.close(): unbind before it returns; leave accepted channels alone")
    @Where(shape = Shape.DIALLING)
    void aClosedListenerFreesItsAddressAndNothingElse() throws Exception {
        Pair pair = connect();
        Probe atFar = probe(pair.far(), 10);
        probe(pair.near(), 10);
        String address = bound().address();
        bound().close();
        bound().close();
        assertFails(ErrorKind.UNREACHABLE, dialing(near()).dial(address), "dialling a listener that was closed");
        get(pair.near().send(Message.text("accepted lives on")));
        atFar.await(1);
        // By whom it belonged to: an address may name its owner.
        Listening again = get(dialing(far()).listen(address, accepted()::add));
        assertEquals(address, again.address(), "the address, bound again");
        probe(get(dialing(near()).dial(address)), 0);
        probe(nextAccepted(), 0);
    }

    @Rule(value = "T2.6", check = "catch what ChannelAcceptor.accept throws: abort that channel, go on listening")
    @Where(shape = Shape.DIALLING)
    void anAcceptorThatThrowsLosesOnlyThatChannel() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        Listening there = get(dialing(far()).listen(address(), channel -> {
            if (calls.getAndIncrement() == 0) {
                throw new IllegalStateException("on purpose");
            }
            accepted().add(channel);
        }));
        Channel lost = get(dialing(near()).dial(there.address()));
        probe(lost, 1).awaitClose();
        probe(get(dialing(near()).dial(there.address())), 0);
        probe(nextAccepted(), 0);
    }

    @Rule(value = "T2.7", check = "a channel whose dial was cancelled has to be aborted when it opens", needs = "T7.3")
    @Where(shape = Shape.DIALLING)
    void aCancelledDialLeavesNothingOpen() throws Exception {
        String address = bound().address();
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Channel> dial = dialing(near()).dial(address).toCompletableFuture();
            if (!dial.cancel(true)) {
                get(get(dial).close());
            }
        }
        // Whoever was to come has come, or comes soon, when one that was dialled later is there.
        Channel last = get(dialing(near()).dial(address));
        probe(last, 0);
        get(last.send(Message.text("the last")));
        List<Probe> arrived = new ArrayList<>();
        eventually("the last one arrived", () -> {
            for (Channel each = accepted().poll();
                    each != null;
                    each = accepted().poll()) {
                arrived.add(probe(each, 1));
            }
            return arrived.stream().anyMatch(each -> !each.messages().isEmpty());
        });
        Channel late;
        while ((late = accepted().poll(patience().silence().toMillis(), TimeUnit.MILLISECONDS)) != null) {
            arrived.add(probe(late, 1));
        }
        for (Probe each : arrived) {
            if (each.messages().isEmpty()) {
                each.awaitClose();
            }
        }
    }

    @Rule(
            value = "T2.8",
            check = "the timer for TransportContext.connectTimeout: over the handshake too, not only the connect")
    @Where(shape = Shape.DIALLING)
    void aDialThatIsNotAnsweredEnds() throws Exception {
        dialing(far());
        String address = wire().through(bound().address());
        DialingTransport hasty =
                dialing(open(under(), limits().connectTimeout(patience().scaled(400))));
        wire().stall();
        CompletionStage<Channel> dial = hasty.dial(address);
        assertTrue(isOver(dial, patience().await()), "dial() was still pending long after connectTimeout");
        Throwable failure = get(dial.handle((channel, e) -> e));
        if (failure != null) {
            assertEquals(ErrorKind.TIMEOUT, ((SyncException) failure).kind(), "a dial that nobody answered");
        } else {
            probe(get(dial), 0); // no handshake: what there is to connect has been connected
        }
    }

    @Rule(value = "T2.9", check = "fail the stages of dial() and listen() with CLOSED once the transport is closed")
    @Where(shape = Shape.DIALLING)
    void aClosedTransportNeitherDialsNorListens() throws Exception {
        String address = bound().address();
        near().close();
        assertFails(ErrorKind.CLOSED, dialing(near()).dial(address), "dial() after close()");
        assertFails(ErrorKind.CLOSED, dialing(near()).listen(address(), accepted()::add), "listen() after close()");
        assertNotNull(bound());
    }
}
