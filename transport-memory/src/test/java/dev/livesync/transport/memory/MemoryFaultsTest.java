package dev.livesync.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two peers in one thread, and what can go wrong between them; every test under many orders of events. */
class MemoryFaultsTest {
    private static final MemoryConfiguration SMALL =
            MemoryConfiguration.builder().buffer(2, 1 << 20).build();

    /** A network, a dialler and a listener, connected. */
    private static final class Pair {
        final MemoryNetwork network = new MemoryNetwork();
        final ManualContext context;
        final DialingTransport dialing;
        final DialingTransport listening;
        final List<Channel> accepted = new ArrayList<>();
        final String address;

        Pair(long seed, MemoryConfiguration configuration) {
            this(new ManualContext(seed), configuration);
        }

        Pair(ManualContext context, MemoryConfiguration configuration) {
            this.context = context;
            TransportProvider provider = network.provider(configuration);
            dialing = (DialingTransport) provider.open(context);
            listening = (DialingTransport) provider.open(context);
            Listening bound = now(listening.listen("memory:", accepted::add));
            address = bound.address();
        }

        Channel dial() {
            CompletableFuture<Channel> dialled = dialing.dial(address).toCompletableFuture();
            context.settle();
            return dialled.join();
        }

        MemoryLink link() {
            return network.faults().links().get(0);
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 20);
    }

    private static <T> T now(java.util.concurrent.CompletionStage<T> stage) {
        return stage.toCompletableFuture().getNow(null);
    }

    private static ErrorKind failure(CompletableFuture<?> future) {
        assertThat(future).isCompletedExceptionally();
        return ((SyncException) future.handle((value, e) -> e).join()).kind();
    }

    private static CompletableFuture<Void> send(Channel channel, String text) {
        return channel.send(Message.text(text)).toCompletableFuture();
    }

    private static List<String> sendAll(Pair pair, Channel channel, int count) {
        List<String> texts = IntStream.range(0, count).mapToObj(i -> "m" + i).toList();
        for (String text : texts) {
            CompletableFuture<Void> sent = send(channel, text);
            pair.context.settle();
            assertThat(sent).isCompleted();
        }
        return texts;
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aCutAfterNMessagesDeliversExactlyThose(long seed) {
        Pair pair = new Pair(seed, MemoryConfiguration.defaults());
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 100);
        Recorder atA = Recorder.on(a, 100);
        pair.link().cutAfter(Side.DIALER, 3);

        List<String> sent = sendAll(pair, a, 3);
        CompletableFuture<Void> fatal = send(a, "one more");
        pair.context.settle();

        assertThat(failure(fatal)).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(atB.messages).isEqualTo(sent);
        assertThat(atB.closed().initiator()).isEqualTo(CloseReason.Initiator.FAILURE);
        assertThat(atB.closed().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(atA.closed().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(pair.network.faults().links()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aCutFailsTheOutstandingSend(long seed) {
        Pair pair = new Pair(seed, SMALL);
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 0);
        sendAll(pair, a, 1);
        CompletableFuture<Void> outstanding = send(a, "waits");
        pair.context.settle();
        assertThat(outstanding).isNotDone();

        pair.link().cut();
        pair.context.settle();

        assertThat(failure(outstanding)).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(atB.messages).isEmpty();
        assertThat(atB.closes).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whatIsHeldArrivesInOrderWhenReleased(long seed) {
        Pair pair = new Pair(seed, MemoryConfiguration.defaults());
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 100);
        pair.link().hold(Side.DIALER);

        List<String> sent = sendAll(pair, a, 5);
        now(a.close());
        pair.context.settle();
        assertThat(atB.messages).isEmpty();

        pair.link().release(Side.DIALER, 2);
        pair.context.settle();
        assertThat(atB.messages).isEqualTo(sent.subList(0, 2));

        pair.link().release(Side.DIALER);
        pair.context.settle();
        assertThat(atB.messages).isEqualTo(sent);
        assertThat(atB.closes).containsExactly(CloseReason.REMOTE);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void delaysKeepTheOrder(long seed) {
        Pair pair = new Pair(seed, MemoryConfiguration.defaults());
        pair.network.faults().onLink(MemoryFaults.randomDelays(seed, Duration.ofMillis(500)));
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 100);

        List<String> sent = sendAll(pair, a, 20);
        assertThat(atB.messages).hasSizeLessThan(20);
        pair.context.pass(Duration.ofSeconds(1));

        assertThat(atB.messages).isEqualTo(sent);
        assertThat(pair.context.timers()).isZero();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aSilentPeerIsNotNoticedButItsBufferFills(long seed) {
        Pair pair = new Pair(seed, SMALL);
        Channel a = pair.dial();
        Channel b = pair.accepted.get(0);
        Recorder atB = Recorder.on(b, 100);
        Recorder atA = Recorder.on(a, 100);
        pair.link().silence();

        sendAll(pair, a, 1);
        CompletableFuture<Void> second = send(a, "second");
        now(b.close());
        pair.context.pass(Duration.ofMinutes(1));

        assertThat(second).isNotDone();
        assertThat(atB.messages).isEmpty();
        assertThat(atB.closes).containsExactly(CloseReason.LOCAL);
        assertThat(atA.closes).isEmpty();

        CompletableFuture<Void> closed = a.close().toCompletableFuture();
        pair.context.pass(Duration.ofSeconds(1));
        assertThat(closed).isNotDone();
        pair.context.pass(Duration.ofSeconds(2));
        assertThat(closed).isCompleted();
        assertThat(failure(second)).isEqualTo(ErrorKind.CLOSED);
        assertThat(atA.closed().initiator()).isEqualTo(CloseReason.Initiator.LOCAL);
        assertThat(atA.closed().failure().kind()).isEqualTo(ErrorKind.TIMEOUT);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aReaderThatStopsMakesTheSenderWait(long seed) {
        Pair pair = new Pair(seed, SMALL);
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 100);
        pair.link().stopReading(Side.LISTENER);

        sendAll(pair, a, 1);
        CompletableFuture<Void> second = send(a, "second");
        pair.context.settle();
        assertThat(second).isNotDone();

        pair.link().resumeReading(Side.LISTENER);
        pair.context.settle();
        assertThat(second).isCompleted();
        assertThat(atB.messages).containsExactly("m0", "second");
    }

    @Test
    void aPlannedFailureIsWhatTheSenderIsTold() {
        Pair pair = new Pair(0, SMALL);
        Channel a = pair.dial();
        Recorder atA = Recorder.on(a, 1);
        Recorder atB = Recorder.on(pair.accepted.get(0), 1);
        pair.link().failNextSend(Side.DIALER, new SyncException(ErrorKind.STORAGE, "planned"));

        CompletableFuture<Void> sent = send(a, "x");
        pair.context.settle();

        assertThat(failure(sent)).isEqualTo(ErrorKind.STORAGE);
        assertThat(atA.closed().failure().kind()).isEqualTo(ErrorKind.STORAGE);
        assertThat(atB.closed().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(atB.messages).isEmpty();
    }

    @Test
    void dialsAreRefusedAndHeldAsPlanned() {
        Pair pair = new Pair(0, SMALL);
        pair.network.faults().refuseDials(ErrorKind.REFUSED);
        CompletableFuture<Channel> refused = pair.dialing.dial(pair.address).toCompletableFuture();
        pair.context.settle();
        assertThat(failure(refused)).isEqualTo(ErrorKind.REFUSED);

        pair.network.faults().acceptDials();
        pair.network.faults().holdDials();
        CompletableFuture<Channel> held = pair.dialing.dial(pair.address).toCompletableFuture();
        pair.context.pass(Duration.ofSeconds(4));
        CompletableFuture<Channel> later = pair.dialing.dial(pair.address).toCompletableFuture();
        pair.context.pass(Duration.ofSeconds(2));
        assertThat(failure(held)).isEqualTo(ErrorKind.TIMEOUT);
        assertThat(later).isNotDone();

        pair.network.faults().acceptDials();
        pair.context.settle();
        assertThat(later).isCompleted();
        assertThat(pair.accepted).hasSize(1);
    }

    @Test
    void aReaderThatCannotPushBackOverflows() {
        // Four of its messages may wait; what the configuration says of buffers doesn't matter.
        Pair pair = new Pair(
                new ManualContext(0, 8),
                MemoryConfiguration.withoutBackpressure().toBuilder()
                        .buffer(1, 1)
                        .build());
        Channel a = pair.dial();
        Recorder atB = Recorder.on(pair.accepted.get(0), 2);
        Recorder atA = Recorder.on(a, 1);

        sendAll(pair, a, 6);
        assertThat(atB.closes).isEmpty();
        CompletableFuture<Void> seventh = send(a, "too much");
        pair.context.settle();

        assertThat(seventh).isCompleted();
        assertThat(atB.messages).containsExactly("m0", "m1");
        assertThat(atB.closed().failure().kind()).isEqualTo(ErrorKind.OVERFLOW);
        assertThat(atA.closed().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
    }

    @Test
    void aTapReadsAlongAndAForgedMessageArrives() {
        Pair pair = new Pair(0, MemoryConfiguration.defaults());
        List<String> wire = new ArrayList<>();
        pair.network.faults().onLink(link -> link.tap((side, message) -> wire.add(side + " " + message)));
        Channel a = pair.dial();
        Recorder atA = Recorder.on(a, 10);
        Recorder atB = Recorder.on(pair.accepted.get(0), 10);

        sendAll(pair, a, 2);
        pair.link().inject(Side.LISTENER, Message.text("forged"));
        pair.context.settle();

        assertThat(wire).containsExactly("DIALER TEXT (2 bytes)", "DIALER TEXT (2 bytes)");
        assertThat(atB.messages).containsExactly("m0", "m1");
        assertThat(atA.messages).containsExactly("forged");
        assertThat(pair.link().sent(Side.LISTENER)).isZero();
        assertThat(pair.link().sent(Side.DIALER)).isEqualTo(2);
    }

    @Test
    void bindingsAreEqualUnlessSomebodySitsInTheMiddle() {
        Pair pair = new Pair(
                0, MemoryConfiguration.builder().binding(true).identity("p").build());
        Channel a = pair.dial();
        Channel other = pair.dial();
        byte[] atB = pair.accepted.get(0).binding().orElseThrow();

        assertThat(a.binding()).hasValue(atB);
        assertThat(other.binding().orElseThrow()).isNotEqualTo(atB);
        assertThat(a.peer().orElseThrow().name()).isEqualTo("p");
        pair.link().splitBinding();
        assertThat(a.binding().orElseThrow())
                .isNotEqualTo(pair.accepted.get(0).binding().orElseThrow());
    }

    @Test
    void oneSideWithoutAnIdentityIsTurnedAway() {
        Pair pair = new Pair(0, MemoryConfiguration.defaults());
        DialingTransport named = (DialingTransport) pair.network
                .provider(MemoryConfiguration.builder().identity("p").build())
                .open(pair.context);
        CompletableFuture<Channel> dialled = named.dial(pair.address).toCompletableFuture();
        pair.context.settle();

        assertThat(failure(dialled)).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(pair.accepted).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void theSameSeedGivesTheSameHistory(long seed) {
        assertThat(history(seed)).isEqualTo(history(seed)).isNotEmpty();
    }

    /** Two sides chatter over a delayed wire that is cut somewhere. */
    private static List<String> history(long seed) {
        Pair pair = new Pair(seed, SMALL);
        List<String> log = new ArrayList<>();
        pair.network
                .faults()
                .onLink(MemoryFaults.randomDelays(seed, Duration.ofMillis(50))
                        .andThen(MemoryFaults.randomCuts(seed, 30))
                        .andThen(link -> link.tap((side, message) -> log.add(side + " sends"))));
        Channel a = pair.dial();
        Channel b = pair.accepted.get(0);
        chatter(a, "a", log);
        chatter(b, "b", log);
        pair.context.pass(Duration.ofMinutes(1));
        assertThat(log).contains("a closed", "b closed");
        return log;
    }

    private static void chatter(Channel channel, String name, List<String> log) {
        channel.start(new dev.livesync.api.transport.ChannelListener() {
            @Override
            public void onMessage(Message message) {
                log.add(name + " got one");
                channel.request(1);
            }

            @Override
            public void onClosed(CloseReason reason) {
                log.add(name + " closed");
            }
        });
        channel.request(1);
        sendNext(channel);
    }

    private static void sendNext(Channel channel) {
        var unused = channel.send(Message.text("x")).whenComplete((done, e) -> {
            if (e == null) {
                sendNext(channel);
            }
        });
    }

    @Test
    void nonsenseIsRefused() {
        Pair pair = new Pair(0, SMALL);
        Channel a = pair.dial();
        assertThatThrownBy(() -> pair.link().cutAfter(Side.DIALER, -1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MemoryConfiguration.builder().maxMessageBytes(1023))
                .isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> MemoryConfiguration.builder().buffer(0, 1)).isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> MemoryConfiguration.builder().identity("")).isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> a.request(0)).isInstanceOf(IllegalArgumentException.class);
        for (String bad : List.of("", "memory", "memory:a b", "ws://x", "memory:" + "x".repeat(129), "memory:é")) {
            assertThat(failure(pair.dialing.dial(bad).toCompletableFuture())).isEqualTo(ErrorKind.CONFIGURATION);
        }
        assertThat(failure(pair.dialing.dial("memory:").toCompletableFuture())).isEqualTo(ErrorKind.CONFIGURATION);
    }
}
