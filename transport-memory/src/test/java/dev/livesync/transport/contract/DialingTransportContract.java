package dev.livesync.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.CloseReason.Initiator;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What the SPI's Javadoc promises, tested against a dialling transport. A transport's own test extends this and says which
 * provider to use; teardown finds broken callback rules, leaked threads and escaped errors.
 */
public abstract class DialingTransportContract {
    private static final int MAX = 64 * 1024;
    private static final long PATIENCE_SECONDS = 30;

    private final List<TestContext> contexts = new ArrayList<>();
    private final List<DialingTransport> transports = new ArrayList<>();
    private final List<Probe> probes = new ArrayList<>();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private Set<Thread> threadsBefore = Set.of();

    private DialingTransport dialing;
    private DialingTransport listening;
    private Listening bound;

    /** A provider; those of one test reach each other. */
    protected abstract TransportProvider provider();

    /** An address to listen at that asks for a free one. */
    protected abstract String anyAddress();

    /** An address at which certainly nobody listens. */
    protected abstract String deadAddress() throws Exception;

    /** Addresses that this transport cannot use. */
    protected abstract List<String> nonsense();

    @BeforeEach
    void open() throws Exception {
        threadsBefore = livesyncThreads();
        dialing = open(MAX, Duration.ofSeconds(20));
        listening = open(MAX, Duration.ofSeconds(20));
        bound = get(listening.listen(anyAddress(), accepted::add));
    }

    @AfterEach
    void closeAndLookForLeaks() {
        transports.forEach(DialingTransport::close);
        assertThat(probes).allSatisfy(probe -> {
            assertThat(probe.isClosed())
                    .as("%s reported its close", probe.channel().remote())
                    .isTrue();
            assertThat(probe.violations()).isEmpty();
        });
        Set<Thread> left = livesyncThreads();
        left.removeAll(threadsBefore);
        assertThat(left).as("threads left behind").isEmpty();
        contexts.forEach(TestContext::close);
        assertThat(contexts).allSatisfy(context -> assertThat(context.escaped()).isEmpty());
    }

    protected final DialingTransport open(int maxMessageBytes, Duration closeTimeout) {
        TestContext context = new TestContext(maxMessageBytes, closeTimeout);
        contexts.add(context);
        DialingTransport transport = (DialingTransport) provider().open(context);
        transports.add(transport);
        return transport;
    }

    private static Set<Thread> livesyncThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("livesync"))
                .collect(Collectors.toSet());
    }

    protected static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** How a stage fails; directly, not wrapped. */
    protected static SyncException failure(CompletionStage<?> stage) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        var unused = stage.whenComplete((value, e) -> seen.complete(e));
        Throwable e = seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(e).as("a failure").isInstanceOf(SyncException.class);
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        return (SyncException) e;
    }

    /** A send that was outstanding when its channel ended: it failed, unless it was over just before. */
    private static void assertOver(CompletableFuture<Void> send) throws Exception {
        Throwable e = send.handle((done, failure) -> failure).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (e != null) {
            assertThat(((SyncException) e).kind()).isIn(ErrorKind.CLOSED, ErrorKind.DISCONNECTED);
        }
    }

    /** Two ends; the second is the listener's. */
    protected record Pair(Channel dialled, Channel accepted) {}

    protected final Pair connect() throws Exception {
        Channel dialled = get(dialing.dial(bound.address()));
        return new Pair(dialled, nextAccepted());
    }

    private Channel nextAccepted() throws InterruptedException {
        Channel channel = accepted.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(channel).as("a channel at the acceptor").isNotNull();
        return channel;
    }

    protected final Probe probe(Channel channel, long demand) {
        return kept(Probe.on(channel, demand));
    }

    private Probe kept(Probe probe) {
        probes.add(probe);
        return probe;
    }

    private static void sendAll(Channel channel, List<Message> messages) throws Exception {
        for (Message message : messages) {
            get(channel.send(message));
        }
    }

    private static List<Message> texts(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> Message.text(prefix + i)).toList();
    }

    private static Message random(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Message.binary(bytes);
    }

    private static void assertSame(List<Message> actual, List<Message> expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(actual.get(i).kind())
                    .as("kind of message %d", i)
                    .isEqualTo(expected.get(i).kind());
            assertThat(actual.get(i).payload())
                    .as("bytes of message %d", i)
                    .isEqualTo(expected.get(i).payload());
        }
    }

    /** Sends until a send waits; returns it. It may still complete later: an operating system finds a little more room. */
    private static CompletableFuture<Void> fill(Channel channel, List<Message> sent) {
        byte[] bytes = new byte[MAX];
        while (true) {
            bytes = bytes.clone();
            bytes[0] = (byte) sent.size();
            Message message = Message.binary(bytes);
            CompletableFuture<Void> stage = channel.send(message).toCompletableFuture();
            sent.add(message);
            assertThat(sent.size()).as("messages taken with nobody reading").isLessThan(4096);
            try {
                stage.get(500, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                return stage;
            } catch (InterruptedException | ExecutionException e) {
                throw new AssertionError(e);
            }
        }
    }

    // Messages

    @Test
    void orderBoundariesKindsAndSizesSurviveBothWays() throws Exception {
        Pair pair = connect();
        Probe atDialler = probe(pair.dialled(), Long.MAX_VALUE);
        Probe atListener = probe(pair.accepted(), Long.MAX_VALUE);
        SplittableRandom random = new SplittableRandom(1);
        List<Message> messages = new ArrayList<>();
        for (int size : new int[] {0, 1, 2, 3, 7, 8, 9, 124, 125, 126, 127, 65_534, 65_535, MAX - 1, MAX, 0, 5}) {
            messages.add(random(random, size));
            messages.add(Message.text("é😀" + "x".repeat(Math.min(size, MAX - 6))));
        }
        messages.addAll(texts("t", 500));

        sendAll(pair.dialled(), messages);
        sendAll(pair.accepted(), messages);

        assertSame(atListener.await(messages.size()), messages);
        assertSame(atDialler.await(messages.size()), messages);
    }

    @Test
    void aMessageOverTheMaximumIsRefusedAndTheChannelLivesOn() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 10);
        probe(pair.dialled(), 10);

        assertThat(pair.dialled().maxMessageBytes()).isEqualTo(MAX);
        SyncException refused = failure(pair.dialled().send(Message.binary(new byte[MAX + 1])));
        assertThat(refused.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(refused).hasMessageContaining(Integer.toString(MAX));
        get(pair.dialled().send(Message.text("after")));

        assertSame(atListener.await(1), List.of(Message.text("after")));
    }

    @Test
    void aPeerThatSendsMoreThanWeTakeIsCutOff() throws Exception {
        DialingTransport narrow = open(1024, Duration.ofSeconds(20));
        BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
        Listening there = get(narrow.listen(anyAddress(), arrivals::add));
        Channel wide = get(dialing.dial(there.address()));
        Probe atSender = probe(wide, 1);
        Channel receiver = arrivals.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        Probe atReceiver = probe(receiver, 10);
        assertThat(receiver.maxMessageBytes()).isEqualTo(1024);

        get(wide.send(Message.binary(new byte[1024])));
        atReceiver.await(1);
        wide.send(Message.binary(new byte[1025]));

        assertThat(atReceiver.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        assertThat(atReceiver.awaitClose().failure().kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(atReceiver.messages()).hasSize(1);
        assertThat(atSender.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
    }

    @Test
    void bytesBelongToWhoeverHasTheMessage() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 100);
        probe(pair.dialled(), 100);
        SplittableRandom random = new SplittableRandom(2);
        List<Message> sent =
                IntStream.range(0, 50).mapToObj(i -> random(random, 1000 + i)).toList();
        List<byte[]> copies =
                sent.stream().map(message -> message.payload().clone()).toList();

        sendAll(pair.dialled(), sent);
        List<Message> received = atListener.await(50);

        for (int i = 0; i < 50; i++) {
            assertThat(sent.get(i).payload()).as("the sender's bytes").isEqualTo(copies.get(i));
            assertThat(received.get(i).payload()).as("the receiver's bytes").isEqualTo(copies.get(i));
        }
    }

    // Requesting

    @Test
    void nothingArrivesBeforeTheStartOrUnrequested() throws Exception {
        Pair pair = connect();
        Probe atDialler = probe(pair.dialled(), 100);
        sendAll(pair.dialled(), texts("m", 10));
        Probe atListener = kept(Probe.idle(pair.accepted()));
        atListener.request(2);
        assertThat(atListener.messages()).isEmpty();

        pair.accepted().start(atListener);
        assertSame(atListener.await(2), texts("m", 2));
        get(pair.accepted().send(Message.text("a round trip later")));
        atDialler.await(1);
        assertThat(atListener.messages()).hasSize(2);

        atListener.request(3);
        atListener.request(Long.MAX_VALUE);
        atListener.request(Long.MAX_VALUE);
        assertSame(atListener.await(10), texts("m", 10));
    }

    @Test
    void requestsBelowOneAreRefused() throws Exception {
        Pair pair = connect();
        probe(pair.dialled(), 0);
        assertThatThrownBy(() -> pair.dialled().request(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pair.dialled().request(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> pair.dialled().start(kept(Probe.on(pair.accepted(), 0))))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> pair.dialled().send(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aSenderWaitsForAReaderThatRequestsNothing() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 0);
        probe(pair.dialled(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = fill(pair.dialled(), sent);
        while (!isRefusedWhileWaiting(pair.dialled(), sent)) {
            waiting = fill(pair.dialled(), sent);
        }

        assertThat(atListener.messages()).isEmpty();

        atListener.request(Long.MAX_VALUE);
        get(waiting);
        assertSame(atListener.await(sent.size()), sent);
        get(pair.dialled().send(Message.text("the last")));
        sent.add(Message.text("the last"));
        assertSame(atListener.await(sent.size()), sent);
    }

    /** Whether a send beside another is refused; false if the other was over by then. */
    private static boolean isRefusedWhileWaiting(Channel channel, List<Message> sent) throws Exception {
        Message message = Message.text("one too many");
        CompletionStage<Void> stage;
        try {
            stage = channel.send(message);
        } catch (IllegalStateException e) {
            return true;
        }
        sent.add(message);
        try {
            stage.toCompletableFuture().get(500, TimeUnit.MILLISECONDS);
            return false;
        } catch (TimeoutException e) {
            return isRefusedWhileWaiting(channel, sent);
        }
    }

    // Callbacks

    @Test
    void callbacksAreSerialWhateverIsCalledFromWhere() throws Exception {
        Pair pair = connect();
        probe(pair.dialled(), 1000);
        int count = 2000;
        Probe atListener =
                kept(Probe.on(pair.accepted(), 1, message -> pair.accepted().request(1)));
        List<Thread> requesters = new ArrayList<>();
        AtomicBoolean done = new AtomicBoolean();
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(() -> {
                while (!done.get()) {
                    atListener.request(1);
                    Thread.onSpinWait();
                }
            });
            thread.setDaemon(true);
            thread.start();
            requesters.add(thread);
        }
        // The probe must know of what the reaction requests, too.
        atListener.request(count);
        sendAll(pair.dialled(), texts("m", count));
        List<Message> received = atListener.await(count);
        done.set(true);
        for (Thread thread : requesters) {
            thread.join();
        }
        assertSame(received, texts("m", count));
    }

    @Test
    void callsFromInsideACallbackStartNoOther() throws Exception {
        Pair pair = connect();
        probe(pair.dialled(), 100);
        List<String> events = new ArrayList<>();
        Probe atListener = kept(Probe.on(pair.accepted(), 2, message -> {
            events.add("in");
            pair.accepted().request(5);
            pair.accepted().send(Message.text("answer"));
            if (events.size() >= 3) {
                pair.accepted().close();
            }
            events.add("out");
        }));
        get(pair.dialled().send(Message.text("first")));
        // The answer to this may be the end, before the send is over.
        var unused = pair.dialled().send(Message.text("second"));

        assertThat(atListener.awaitClose()).isEqualTo(CloseReason.LOCAL);
        assertThat(events).containsExactly("in", "out", "in", "out");
    }

    @Test
    void aListenerThatThrowsLosesItsChannelAndNoOther() throws Exception {
        Pair good = connect();
        Pair bad = connect();
        Probe atGood = probe(good.accepted(), 10);
        probe(good.dialled(), 10);
        Probe atPeer = probe(bad.dialled(), 10);
        Probe atBad = kept(Probe.on(bad.accepted(), 10, message -> {
            throw new IllegalStateException("on purpose");
        }));

        get(bad.dialled().send(Message.text("boom")));

        assertThat(atBad.awaitClose().failure().kind()).isEqualTo(ErrorKind.INTERNAL);
        assertThat(atPeer.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        get(good.dialled().send(Message.text("still here")));
        assertSame(atGood.await(1), List.of(Message.text("still here")));
    }

    // Ending

    @Test
    void aCloseDeliversWhatWasSentAndIsSeenByThePeer() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 1);
        Probe atDialler = probe(pair.dialled(), 1);
        List<Message> sent = texts("m", 40);
        sendAll(pair.dialled(), sent);

        CompletableFuture<Void> closed = pair.dialled().close().toCompletableFuture();
        var again = pair.dialled().close();
        atListener.request(5);
        atListener.request(100);

        assertThat(atListener.awaitClose()).isEqualTo(CloseReason.REMOTE);
        assertSame(atListener.messages(), sent);
        get(closed);
        get(again);
        assertThat(atDialler.awaitClose()).isEqualTo(CloseReason.LOCAL);
        get(pair.accepted().close());
        assertThat(failure(pair.dialled().send(Message.text("late"))).kind()).isEqualTo(ErrorKind.CLOSED);
        assertThat(failure(pair.accepted().send(Message.text("late"))).kind())
                .isIn(ErrorKind.CLOSED, ErrorKind.DISCONNECTED);
        pair.accepted().request(1);
        pair.accepted().abort(new SyncException(ErrorKind.CANCELLED, "much too late"));
    }

    @Test
    void theOutstandingSendGoesOutBeforeAClose() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 0);
        probe(pair.dialled(), 0);
        List<Message> sent = new ArrayList<>();
        CompletableFuture<Void> waiting = fill(pair.dialled(), sent);

        CompletableFuture<Void> closed = pair.dialled().close().toCompletableFuture();
        assertThat(closed).isNotDone();
        assertThat(failure(pair.dialled().send(Message.text("late"))).kind()).isEqualTo(ErrorKind.CLOSED);
        atListener.request(Long.MAX_VALUE);

        get(waiting);
        get(closed);
        assertThat(atListener.awaitClose()).isEqualTo(CloseReason.REMOTE);
        assertSame(atListener.messages(), sent);
    }

    @Test
    void aCloseIsSeenWithoutARequest() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 0);
        probe(pair.dialled(), 0);
        get(pair.dialled().close());
        assertThat(atListener.awaitClose()).isEqualTo(CloseReason.REMOTE);
    }

    @Test
    void bothMayCloseAtOnce() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 1);
        Probe atDialler = probe(pair.dialled(), 1);
        CompletableFuture<Void> one = pair.dialled().close().toCompletableFuture();
        CompletableFuture<Void> other = pair.accepted().close().toCompletableFuture();
        get(one);
        get(other);
        assertThat(atListener.awaitClose().failure()).isNull();
        assertThat(atDialler.awaitClose().failure()).isNull();
    }

    @Test
    void aCloseThatNobodyReadsBecomesAnAbort() throws Exception {
        DialingTransport hasty = open(MAX, Duration.ofMillis(200));
        Channel dialled = get(hasty.dial(bound.address()));
        probe(nextAccepted(), 0);
        Probe atDialler = probe(dialled, 0);
        CompletableFuture<Void> waiting = fill(dialled, new ArrayList<>());

        get(dialled.close());

        assertThat(atDialler.awaitClose().initiator()).isEqualTo(Initiator.LOCAL);
        assertThat(atDialler.awaitClose().failure().kind()).isEqualTo(ErrorKind.TIMEOUT);
        assertOver(waiting);
    }

    @Test
    void anAbortEndsBothSidesAtOnce() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 0);
        Probe atDialler = probe(pair.dialled(), 0);
        CompletableFuture<Void> waiting = fill(pair.dialled(), new ArrayList<>());
        SyncException reason = new SyncException(ErrorKind.CANCELLED, "enough");

        CompletableFuture<Void> closing = pair.dialled().close().toCompletableFuture();
        pair.dialled().abort(reason);

        assertThat(atDialler.awaitClose()).isEqualTo(CloseReason.aborted(reason));
        assertOver(waiting);
        get(closing);
        atListener.request(Long.MAX_VALUE);
        assertThat(atListener.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        assertThat(atListener.awaitClose().failure().kind()).isEqualTo(ErrorKind.DISCONNECTED);
    }

    @Test
    void aChannelThatEndsBeforeItsStartSaysSoThen() throws Exception {
        Pair pair = connect();
        get(pair.dialled().close());
        assertThat(probe(pair.dialled(), 1).awaitClose()).isEqualTo(CloseReason.LOCAL);
        assertThat(probe(pair.accepted(), 1).awaitClose()).isEqualTo(CloseReason.REMOTE);
        get(pair.accepted().close());
    }

    // Addresses

    @Test
    void whereNobodyListensNobodyAnswers() throws Exception {
        String dead = deadAddress();
        assertThat(failure(dialing.dial(dead)).kind()).isEqualTo(ErrorKind.UNREACHABLE);
        assertThat(failure(dialing.dial(dead))).hasMessageContaining(dead);
    }

    @Test
    void nonsenseIsNoAddress() throws Exception {
        for (String address : nonsense()) {
            assertThat(failure(dialing.dial(address)).kind()).as(address).isEqualTo(ErrorKind.CONFIGURATION);
            assertThat(failure(listening.listen(address, accepted::add)).kind())
                    .as(address)
                    .isEqualTo(ErrorKind.CONFIGURATION);
        }
    }

    @Test
    void anAddressCanBeTakenOnceAndAgainAfterItsRelease() throws Exception {
        Pair pair = connect();
        Probe atListener = probe(pair.accepted(), 10);
        probe(pair.dialled(), 10);
        String address = bound.address();
        SyncException taken = failure(dialing.listen(address, accepted::add));
        assertThat(taken.kind()).isEqualTo(ErrorKind.IN_USE);
        assertThat(taken).hasMessageContaining(address);

        bound.close();
        bound.close();
        assertThat(failure(dialing.dial(address)).kind()).isEqualTo(ErrorKind.UNREACHABLE);
        get(pair.dialled().send(Message.text("what was accepted lives on")));
        atListener.await(1);

        Listening again = get(dialing.listen(address, accepted::add));
        assertThat(again.address()).isEqualTo(address);
        Channel own = get(dialing.dial(address));
        probe(own, 0);
        probe(nextAccepted(), 0);
    }

    @Test
    void twoFreshAddressesDiffer() throws Exception {
        Listening other = get(listening.listen(anyAddress(), accepted::add));
        assertThat(other.address()).isNotEqualTo(bound.address());
    }

    @Test
    void anAcceptorThatThrowsLosesTheChannel() throws Exception {
        Listening there = get(listening.listen(anyAddress(), channel -> {
            throw new IllegalStateException("on purpose");
        }));
        Channel dialled = get(dialing.dial(there.address()));
        assertThat(probe(dialled, 1).awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        Pair pair = connect();
        probe(pair.dialled(), 0);
        probe(pair.accepted(), 0);
    }

    @Test
    void manyChannelsShareATransport() throws Exception {
        List<Probe> receivers = new ArrayList<>();
        List<Channel> senders = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Pair pair = connect();
            receivers.add(probe(pair.accepted(), 100));
            probe(pair.dialled(), 0);
            senders.add(pair.dialled());
        }
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 20; i++) {
                get(senders.get(i).send(Message.text(i + "/" + round)));
            }
        }
        for (int i = 0; i < 20; i++) {
            assertSame(receivers.get(i).await(20), texts(i + "/", 20));
        }
    }

    @Test
    void aCancelledDialLeavesNothingOpen() throws Exception {
        CompletableFuture<Channel> dial = dialing.dial(bound.address()).toCompletableFuture();
        if (dial.cancel(true)) {
            Channel arrived = accepted.poll(1, TimeUnit.SECONDS);
            if (arrived != null) {
                assertThat(probe(arrived, 1).awaitClose().failure()).isNotNull();
            }
        } else {
            probe(dial.get(), 0);
        }
    }

    // Transport and provider

    @Test
    void closingATransportEndsAllThatItHas() throws Exception {
        Pair pair = connect();
        Pair unheard = connect();
        Probe atDialler = probe(pair.dialled(), 0);
        Probe atListener = probe(pair.accepted(), 1);
        CompletableFuture<Void> waiting = fill(pair.dialled(), new ArrayList<>());

        long begun = System.nanoTime();
        dialing.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        dialing.close();

        assertThat(atDialler.isClosed()).isTrue();
        assertThat(atDialler.awaitClose().failure().kind()).isEqualTo(ErrorKind.CLOSED);
        assertOver(waiting);
        atListener.request(Long.MAX_VALUE);
        assertThat(atListener.awaitClose().initiator()).isEqualTo(Initiator.FAILURE);
        assertThat(probe(unheard.dialled(), 1).awaitClose().failure().kind()).isEqualTo(ErrorKind.CLOSED);
        assertThat(failure(dialing.dial(bound.address())).kind()).isEqualTo(ErrorKind.CLOSED);
        assertThat(failure(dialing.listen(anyAddress(), accepted::add)).kind()).isEqualTo(ErrorKind.CLOSED);

        String address = bound.address();
        listening.close();
        DialingTransport third = open(MAX, Duration.ofSeconds(20));
        assertThat(get(third.listen(address, accepted::add)).address()).isEqualTo(address);
    }

    @Test
    void closingATransportWaitsForARunningCallbackButNotForEver() throws Exception {
        Pair pair = connect();
        probe(pair.accepted(), 0);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Probe atDialler = kept(Probe.on(pair.dialled(), 1, message -> {
            entered.countDown();
            assertThatCode(() -> leave.await(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .doesNotThrowAnyException();
        }));
        get(pair.accepted().send(Message.text("x")));
        entered.await();

        long begun = System.nanoTime();
        dialing.close();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        leave.countDown();
        assertThat(atDialler.awaitClose().failure().kind()).isEqualTo(ErrorKind.CLOSED);
    }

    @Test
    void theProviderSaysWhoItIs() throws Exception {
        TransportProvider provider = provider();
        assertThat(provider.id()).matches("[a-z0-9-]+");
        assertThat(provider.schemes()).isNotEmpty().allMatch(scheme -> scheme.matches("[a-z][a-z0-9+.-]*"));
        assertThat(provider.schemes())
                .contains(anyAddress().substring(0, anyAddress().indexOf(':')));
        assertThat(provider.features()).contains(TransportFeature.INBOUND_BACKPRESSURE);
        Listening local = get(listening.listen(provider.localAddress(), accepted::add));
        probe(get(dialing.dial(local.address())), 0);
        probe(nextAccepted(), 0);
    }

    @Test
    void bothEndsAgreeOnTheBinding() throws Exception {
        Pair pair = connect();
        probe(pair.dialled(), 0);
        probe(pair.accepted(), 0);
        assertThat(pair.dialled().binding().isPresent())
                .isEqualTo(pair.accepted().binding().isPresent());
        if (pair.dialled().binding().isPresent()) {
            assertThat(pair.dialled().binding().get())
                    .isEqualTo(pair.accepted().binding().orElseThrow())
                    .hasSizeBetween(16, 1024);
        }
        assertThat(pair.dialled().remote()).isNotBlank();
        assertThat(pair.accepted().remote()).isNotBlank();
    }
}
