package dev.livesync.core.connect;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.AddressPolicy;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.PeerInfo.Authentication;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.session.ScriptedPeer;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OffersTest {
    enum Shape {
        DIALLING("memory"),
        SIGNALLING("memory-signal");

        final String id;

        Shape(String id) {
            this.id = id;
        }
    }

    private final World world = new World(2);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
        assertThat(here.subscribers() + there.subscribers()).as("subscriptions").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void offerAcceptConnect(Shape shape) {
        here.put("alice", "apples");
        there.put("bob", "beer");
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        assertThat(a.status()).hasToString("new");
        String offer = world.get(a.offer());
        assertThat(a.status()).hasToString("offering");
        String answer = world.get(b.accept(offer));
        assertThat(b.status()).hasToString("accepting");
        CompletableFuture<Void> early = b.backlog();
        Session session = world.get(a.connect(answer));
        world.get(session.backlog());
        world.get(b.backlog());
        world.get(early);
        assertThat(here.events()).hasSize(2).isEqualTo(there.events());
        assertThat(session.transport()).isEqualTo(shape.id);
        assertThat(session.peer().isAlpha()).isFalse();
        assertThat(session.peer().authentication()).isEqualTo(Authentication.SEALED);
        assertThat(session.peer().features()).contains("hello", "acks", "events");
        assertThat(a.sessions()).containsExactly(session);
        assertThat(b.sessions()).hasSize(1);
        assertThat(a.offerCount()).as("the offer is used up").isZero();
    }

    @ParameterizedTest
    @EnumSource
    void manyOffersAreOpenAndEachFindsItsAnswer(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(world.get(b.accept(world.get(a.offer()))));
        }
        assertThat(a.offerCount()).isEqualTo(20);
        assertThat(answers).doesNotHaveDuplicates();
        for (int i = 19; i >= 0; i--) {
            world.get(a.connect(answers.get(i)));
        }
        assertThat(a.sessions()).hasSize(20);
        assertThat(a.offerCount()).isZero();
        refused(ErrorKind.CONFIGURATION, () -> world.get(a.backlog()));
        for (Session session : b.sessions()) {
            world.get(session.backlog());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplayedAnswerIsRefused(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        OpenOffer proposal = world.get(a.openOffer(shape.id));
        String answer = world.get(b.accept(proposal.text()));
        world.get(a.connect(answer));
        refused(ErrorKind.NOT_FOUND, () -> world.get(a.connect(answer)));
        SyncException again = refused(ErrorKind.NOT_FOUND, () -> world.get(proposal.connect(answer)));
        assertThat(again).hasMessageContaining("its offer was used, withdrawn or too old");
    }

    @ParameterizedTest
    @EnumSource
    void badAnswersLeaveTheOfferUsable(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        OpenOffer first = world.get(a.openOffer(shape.id));
        OpenOffer second = world.get(a.openOffer(shape.id));
        String right = world.get(b.accept(first.text()));
        String other = world.get(b.accept(second.text()));
        refused(ErrorKind.MALFORMED, () -> world.get(a.connect("garbage!")));
        refused(ErrorKind.MALFORMED, () -> world.get(a.connect(right.substring(0, right.length() / 2))));
        refused(ErrorKind.MALFORMED, () -> world.get(a.connect(first.text())));
        refused(ErrorKind.MALFORMED, () -> world.get(first.connect("garbage!")));
        refused(ErrorKind.NOT_FOUND, () -> world.get(first.connect(other)));
        refused(ErrorKind.NOT_FOUND, () -> world.get(b.connect(right)));
        world.get(first.connect(right));
        world.get(second.connect(other));
    }

    /** Somebody changed the secret in the answer on its way. */
    @Test
    void aForgedAnswerFindsNobodyAndLeavesTheOfferUsable() {
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        String offer = world.get(a.offer());
        String answer = world.get(b.accept(offer));
        CompletableFuture<Session> forged = a.connect(reseal(answer));
        world.pass(SyncLimits.defaults().connectTime());
        refused(ErrorKind.TIMEOUT, () -> world.get(forged));
        world.get(a.connect(answer));
    }

    @Test
    void aForgedAnswerOverASignallingTransportIsRefused() {
        Sync a = peer(Shape.SIGNALLING, here);
        Sync b = peer(Shape.SIGNALLING, there);
        String offer = world.get(a.offer());
        String answer = world.get(b.accept(offer));
        refused(ErrorKind.AUTHENTICATION, () -> world.get(a.connect(reseal(answer))));
        world.settle();
        assertThat(a.sessions()).isEmpty();
        assertThat(b.sessions()).isEmpty();
    }

    @Test
    void strippingOurPartFromADiallingAnswerIsRefused() {
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        OpenOffer proposal = world.get(a.openOffer("memory"));
        String answer = world.get(b.accept(proposal.text()));
        String stripped = SignalText.write(read(Signal.Kind.ANSWER, answer).signal(), null)
                .text();
        refused(ErrorKind.MALFORMED, () -> world.get(proposal.connect(stripped)));
        refused(ErrorKind.AUTHENTICATION, () -> world.get(a.connect(stripped)));
        world.get(proposal.connect(answer));
    }

    @ParameterizedTest
    @EnumSource
    void severalMayTakeUpOneOfferAndTheAnswerDecides(Shape shape) {
        Sync a = peer(shape, here);
        String offer = world.get(a.offer());
        List<OpenAnswer> acceptances = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            acceptances.add(world.get(peer(shape, new TestReplica()).openAnswer(offer)));
        }
        Session session = world.get(a.connect(acceptances.get(1).text()));
        world.get(acceptances.get(1).session());
        world.get(session.backlog());
        if (shape == Shape.DIALLING) {
            refused(ErrorKind.NOT_FOUND, () -> world.get(acceptances.get(0).session()));
            refused(ErrorKind.NOT_FOUND, () -> world.get(acceptances.get(2).session()));
        }
        assertThat(a.sessions()).containsExactly(session);
    }

    @Test
    void aNinthCallerOfOneOfferPutsOutTheNewestOfItsAddress() {
        List<String> refused = new ArrayList<>();
        Sync a = add(world.peer(here)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refused.add(remote + " " + why.kind());
                    }
                })
                .build());
        String offer = world.get(a.offer());
        List<OpenAnswer> acceptances = new ArrayList<>();
        Sync b = peer(Shape.DIALLING, there);
        for (int i = 0; i < 9; i++) {
            acceptances.add(world.get(b.openAnswer(offer)));
            world.settle(); // the ninth is who comes ninth
        }
        refused(ErrorKind.REFUSED, () -> world.get(acceptances.get(7).session()));
        assertThat(refused).singleElement().asString().endsWith("#8 REFUSED");
        world.get(a.connect(acceptances.get(8).text()));
    }

    /** Of what it saw it can only repeat the beginning, and change what it can't read. */
    @Test
    void whoSawAFirstMessageFillsNoPlacesWithVariantsOfIt() {
        Sync a = add(world.peer(here)
                .transport(world.network.provider())
                .listenAddress("memory", "memory:fixed")
                .build());
        List<byte[]> wire = new ArrayList<>();
        world.network.faults().onLink(link -> link.tap((side, message) -> wire.add(message.payload())));
        String offer = world.get(a.offer());
        Sync b = peer(Shape.DIALLING, there);
        OpenAnswer first = world.get(b.openAnswer(offer));
        world.settle();
        List<ScriptedPeer> strangers = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            byte[] variant = wire.get(0).clone();
            variant[variant.length - 1 - i] ^= 1;
            strangers.add(ScriptedPeer.dial(world, "memory:fixed").say(Message.binary(variant)));
        }
        OpenAnswer second = world.get(b.openAnswer(offer));
        world.settle();
        assertThat(strangers).as("repeats").allMatch(stranger -> stranger.closed != null);
        assertThat(first.session().toCompletableFuture()).as("the first").isNotDone();
        world.get(a.connect(second.text()));
        strangers.forEach(ScriptedPeer::close);
    }

    /** Its answer is there before it is: it needs no place. */
    @Test
    void whoseAnswerIsWaitedForPutsNobodyOut() {
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        String offer = world.get(a.offer());
        List<OpenAnswer> others = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            others.add(world.get(b.openAnswer(offer)));
            world.settle();
        }
        world.network.faults().onLink(link -> link.hold(Side.DIALER));
        OpenAnswer late = world.get(b.openAnswer(offer));
        CompletableFuture<Session> connecting = a.connect(late.text());
        world.settle();
        world.network.faults().links().get(8).release(Side.DIALER);
        world.get(connecting);
        others.forEach(other -> refused(ErrorKind.NOT_FOUND, () -> world.get(other.session()))); // and not REFUSED
    }

    @ParameterizedTest
    @EnumSource
    void anOfferExpiresOnBothSides(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        OpenOffer proposal = world.get(a.openOffer(shape.id));
        OpenAnswer acceptance = world.get(b.openAnswer(proposal.text()));
        world.pass(Duration.ofMinutes(11));
        refused(ErrorKind.NOT_FOUND, () -> world.get(proposal.connect(acceptance.text())));
        refused(ErrorKind.NOT_FOUND, () -> world.get(a.connect(acceptance.text())));
        SyncException late = refusedAny(() -> world.get(acceptance.session()));
        assertThat(late.kind()).isIn(ErrorKind.TIMEOUT, ErrorKind.NOT_FOUND);
        assertThat(a.offerCount()).isZero();
    }

    @Test
    void theLifetimeIsTheUsers() {
        Sync a = add(world.peer(here)
                .transport(world.network.provider())
                .limits(SyncLimits.builder()
                        .offerLifetime(Duration.ofSeconds(5))
                        .build())
                .build());
        world.get(a.offer());
        world.pass(Duration.ofSeconds(4));
        assertThat(a.offerCount()).isEqualTo(1);
        world.pass(Duration.ofSeconds(2));
        assertThat(a.offerCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void aWithdrawnOfferCannotBeTakenUp(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        OpenOffer proposal = world.get(a.openOffer(shape.id));
        OpenAnswer before = world.get(b.openAnswer(proposal.text()));
        proposal.close();
        proposal.close();
        world.settle();
        refused(ErrorKind.NOT_FOUND, () -> world.get(proposal.connect(before.text())));
        if (shape == Shape.DIALLING) {
            refused(ErrorKind.NOT_FOUND, () -> world.get(before.session()));
            refused(ErrorKind.UNREACHABLE, () -> world.get(b.accept(proposal.text())));
        }
    }

    @ParameterizedTest
    @EnumSource
    void anAnswerCanBeTakenBack(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        OpenOffer proposal = world.get(a.openOffer(shape.id));
        OpenAnswer acceptance = world.get(b.openAnswer(proposal.text()));
        acceptance.close();
        refused(ErrorKind.CANCELLED, () -> world.get(acceptance.session()));
        assertThat(b.sessions()).isEmpty();
        world.settle(); // whoever offers hears of it
        CompletableFuture<Session> connecting = proposal.connect(acceptance.text());
        world.pass(SyncLimits.defaults().connectTime());
        refusedAny(() -> world.get(connecting));
    }

    @Test
    void oneListenerServesAllOffersAndGoesWithTheLast() {
        Sync a = add(world.peer(here)
                .transport(world.network.provider())
                .listenAddress("memory", "memory:fixed")
                .build());
        Sync b = peer(Shape.DIALLING, there);
        OpenOffer first = world.get(a.openOffer("memory"));
        OpenOffer second = world.get(a.openOffer("memory"));
        first.close();
        world.settle();
        world.get(b.accept(second.text()));
        second.close();
        world.settle();
        Sync c = add(world.peer(new TestReplica())
                .transport(world.network.provider())
                .listenAddress("memory", "memory:fixed")
                .build());
        OpenOffer elsewhere = world.get(c.openOffer("memory"));
        refused(ErrorKind.IN_USE, () -> world.get(a.openOffer("memory")));
        elsewhere.close();
        world.settle();
        OpenOffer third = world.get(a.openOffer("memory"));
        world.get(third.connect(world.get(b.accept(third.text()))));
    }

    @Test
    void whatAnOfferNamesIsDialledOnlyIfPolicyPermits() {
        Sync a = peer(Shape.DIALLING, here);
        List<String> asked = new ArrayList<>();
        AddressPolicy policy = address -> {
            asked.add(address);
            return false;
        };
        Sync b = add(world.peer(there)
                .transport(world.network.provider())
                .addressPolicy(policy)
                .build());
        String offer = world.get(a.offer());
        refused(ErrorKind.REFUSED, () -> world.get(b.accept(offer)));
        assertThat(asked).hasSize(1).allMatch(address -> address.startsWith("memory:"));
    }

    @Test
    void everyFailureToReachAnOffersAuthorReadsTheSame() {
        Sync b = peer(Shape.DIALLING, there);
        List<String> messages = new ArrayList<>();
        messages.add(refused(ErrorKind.UNREACHABLE, () -> world.get(b.accept(forge("memory:nobody"))))
                .getMessage());
        for (ErrorKind kind : List.of(ErrorKind.REFUSED, ErrorKind.UNREACHABLE, ErrorKind.AUTHENTICATION)) {
            world.network.faults().refuseDials(kind);
            messages.add(refused(ErrorKind.UNREACHABLE, () -> world.get(b.accept(forge("memory:nobody"))))
                    .getMessage());
        }
        world.network.faults().holdDials();
        CompletableFuture<String> held = b.accept(forge("memory:nobody"));
        world.pass(Duration.ofMinutes(2));
        messages.add(refused(ErrorKind.UNREACHABLE, () -> world.get(held)).getMessage());
        world.network.faults().acceptDials();
        // Somebody listens there, but not for this offer, or with another secret.
        Sync a = peer(Shape.DIALLING, here);
        String address = world.get(a.listen("memory:somebody")).publicAddress();
        CompletableFuture<OpenAnswer> foreign = b.openAnswer(forge(address));
        OpenAnswer acceptance = world.get(foreign);
        refused(ErrorKind.AUTHENTICATION, () -> world.get(acceptance.session()));
        assertThat(messages).hasSize(5).containsOnly(messages.get(0));
    }

    /** Whoever accepts has spoken when the answer is known, and hears nothing before somebody has connected it. */
    @Test
    void aNobodyThatSaysNothingIsWaitedForAsForAnAnswerThatIsNotConnected() {
        world.network.faults().onLink(link -> link.silence());
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        OpenAnswer silent = world.get(b.openAnswer(world.get(a.offer())));
        world.pass(SyncLimits.defaults().offerLifetime());
        refused(ErrorKind.TIMEOUT, () -> world.get(silent.session()));
    }

    @Test
    void offersOfTransportsThatAreNotHereAreRefused() {
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.SIGNALLING, there);
        String offer = world.get(a.offer());
        assertThat(refused(ErrorKind.CONFIGURATION, () -> world.get(b.accept(offer))))
                .hasMessageContaining("transport 'memory' is unknown; there is memory-signal");
        String alphas = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0")), null)
                .text();
        refused(ErrorKind.AUTHENTICATION, () -> world.get(a.accept(alphas)));
        try (Sync open = world.peer(here)
                .transport(world.network.provider())
                .allowAlpha(true)
                .build()) {
            assertThat(refused(ErrorKind.CONFIGURATION, () -> world.get(open.accept(alphas))))
                    .hasMessageContaining("none here recognizes it");
        }
        refused(ErrorKind.CONFIGURATION, () -> world.get(b.listen("memory:x")));
        refused(ErrorKind.MALFORMED, () -> world.get(a.accept(forge("ws://127.0.0.1:1/"))));
        refused(ErrorKind.MALFORMED, () -> world.get(a.accept(forge(null))));
    }

    @Test
    void anOfferOfOnesOwnCanBeAccepted() {
        here.put("a", "b");
        Sync a = peer(Shape.DIALLING, here);
        String answer = world.get(a.accept(world.get(a.offer())));
        Session session = world.get(a.connect(answer));
        world.get(session.backlog());
        world.settle();
        assertThat(session.equal()).isTrue();
        assertThat(a.sessions()).hasSize(2);
        assertThat(here.events()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void connectBeforeTheCallerIsHereWaitsForIt(Shape shape) {
        Sync a = peer(shape, here);
        Sync b = peer(shape, there);
        String offer = world.get(a.offer());
        CompletableFuture<String> accepting = b.accept(offer);
        world.until(accepting::isDone);
        // The answer is known as soon as the proof was sent, whether or not it has arrived.
        world.get(a.connect(accepting.join()));
    }

    @ParameterizedTest
    @EnumSource
    void cancellingLeavesNothingOpen(Shape shape) {
        for (int steps = 0; steps < 60; steps++) {
            Sync a = peer(shape, here);
            Sync b = peer(shape, there);
            CompletableFuture<String> offering = a.offer();
            run(steps);
            offering.cancel(true);
            world.settle();
            assertThat(a.offerCount()).isLessThanOrEqualTo(1);

            String offer = world.get(a.offer());
            CompletableFuture<String> accepting = b.accept(offer);
            run(steps);
            boolean late = !accepting.cancel(true);
            world.settle();
            assertThat(b.status() == SessionStatus.ACCEPTING)
                    .as("after %d steps", steps)
                    .isEqualTo(late);

            String answer = world.get(b.accept(offer));
            CompletableFuture<Session> connecting = a.connect(answer);
            run(steps);
            connecting.cancel(true);
            world.settle();
            assertThat(a.sessions().size()).as("after %d steps", steps).isEqualTo(connecting.isCancelled() ? 0 : 1);
            peers.forEach(world::close);
            peers.clear();
            assertThat(world.network.faults().links())
                    .as("after %d steps", steps)
                    .isEmpty();
            assertThat(world.timers()).as("after %d steps", steps).isZero();
        }
    }

    @Test
    void whatTheTransportEncryptsBetweenTheTwoIsNotSealedAgain() {
        Function<TestReplica, Sync> bound = replica -> add(world.peer(replica)
                .transport(world.network.provider(
                        MemoryConfiguration.builder().binding(true).build()))
                .build());
        Sync a = bound.apply(here);
        Sync b = bound.apply(there);
        Session session = world.get(a.connect(world.get(b.accept(world.get(a.offer())))));
        assertThat(session.peer().authentication()).isEqualTo(Authentication.BOUND);

        world.network.faults().onLink(link -> link.splitBinding());
        Session through = world.get(a.connect(world.get(b.accept(world.get(a.offer())))));
        assertThat(through.peer().authentication()).isEqualTo(Authentication.SEALED);
    }

    @Test
    void tooManyOffersAreRefused() {
        Sync a = add(Tuned.with(Tuned.openOffers(2), world.peer(here))
                .transport(world.network.provider())
                .build());
        world.get(a.offer());
        world.get(a.offer());
        refused(ErrorKind.LIMIT_EXCEEDED, () -> world.get(a.offer()));
    }

    @Test
    void afterTheCloseEverythingIsClosed() {
        Sync a = peer(Shape.DIALLING, here);
        Sync b = peer(Shape.DIALLING, there);
        OpenOffer proposal = world.get(a.openOffer("memory"));
        OpenAnswer acceptance = world.get(b.openAnswer(proposal.text()));
        CompletableFuture<Session> pending = acceptance.session();
        b.close();
        refused(ErrorKind.CLOSED, () -> world.get(pending));
        a.close();
        refused(ErrorKind.CLOSED, () -> world.get(a.offer()));
        refused(ErrorKind.CLOSED, () -> world.get(a.accept(proposal.text())));
        refused(ErrorKind.CLOSED, () -> world.get(a.connect(acceptance.text())));
        refused(ErrorKind.CLOSED, () -> world.get(a.listen("memory:x")));
        refused(ErrorKind.CLOSED, () -> world.get(a.dial("memory:x#" + "G".repeat(22))));
        assertThat(a.status()).hasToString("destroyed");
    }

    private void run(int steps) {
        for (int i = 0; i < steps; i++) {
            world.step();
        }
    }

    private Sync peer(Shape shape, TestReplica replica) {
        return add(shape == Shape.DIALLING ? world.dialling(replica) : world.signalling(replica));
    }

    private Sync add(Sync sync) {
        peers.add(sync);
        return sync;
    }

    /** An offer that somebody else made up. */
    private String forge(String address) {
        return SignalText.write(
                        new Signal(Signal.Kind.OFFER, Map.of()),
                        new Extension(
                                "AAAAAAAAAAAAAAAAAAAAAA", "memory", Secret.generate(world.random), List.of(), address))
                .text();
    }

    /** The same answer with another secret. */
    private String reseal(String answer) {
        SignalText text = read(Signal.Kind.ANSWER, answer);
        Extension e = Objects.requireNonNull(text.extension());
        return SignalText.write(
                        text.signal(),
                        new Extension(e.id(), e.transport(), Secret.generate(world.random), e.features(), e.address()))
                .text();
    }

    private static SignalText read(Signal.Kind kind, String text) {
        return SignalText.read(kind, text, 65_536);
    }

    private static SyncException refusedAny(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(call);
        assertThat(thrown).isInstanceOf(SyncException.class);
        return (SyncException) thrown;
    }
}
