package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.Tuned;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which an attempt or a session ends has the kinds, on both sides, that {@code docs/errors.md} says. */
class EndingsTest {
    private static final Path PAGE = Path.of("..", "docs", "errors.md");
    private static final int PLACES = 8;
    private static final String OK = "ok";
    private static final String NOBODY = "–";

    /** What each side saw. */
    private record Seen(String here, String there) {}

    private interface Way {
        Seen end(EndingsTest test);
    }

    private static final Map<String, Way> WAYS = new LinkedHashMap<>();

    static {
        way("nobody listens at the address", t -> t.here(t.caller().dial("memory:nowhere#" + "A".repeat(43))));
        way("the secret is wrong", t -> t.both(t.caller().dial("memory:door", "A".repeat(43))));
        way("whoever listens doesn't know the secret", EndingsTest::impostor);
        way("the listener is killed before its answer", t -> t.cut(Side.LISTENER, 0));
        way("the caller is killed before its first message", t -> t.cut(Side.DIALER, 0));
        way("the caller is killed before its confirmation", t -> t.cut(Side.DIALER, 1));
        way("too many callers have proved nothing yet", EndingsTest::tooManyCallers);
        way("no first message comes in time", t -> t.late(0));
        way("no confirmation comes in time", t -> t.late(1));
        way("the listener is of an older version", EndingsTest::laterVersion);
        way("the caller speaks no LiveSync", EndingsTest::stranger);
        way("the listener is closed meanwhile", t -> t.meanwhile(dialling -> t.endpoint.close()));
        way("the listener's Sync is closed meanwhile", t -> t.meanwhile(dialling -> t.world.closeAbruptly(t.listener)));
        way("the caller's Sync is closed meanwhile", t -> t.meanwhile(dialling -> t.world.closeAbruptly(t.caller())));
        way("the dial is cancelled", t -> t.meanwhile(dialling -> dialling.cancel(true)));
        way(
                "another answer to the offer was connected",
                t -> t.offered((proposal, acceptance) -> {
                    OpenAnswer other = t.world.get(t.peer(t.spare).openAnswer(proposal.text()));
                    t.world.get(proposal.connect(other.text()));
                }));
        way("the offer is withdrawn", t -> t.offered((proposal, acceptance) -> proposal.close()));
        way(
                "the offer's lifetime is over",
                t -> t.offered((proposal, acceptance) -> {
                    // Its answer came a minute after it, and has its own ten.
                    t.world.pass(Duration.ofMinutes(9).plusSeconds(1));
                }));
        way("too many have accepted one offer", EndingsTest::tooManyAcceptances);
        way(
                "the proposer is killed before it connects the answer",
                t -> t.offered(
                        (proposal, acceptance) -> t.world.network.faults().cutAll()));
        way(
                "a signal came without LiveSync's part, and alphas are not allowed",
                t -> t.here(t.caller()
                        .openAnswer(SignalText.write(new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0")), null)
                                .text())));
        way("the address policy forbids the offer's address", EndingsTest::forbidden);

        way("closed here", t -> t.session(session -> t.world.close(session)));
        way("closed there", t -> t.session(session -> t.world.close(t.other())));
        way(
                "closed on both sides at once",
                t -> t.session(session -> {
                    t.world.close(session);
                    t.world.close(t.other());
                }));
        way("the listener's Sync is closed", t -> t.session(session -> t.world.close(t.listener)));
        way(
                "closed here, and the last write could not be delivered",
                t -> t.session(session -> {
                    t.world.network.faults().links().forEach(MemoryLink::silence);
                    t.there.put("last", "1");
                    t.world.close(session);
                    t.world.pass(Duration.ofMinutes(5));
                }));
        way("aborted here", t -> t.session(Session::abort));
        way("aborted there", t -> t.session(session -> t.other().abort()));
        way(
                "the connection breaks, or a process is killed",
                t -> t.session(session -> t.world.network.faults().cutAll()));
        way(
                "neither hears of the other any more",
                t -> t.session(session -> {
                    t.world.network.faults().links().forEach(MemoryLink::silence);
                    t.world.pass(Duration.ofMinutes(5));
                }));
        way("the peer breaks the protocol", EndingsTest::breaksTheProtocol);
        way(
                "somebody in between makes a message up",
                t -> t.session(session -> t.world
                        .network
                        .faults()
                        .links()
                        .forEach(link -> link.inject(Side.DIALER, Message.binary(new byte[] {1})))));
        way("a document is over the limit there", t -> t.session(session -> t.there.put("big", "x".repeat(200_000))));
        broken("the disk there is full", ErrorKind.STORAGE);
        broken("the files there are damaged", ErrorKind.CORRUPT);
        broken("the database there is closed", ErrorKind.CLOSED);
        broken("code that was plugged in there fails", ErrorKind.INTERNAL);
    }

    private static void way(String what, Way way) {
        WAYS.put(what, way);
    }

    private static void broken(String what, ErrorKind kind) {
        way(
                what,
                t -> t.session(session -> {
                    t.here.breakDown(new SyncException(kind, "the test breaks it"));
                    t.there.put("more", "1");
                }));
    }

    private final World world = new World(11);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final TestReplica spare = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();
    private final List<ScriptedPeer> strangers = new ArrayList<>();
    private final List<String> toldThere = new ArrayList<>();
    private Sync listener;
    private Endpoint endpoint;
    private Sync caller;

    static List<String> ways() {
        return List.copyOf(WAYS.keySet());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("ways")
    void bothSidesSeeWhatThePageSays(String what) throws IOException {
        open();
        Seen seen = WAYS.get(what).end(this);
        String again = seen.here().equals(OK) || seen.here().equals(NOBODY) ? NOBODY : again(seen.here());
        assertThat(page().get(what))
                .as("the row of docs/errors.md: %s", what)
                .isEqualTo(List.of(seen.here(), seen.there(), again));
    }

    @Test
    void thePageHasTheseWaysAndNoOthers() throws IOException {
        assertThat(page().keySet()).containsExactlyElementsOf(WAYS.keySet());
    }

    private static String again(String kind) {
        return ErrorKind.valueOf(kind).isTransient() ? "yes" : "no";
    }

    private static Map<String, List<String>> page() throws IOException {
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (String line : Files.readAllLines(PAGE)) {
            String[] cells = line.split("\\|");
            if (line.startsWith("| ") && cells.length == 5 && !cells[1].contains("what happens")) {
                rows.put(
                        cells[1].trim(),
                        Arrays.stream(cells, 2, 5).map(String::trim).toList());
            }
        }
        return rows;
    }

    @AfterEach
    void nothingIsLeftOpen() {
        strangers.forEach(ScriptedPeer::close);
        peers.forEach(world::close);
        world.settle();
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    // ---- the ways

    private void open() {
        here.put("a", "1");
        listener = add(Tuned.with(Tuned.unproved(PLACES), world.peer(here))
                .transport(world.network.provider())
                .limits(SyncLimits.builder()
                        .maxDocumentBytes(100_000)
                        .deliveryTime(Duration.ofMillis(20))
                        .closeTime(Duration.ofMillis(20))
                        .build())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        toldThere.add(why.kind().name());
                    }

                    @Override
                    public void sessionClosed(Session session, SyncException failure) {
                        toldThere.add(failure == null ? OK : failure.kind().name());
                    }
                })
                .build());
        endpoint = world.get(listener.listen("memory:door"));
    }

    private Seen impostor() {
        ScriptedPeer impostor = ScriptedPeer.listen(world, "memory:impostor");
        strangers.add(impostor);
        CompletableFuture<Session> dialling = caller().dial("memory:impostor#" + "A".repeat(43));
        world.settle();
        impostor.say(Message.binary(new byte[100]));
        return here(dialling);
    }

    private Seen cut(Side side, int messages) {
        world.network.faults().onLink(link -> link.cutAfter(side, messages));
        return both(caller().dial(endpoint.address()));
    }

    private Seen tooManyCallers() {
        // They have said something, and don't go on.
        world.network.faults().onLink(link -> link.hold(Side.LISTENER));
        List<CompletableFuture<Session>> stuck = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            stuck.add(caller().dial(endpoint.address()));
        }
        world.settle();
        world.network.faults().onLink(link -> {});
        Seen seen = both(caller().dial(endpoint.address()));
        stuck.forEach(dialling -> dialling.cancel(true));
        world.settle();
        return seen;
    }

    private Seen late(int messages) {
        world.network.faults().onLink(messages == 0 ? MemoryLink::silence : link -> link.hold(Side.DIALER));
        CompletableFuture<Session> dialling = caller().dial(endpoint.address());
        world.settle();
        world.network.faults().links().forEach(link -> link.release(Side.DIALER, messages));
        world.pass(Duration.ofSeconds(11));
        // Whoever dialled has a session once the listener has answered.
        Seen seen = both(dialling.thenCompose(Session::closed));
        world.network.faults().links().forEach(link -> link.release(Side.DIALER));
        return seen;
    }

    private Seen laterVersion() {
        byte[] first = new byte[100];
        first[0] = 2;
        ScriptedPeer later = stranger(Message.binary(first));
        return new Seen(heard(later), last());
    }

    private Seen stranger() {
        ScriptedPeer other = stranger(Message.text("GET / HTTP/1.1"));
        return new Seen(heard(other), last());
    }

    private Seen breaksTheProtocol() {
        try (SealedPeer peer = SealedPeer.dial(world, endpoint.address())) {
            peer.say(Message.binary(new byte[] {1}));
            return new Seen(kindIn(peer.heard()), last());
        }
    }

    private Seen meanwhile(Consumer<CompletableFuture<Session>> then) {
        world.network.faults().onLink(link -> link.hold(Side.LISTENER));
        CompletableFuture<Session> dialling = caller().dial(endpoint.address());
        world.settle();
        then.accept(dialling);
        world.settle();
        world.network.faults().links().forEach(link -> link.release(Side.LISTENER));
        return both(dialling);
    }

    private interface Meeting {
        void then(OpenOffer proposal, OpenAnswer acceptance);
    }

    private Seen offered(Meeting meeting) {
        OpenOffer proposal = world.get(listener.openOffer("memory"));
        world.pass(Duration.ofMinutes(1));
        OpenAnswer acceptance = world.get(caller().openAnswer(proposal.text()));
        meeting.then(proposal, acceptance);
        world.settle();
        return here(acceptance.session());
    }

    /** The ninth has the place of the eighth. */
    private Seen tooManyAcceptances() {
        OpenOffer proposal = world.get(listener.openOffer("memory"));
        List<CompletableFuture<Session>> sessions = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            sessions.add(world.get(caller().openAnswer(proposal.text())).session());
            world.settle();
        }
        return both(sessions.get(7));
    }

    private Seen forbidden() {
        Sync careful = add(world.peer(spare)
                .transport(world.network.provider())
                .addressPolicy(address -> false)
                .build());
        return here(careful.accept(world.get(listener.offer())));
    }

    private Seen session(Consumer<Session> end) {
        Session session = world.get(caller().dial(endpoint.address()));
        world.get(session.awaitEqual());
        world.settle();
        end.accept(session);
        world.settle();
        return both(session.closed());
    }

    // ---- what was seen

    private Seen here(CompletableFuture<?> outcome) {
        return new Seen(kind(outcome), NOBODY);
    }

    private Seen both(CompletableFuture<?> outcome) {
        String kind = kind(outcome);
        return new Seen(kind, last());
    }

    private String last() {
        world.settle();
        return toldThere.isEmpty() ? NOBODY : toldThere.get(toldThere.size() - 1);
    }

    private String kind(CompletableFuture<?> outcome) {
        CompletableFuture<?> future = outcome;
        world.until(future::isDone);
        assertThat(future).as("the outcome here").isDone();
        try {
            future.join();
            return OK;
        } catch (CancellationException e) {
            return ErrorKind.CANCELLED.name();
        } catch (CompletionException e) {
            return ((SyncException) e.getCause()).kind().name();
        }
    }

    /** What a stranger is told last. */
    private static String heard(ScriptedPeer peer) {
        return kindIn(peer.heard());
    }

    private static String kindIn(List<String> heard) {
        String all = String.join("\n", heard);
        Matcher kind = Pattern.compile("\"error\":\\{\"kind\":\"([A-Z_]+)\"").matcher(all);
        return kind.find() ? kind.group(1) : NOBODY;
    }

    private ScriptedPeer stranger(Message says) {
        ScriptedPeer peer = ScriptedPeer.dial(world, "memory:door");
        strangers.add(peer);
        return peer.say(says);
    }

    private Session other() {
        return listener.sessions().get(0);
    }

    private Sync caller() {
        if (caller == null) {
            caller = peer(there);
        }
        return caller;
    }

    private Sync peer(TestReplica replica) {
        return add(world.dialling(replica));
    }

    private Sync add(Sync sync) {
        peers.add(sync);
        return sync;
    }
}
