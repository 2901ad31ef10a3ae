package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.PeerInfo.Authentication;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.car.CarReader;
import dev.livesync.database.Database;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A peer that says, byte for byte, what a real alpha was recorded to say, and knows nothing else: signals without our part,
 * no hello, no proof. Both ways of meeting it, both ways of syncing.
 */
@Timeout(60)
class AlphaTest {
    private static final String THREE = "bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu";

    private final MemoryNetwork network = new MemoryNetwork();
    private final WorkerThreads threads = new WorkerThreads();
    private final SignallingTransport alpha =
            (SignallingTransport) network.signalling().open(new Context(threads));
    private final BlockingQueue<Message> heard = new LinkedBlockingQueue<>();
    private final Database database = Database.inMemory();
    private final Sync sync = Sync.builder(database)
            .transport(network.signalling())
            .allowAlpha(true)
            .build();

    @AfterEach
    void close() {
        sync.close();
        alpha.close();
        threads.close();
        database.close();
        assertThat(network.faults().links()).as("open channels").isEmpty();
    }

    @Test
    void anAlphaOffersAndBringsItsDatabase() throws Exception {
        SignallingTransport.Offer offer = join(alpha.offer());
        String answer = join(sync.accept(alphas(offer.signal())));
        String json = new String(Base64.getDecoder().decode(answer), StandardCharsets.ISO_8859_1);
        assertThat(json)
                .as("an alpha's answer")
                .startsWith("{\"type\":\"answer\",\"sdp\":")
                .doesNotContain("livesync");
        Channel channel = join(offer.connect(signal(Signal.Kind.ANSWER, json)));
        bring(channel);
        Session session = sync.sessions().get(0);
        join(session.backlog());
        assertThat(database.clock()).extracting(Object::toString).containsExactly(THREE);
        assertThat(database.all()).hasSize(3);
        assertThat(session.peer().isAlpha()).isTrue();
        assertThat(session.peer().authentication()).isEqualTo(Authentication.SIGNALLING);
        assertThat(session.peer().remote()).as("in logs and outputs").endsWith("(an alpha, which proves nothing)");
        assertThat(session.peer().features()).isEmpty();

        database.delete("b2s35c");
        expect("e-delete-05-A.car");
        assertThat(session.status()).isIn(SessionStatus.SENDING_UPDATE_CAR, SessionStatus.FULL_SYNCED);
    }

    @Test
    void anAlphaTakesUpOurOfferAndGetsOurDatabase() throws Exception {
        database.put("a1s35c", "{\"name\":\"alice\",\"age\":40}");
        database.put("b2s35c", "{\"name\":\"bob\",\"age\":40}");
        database.put("f4s35c", "{\"name\":\"frank\",\"age\":7}");
        String ours = decode(join(sync.offer()));
        assertThat(ours)
                .as("our offer")
                .startsWith("{\"type\":\"offer\",\"sdp\":")
                .contains("\"livesync\":{");
        SignallingTransport.Answer answer = join(alpha.accept(signal(Signal.Kind.OFFER, ours)));
        CompletableFuture<Session> connecting = sync.connect(alphas(answer.signal()));
        Channel channel = join(answer.channel());
        listen(channel);
        Session session = join(connecting);
        assertThat(session.peer().isAlpha()).isTrue();
        expect("a-empty-vs-3-02-A.json");
        say(channel, "a-empty-vs-3-01-B.json");
        Message car = heard.poll(20, TimeUnit.SECONDS);
        assertThat(blocks(car.payload())).hasSize(4).isEqualTo(blocks(fixture("a-empty-vs-3-03-A.car")));
        say(channel, "a-empty-vs-3-04-B.json");
        join(session.backlog());
        assertThat(heard).as("nothing that an alpha would not say").isEmpty();
    }

    @Test
    void twoOffersAreTwoTooManyForAnAnswerThatNamesNone() throws Exception {
        String first = decode(join(sync.offer()));
        join(sync.offer());
        SignallingTransport.Answer answer = join(alpha.accept(signal(Signal.Kind.OFFER, first)));
        assertThat(sync.connect(alphas(answer.signal())))
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .havingRootCause()
                .withMessageContaining("to which of 2 open offers");
    }

    /** The first recorded exchange: the empty side is ours. */
    private void bring(Channel channel) throws Exception {
        listen(channel);
        expect("a-empty-vs-3-01-B.json");
        say(channel, "a-empty-vs-3-02-A.json");
        expect("a-empty-vs-3-04-B.json");
        say(channel, "a-empty-vs-3-03-A.car");
    }

    private void listen(Channel channel) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                heard.add(message);
            }

            @Override
            public void onClosed(CloseReason reason) {}
        });
        channel.request(Long.MAX_VALUE);
    }

    private void expect(String fixture) throws Exception {
        Message message = heard.poll(20, TimeUnit.SECONDS);
        assertThat(message).as("what comes where %s was recorded", fixture).isNotNull();
        assertThat(message.kind()).isEqualTo(fixture.endsWith(".car") ? Message.Kind.BINARY : Message.Kind.TEXT);
        assertThat(message.payload()).as(fixture).isEqualTo(fixture(fixture));
    }

    private static void say(Channel channel, String fixture) throws IOException {
        join(channel.send(
                new Message(fixture.endsWith(".car") ? Message.Kind.BINARY : Message.Kind.TEXT, fixture(fixture))));
    }

    /** The alpha repeats its head in the answer to a diff; we don't. */
    private static Set<Cid> blocks(byte[] car) throws IOException {
        Set<Cid> cids = new LinkedHashSet<>();
        try (CarReader reader = new CarReader(new ByteArrayInputStream(car))) {
            cids.addAll(reader.roots());
            for (Block block = reader.next(); block != null; block = reader.next()) {
                cids.add(block.cid());
            }
        }
        return cids;
    }

    private static byte[] fixture(String name) throws IOException {
        try (InputStream in = AlphaTest.class.getResourceAsStream("/alpha-wire/" + name)) {
            return in.readAllBytes();
        }
    }

    /** As the alpha writes a signal. */
    private static String alphas(Signal signal) {
        String json = "{\"type\":\"" + signal.kind().name().toLowerCase(Locale.ROOT) + "\",\"sdp\":\""
                + signal.field("sdp") + "\"}";
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** As the alpha reads one: what it knows, and nothing else. */
    private static Signal signal(Signal.Kind kind, String json) {
        return new Signal(kind, Map.of("sdp", json.replaceAll(".*\"sdp\":\"([^\"]*)\".*", "$1")));
    }

    private static String decode(String text) {
        return new String(Base64.getDecoder().decode(text), StandardCharsets.ISO_8859_1);
    }

    private static <T> T join(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    private record Context(WorkerThreads threads) implements TransportContext {
        @Override
        public Executor executor() {
            return threads.executor();
        }

        @Override
        public Scheduler scheduler() {
            return threads.scheduler();
        }

        @Override
        public int maxMessageBytes() {
            return 262_144;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(30);
        }

        @Override
        public Duration closeTimeout() {
            return Duration.ofSeconds(5);
        }
    }
}
