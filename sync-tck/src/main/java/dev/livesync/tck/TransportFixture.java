package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Where.Shape;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Two transports of the provider under test, what connects them whatever their shape, and the search for what they leave
 * behind. All of it comes into being only when a test asks.
 */
final class TransportFixture {
    /** Far below what transports take, far above what they send in one piece. */
    static final int MAX = 64 * 1024;

    /** More bytes than stand before a message on a wire, in whatever it is wrapped. */
    static final int HEADER = 24;

    static final int SOAK_SEEDS = 200;

    /** Wires cut at the same time, of those that a soak cuts. */
    static final int CUT_AT_ONCE = 20;

    /** How many bytes a transport may take with nobody reading before a send has to wait. */
    static final int FLOOD = 96 << 20;

    /** The same for messages without any; the headers of so many fill what an operating system holds. */
    static final int FLOOD_OF_EMPTY = 4_000_000;

    private final TransportTck kit;
    private final boolean texts;
    private final List<TestContext> contexts = new ArrayList<>();
    private final List<Transport> transports = new ArrayList<>();
    private final IdentityHashMap<Transport, TestContext> contextOf = new IdentityHashMap<>();
    private final List<Probe> probes = new ArrayList<>();
    private final BlockingQueue<Channel> accepted = new LinkedBlockingQueue<>();
    private @Nullable TransportProvider provider;
    private @Nullable TransportProvider peerProvider;
    private @Nullable Transport near;
    private @Nullable Transport far;
    private @Nullable Listening bound;
    private final List<Faults> wires = new ArrayList<>();
    private @Nullable Faults wire;
    private @Nullable Leaks leaks;
    private @Nullable Scenario scenario;

    /**
     * A fixture with nothing in it.
     *
     * @param texts whether peers of a scenario speak in texts and CARs, as before the native dialect
     */
    TransportFixture(TransportTck kit, boolean texts) {
        this.kit = kit;
        this.texts = texts;
    }

    /** Whether peers speak in texts. */
    boolean inTexts() {
        return texts;
    }

    /** The fixture of the test that a rule is run in. */
    static TransportFixture of(Object rules) {
        return ((TransportTck) rules).fixture();
    }

    Patience patience() {
        return kit.patience();
    }

    // What the implementer says.

    TransportProvider provider() {
        return kit.provider();
    }

    String address() {
        return kit.address();
    }

    boolean asksForEncryption() {
        return kit.asksForEncryption();
    }

    List<String> unusableAddresses() {
        return kit.unusableAddresses();
    }

    // Who is tested.

    TransportProvider under() {
        TransportProvider known = provider;
        if (known == null) {
            known = provider();
            provider = known;
        }
        return known;
    }

    TransportProvider peerUnder() {
        TransportProvider known = peerProvider;
        if (known == null) {
            known = kit.peerProvider();
            peerProvider = known;
        }
        return known;
    }

    String subject() {
        return under().id();
    }

    Map<String, String> facts() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("shape", shape().toString().toLowerCase(java.util.Locale.ROOT));
        facts.put(
                "features", under().features().stream().map(Enum::name).sorted().collect(Collectors.joining(", ")));
        facts.put("schemes", under().schemes().stream().sorted().collect(Collectors.joining(", ")));
        Module module = under().getClass().getModule();
        facts.put("loaded from", module.isNamed() ? "module " + module.getName() : "the class path");
        return facts;
    }

    Shape shape() {
        return under().schemes().isEmpty() ? Shape.SIGNALLING : Shape.DIALLING;
    }

    boolean can(TransportFeature feature) {
        return under().features().contains(feature);
    }

    @Nullable
    String whyNot(Method test) {
        Where where = test.getAnnotation(Where.class);
        if (where == null) {
            return null;
        }
        for (Shape shape : where.shape()) {
            if (shape != shape()) {
                return "only for the shape " + shape;
            }
        }
        for (TransportFeature feature : where.with()) {
            if (!can(feature)) {
                return "only with " + feature;
            }
        }
        for (TransportFeature feature : where.without()) {
            if (can(feature)) {
                return "only without " + feature;
            }
        }
        return null;
    }

    // Before and after.

    void begin() {
        leaks = new Leaks(kit::isShared);
    }

    List<RuleViolation> finish() throws Exception {
        Scenario played = scenario;
        if (played != null) {
            played.close();
        }
        List<RuleViolation> found = new ArrayList<>();
        for (Transport transport : transports) {
            CompletableFuture<Void> closed = closing(transport);
            if (!isOver(closed, patience().scaled(8_000))) {
                found.add(RuleViolation.of("T7.11", "Transport.close did not return", "", null));
            } else if (closed.isCompletedExceptionally()) {
                Throwable thrown = closed.handle((done, e) -> e).join();
                found.add(RuleViolation.of("T7.11", "Transport.close threw " + thrown, "it can be repeated", thrown));
            }
        }
        for (Probe probe : probes) {
            if (!probe.isClosed() && !probe.isMissed() && found.isEmpty()) {
                found.add(RuleViolation.of(
                        "T7.11",
                        "the channel to " + probe.channel().remote() + " had not reported its close when"
                                + " Transport.close returned",
                        "abort every channel in close(), and wait for its onClosed",
                        null));
            }
            probe.violations()
                    .forEach(each -> found.add(RuleViolation.of(each.rule(), each.what(), each.check(), null)));
        }
        wires.forEach(Faults::close);
        Leaks looked = leaks;
        if (looked != null) {
            List<String> threads = looked.newThreads(patience().scaled(4_000));
            if (!threads.isEmpty()) {
                found.add(RuleViolation.of(
                        "T10.1",
                        "threads left after Transport.close: " + threads,
                        "end them in close(); threads that a library keeps for the process go into isShared()",
                        null));
            }
            List<Throwable> escaped = new ArrayList<>(looked.uncaught());
            contexts.forEach(context -> escaped.addAll(context.escaped()));
            if (!escaped.isEmpty()) {
                found.add(RuleViolation.of(
                        "T10.2",
                        "nobody caught " + escaped,
                        "what a task, a timer or a thread throws has to end its channel, with a reason",
                        escaped.get(0)));
            }
            looked.close();
        }
        contexts.forEach(TestContext::close);
        return found;
    }

    /** Closes a transport on a thread of its own: it may take its time, and it may throw. */
    static CompletableFuture<Void> closing(Transport transport) {
        return Leaks.call("closer", () -> {
            transport.close();
            return null;
        });
    }

    // Opening and connecting.

    /** Databases that sync over the transport. */
    Scenario scenario() {
        Scenario known = scenario;
        if (known == null) {
            known = new Scenario(this);
            scenario = known;
        }
        return known;
    }

    TestContext.ContextLimits limits() {
        return limits(MAX);
    }

    TestContext.ContextLimits limits(int maxMessageBytes) {
        Duration ample = patience().await().multipliedBy(2);
        return TestContext.ContextLimits.of(maxMessageBytes, ample, ample);
    }

    Transport open(TransportProvider from, TestContext.ContextLimits limits) {
        return open(from, limits, context -> {});
    }

    /** With a context that is out of the ordinary. */
    Transport open(TransportProvider from, TestContext.ContextLimits limits, Consumer<TestContext> prepare) {
        TestContext context = new TestContext(limits);
        contexts.add(context);
        prepare.accept(context);
        Transport transport = from.open(context);
        transports.add(transport);
        contextOf.put(transport, context);
        return transport;
    }

    /** What one of the transports was lent. */
    TestContext context(Transport transport) {
        return require(contextOf.get(transport), "the context of a transport that was opened here");
    }

    /** Dials or proposes. */
    Transport near() {
        Transport known = near;
        if (known == null) {
            known = open(under(), limits());
            near = known;
        }
        return known;
    }

    /** Listens or accepts. */
    Transport far() {
        Transport known = far;
        if (known == null) {
            known = open(peerUnder(), limits());
            far = known;
        }
        return known;
    }

    Listening bound() throws Exception {
        Listening known = bound;
        if (known == null) {
            known = get(dialing(far()).listen(address(), accepted::add));
            bound = known;
        }
        return known;
    }

    static DialingTransport dialing(Transport transport) {
        return (DialingTransport) transport;
    }

    static SignallingTransport signalling(Transport transport) {
        return (SignallingTransport) transport;
    }

    Pair connect() throws Exception {
        return connect(near(), far());
    }

    Pair connect(Transport from, Transport to) throws Exception {
        return connect(from, to, null);
    }

    /** With the faults in between. */
    Pair connectThrough(Faults wire) throws Exception {
        return connect(near(), far(), wire);
    }

    Pair connect(Transport from, Transport to, @Nullable Faults wire) throws Exception {
        if (from instanceof DialingTransport) {
            BlockingQueue<Channel> arrivals = to == far ? accepted : new LinkedBlockingQueue<>();
            Listening at = to == far ? bound() : get(dialing(to).listen(address(), arrivals::add));
            Channel dialled = get(dialing(from).dial(wire == null ? at.address() : wire.through(at.address())));
            return new Pair(dialled, next(arrivals));
        }
        SignallingTransport.Offer offer = get(signalling(from).offer());
        Signal offered = wire == null ? offer.signal() : wire.through(offer.signal());
        SignallingTransport.Answer answer = get(signalling(to).accept(offered));
        Signal answered = wire == null ? answer.signal() : wire.through(answer.signal());
        Channel proposed = get(offer.connect(answered));
        return new Pair(proposed, get(answer.channel()));
    }

    /** With a listener of its own, so that nobody else's channel is taken for this one's end. */
    Pair connectApart(Faults wire) throws Exception {
        if (!(near() instanceof DialingTransport dialing)) {
            return connectThrough(wire);
        }
        BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
        Listening at = get(dialing(far()).listen(address(), arrivals::add));
        Channel dialled = get(dialing.dial(wire.through(at.address())));
        return new Pair(dialled, next(arrivals));
    }

    Channel nextAccepted() throws InterruptedException {
        return next(accepted);
    }

    BlockingQueue<Channel> accepted() {
        return accepted;
    }

    private Channel next(BlockingQueue<Channel> arrivals) throws InterruptedException {
        Channel channel = arrivals.poll(patience().await().toMillis(), TimeUnit.MILLISECONDS);
        return require(channel, "a channel at the acceptor");
    }

    static <T> T require(@Nullable T value, String what) {
        assertNotNull(value, what);
        return java.util.Objects.requireNonNull(value);
    }

    /** The wire's faults; the test's verdict is a failure where there are none. */
    Faults wire() {
        Faults known = wire;
        if (known == null) {
            known = anotherWire();
            wire = known;
        }
        return known;
    }

    /** One more, beside those that were asked for before. */
    Faults anotherWire() {
        Faults made = require(kit.faults(), "a way to break the wire: override faults()");
        wires.add(made);
        return made;
    }

    // Listening.

    Probe probe(Channel channel, long demand) {
        return probe(channel, demand, message -> {});
    }

    Probe probe(Channel channel, long demand, Consumer<Message> reaction) {
        Probe probe = idle(channel, reaction);
        channel.start(probe);
        if (demand > 0) {
            probe.request(demand);
        }
        return probe;
    }

    /** A probe that is not started yet. */
    Probe idle(Channel channel, Consumer<Message> reaction) {
        Probe probe = new Probe(channel, patience().await(), reaction);
        probes.add(probe);
        return probe;
    }

    // Waiting.

    <T> T get(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get(patience().await().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError(
                    "a stage was still pending after " + patience().await(), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof SyncException cause ? cause : e;
        }
    }

    /** How a stage fails: with a SyncException, directly, in one line. */
    SyncException failure(CompletionStage<?> stage) throws Exception {
        CompletableFuture<@Nullable Throwable> seen = new CompletableFuture<>();
        var unused = stage.whenComplete((value, e) -> seen.complete(e));
        Throwable e = get(seen);
        assertNotNull(e, "it succeeded; a failure was expected");
        if (!(e instanceof SyncException failure) || e instanceof CompletionException) {
            throw RuleViolation.of("T8.6", "a stage failed with " + e, "fail stages with SyncException, unwrapped", e);
        }
        String message = String.valueOf(failure.getMessage());
        if (message.isBlank() || message.contains("\n")) {
            throw RuleViolation.of("T8.6", "the message is not one line: '" + message + "'", "", e);
        }
        return failure;
    }

    void assertFails(ErrorKind kind, CompletionStage<?> stage, String what) throws Exception {
        assertEquals(kind, failure(stage).kind(), what);
    }

    /** Whether a stage completes, well or not, while the kit watches. */
    boolean isOver(CompletionStage<?> stage, Duration time) throws InterruptedException {
        try {
            stage.toCompletableFuture().get(time.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException | java.util.concurrent.CancellationException e) {
            return true;
        }
    }

    /** A send that was outstanding when its channel ended: it failed, unless it was over just before. */
    void assertOver(CompletionStage<Void> send) throws Exception {
        Throwable e = get(send.handle((done, failure) -> failure));
        if (e != null) {
            SyncException failure = (SyncException) e;
            assertTrue(
                    failure.kind() == ErrorKind.CLOSED || failure.kind() == ErrorKind.DISCONNECTED,
                    "an outstanding send fails with CLOSED or DISCONNECTED, not " + failure.kind());
        }
    }

    void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(patience().await().toMillis(), TimeUnit.MILLISECONDS), "the test goes on");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Completes when some time has passed. */
    CompletableFuture<Void> later(Duration time) {
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(time.toNanos(), TimeUnit.NANOSECONDS, Runnable::run));
    }

    /** How many timers the transports have set that have not fired and were not cancelled. */
    int timers() {
        return contexts.stream().mapToInt(TestContext::timers).sum();
    }

    /** Waits for a condition. */
    void eventually(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience().await().toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + patience().await() + ": " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    /** Watches for a while that something does not happen. */
    void never(String what, java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + patience().silence().toNanos();
        while (System.nanoTime() < deadline) {
            if (condition.getAsBoolean()) {
                throw new AssertionError(what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    // Sending.

    void sendAll(Channel channel, List<Message> messages) throws Exception {
        for (Message message : messages) {
            get(channel.send(message));
        }
    }

    /** On a thread of its own: sends may have to wait for requests that the test makes later. */
    CompletableFuture<Void> sendAside(Channel channel, List<Message> messages) {
        return Leaks.call("sender", () -> {
            sendAll(channel, messages);
            return null;
        });
    }

    /** Sends until all are sent or one waits, for a peer that does not read yet; returns those that were sent. */
    List<Message> sendWhileThereIsRoom(Channel channel, List<Message> messages) throws InterruptedException {
        int sent = 0;
        boolean room = true;
        while (room && sent < messages.size()) {
            room = isOver(channel.send(messages.get(sent++)), patience().silence());
        }
        return messages.subList(0, sent);
    }

    /** The largest message that either side sends. */
    static int most(Pair pair) {
        return Math.min(MAX, Math.min(pair.near().maxMessageBytes(), pair.far().maxMessageBytes()));
    }

    /** Sends until a send waits; returns it. It may still complete later: an operating system finds a little more room. */
    CompletableFuture<Void> fill(Channel channel, List<Message> sent) throws InterruptedException {
        return fill(channel, sent, Integer.MAX_VALUE);
    }

    /** The same, with no more than some messages; the last send may not have to wait. */
    CompletableFuture<Void> fill(Channel channel, List<Message> sent, int most) throws InterruptedException {
        int size = Math.min(MAX, channel.maxMessageBytes());
        for (long taken = size; ; taken += size) {
            byte[] bytes = new byte[size];
            bytes[0] = (byte) sent.size();
            Message message = Message.binary(bytes);
            CompletableFuture<Void> stage = channel.send(message).toCompletableFuture();
            sent.add(message);
            assertTrue(taken < FLOOD, taken + " bytes were taken with nobody reading, in messages of " + size);
            if (waits(stage) || sent.size() >= most) {
                return stage;
            }
        }
    }

    /** Whether a send waits. Many short waits: a machine that stands still for a while makes only one of them long. */
    boolean waits(CompletionStage<Void> send) throws InterruptedException {
        for (int i = 0; i < 20; i++) {
            if (isOver(send, patience().scaled(15))) {
                return false;
            }
        }
        return true;
    }
}
