package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.dialing;
import static dev.livesync.tck.TransportFixture.signalling;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** T12: applications are not all alike. */
interface SurroundingRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(
            value = "T12.1",
            check =
                    "Thread.getContextClassLoader() may be null: look for classes and services with a class's own loader",
            needs = {"T4.1", "T7.3"})
    default void noContextClassLoaderIsNeeded() throws Exception {
        CompletableFuture<Void> used = Leaks.call("no class loader", () -> {
            Thread.currentThread().setContextClassLoader(null);
            works("without a context class loader", TestContext::withoutClassLoader);
            return null;
        });
        kit().get(used);
    }

    @Rule(
            value = "T12.2",
            check = "toLowerCase, toUpperCase and String.format: with Locale.ROOT, in whatever a program reads",
            needs = {"T2.2", "T3.2", "T4.1", "T7.3"})
    default void theDefaultLocaleDoesNotMatter() throws Exception {
        String id = kit().under().id();
        try (DefaultLocale locale = DefaultLocale.borrow()) {
            // A lower-case I without a dot, and digits that are not ASCII's.
            for (String tag : List.of("tr-TR", "ar-EG-u-nu-arab")) {
                locale.set(tag);
                assertEquals(id, kit().provider().id(), "the id where the default locale is " + tag);
                works("where the default locale is " + tag, context -> {});
            }
        }
    }

    @Rule(
            value = "T12.5",
            check = "String.getBytes, new String, readers and writers: name the charset, StandardCharsets.UTF_8 mostly",
            needs = {"T2.2", "T3.2", "T4.1", "T7.3"})
    default void theDefaultCharsetDoesNotMatter() throws Exception {
        String failure =
                CharsetProbe.failure(kit().under(), kit().patience().await().multipliedBy(3));
        assertNull(failure, "what goes wrong where the default charset is another one");
    }

    private void works(String where, Consumer<TestContext> prepared) throws Exception {
        Conversation.hold(kit(), where, prepared);
    }

    @Rule(
            value = "T12.3",
            check = "an executor that is busy: keep what came and what is to be called, wait for nothing in a call",
            needs = {"T4.3", "T6.4", "T7.3"})
    default void aBusyExecutorCostsTimeAndNothingElse() throws Exception {
        Pair pair = kit().connect();
        Probe atNear = kit().probe(pair.near(), 100);
        Probe atFar = kit().probe(pair.far(), 100);
        List<Message> sent = texts("m", 20);
        CompletableFuture<CompletionStage<Void>> calls;
        CompletableFuture<Pair> connecting;
        List<Runnable> releases = new ArrayList<>();
        try {
            releases.add(kit().context(kit().near()).occupy());
            releases.add(kit().context(kit().far()).occupy());
            calls = Leaks.call("caller", () -> {
                pair.near().request(1);
                pair.far().request(1);
                return sendOneByOne(pair.near(), sent, 0);
            });
            assertTrue(
                    kit().isOver(calls, kit().patience().await()),
                    "a call of request() or send() did not return while the executor's threads were busy");
            connecting = Leaks.call("connecting", kit()::connect);
            kit().never("a channel ended because the executor was busy", () -> atNear.isClosed() || atFar.isClosed());
        } finally {
            releases.forEach(Runnable::run);
        }
        kit().get(kit().get(calls));
        assertMessages(sent, atFar.await(sent.size()));
        Pair late = kit().get(connecting);
        kit().probe(late.near(), 0);
        kit().probe(late.far(), 0);
        kit().get(pair.near().close());
        atFar.awaitClose();
    }

    private static CompletionStage<Void> sendOneByOne(Channel channel, List<Message> messages, int next) {
        return next == messages.size()
                ? CompletableFuture.completedFuture(null)
                : channel.send(messages.get(next)).thenCompose(done -> sendOneByOne(channel, messages, next + 1));
    }

    @Rule(
            value = "T12.4",
            check = "what the executor refuses: catch RejectedExecutionException, and tell the end on another thread",
            needs = {"T7.3", "T7.8", "T10.2"})
    default void anExecutorThatRefusesLeavesNothingPending() throws Exception {
        List<Pair> pairs = new ArrayList<>();
        List<Probe> atNear = new ArrayList<>();
        List<Probe> atFar = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Pair pair = kit().connect();
            pairs.add(pair);
            atNear.add(kit().probe(pair.near(), 10));
            atFar.add(kit().probe(pair.far(), 10));
        }
        Listening there = kit().shape() == Where.Shape.DIALLING
                ? kit().get(dialing(kit().near()).listen(kit().address(), kit().accepted()::add))
                : null;
        kit().context(kit().near()).refuse();
        for (Pair pair : pairs) {
            // It may still come to the listener, or end the channel.
            var unused = pair.far().send(Message.text("to somebody whose executor refuses"));
            assertTrue(
                    kit().isOver(
                                    pair.near().send(Message.text("from there")),
                                    kit().patience().await()),
                    "a send stayed pending when the executor took no more tasks");
        }
        var closed = pairs.get(0).near().close();
        var unused = pairs.get(1).far().close();
        pairs.get(2).near().abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        kit().get(closed);
        for (int i = 0; i < pairs.size(); i++) {
            CloseReason reason = atNear.get(i).awaitClose();
            SyncException failure = reason.failure();
            assertTrue(
                    failure == null || !String.valueOf(failure.getMessage()).isBlank(),
                    "the end has no reason that can be read: " + reason);
            atFar.get(i).awaitClose();
        }
        for (CompletionStage<?> attempt : attempts(there)) {
            assertTrue(
                    kit().isOver(attempt, kit().patience().await()),
                    "an attempt to connect stayed pending when the executor took no more tasks");
            Throwable failure = kit().get(attempt.handle((made, e) -> e));
            assertTrue(
                    failure == null || failure instanceof SyncException,
                    "an attempt to connect failed with " + failure + " when the executor took no more tasks");
        }
    }

    /** To connect from there, and to there. */
    private List<CompletionStage<?>> attempts(@Nullable Listening there) throws Exception {
        return there == null
                ? List.of(signalling(kit().near()).offer())
                : List.of(
                        dialing(kit().near()).dial(kit().bound().address()),
                        dialing(kit().near()).listen(kit().address(), kit().accepted()::add),
                        dialing(kit().far()).dial(there.address()));
    }
}
