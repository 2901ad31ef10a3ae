package dev.livesync.core.multiplex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.session.WorkerThreads;
import dev.livesync.database.Database;
import dev.livesync.group.SyncGroup;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.memory.MemoryTransportProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody else at one end of a connection: what is said to it, and that nobody else notices. */
class HostileConnectionTest {
    private static final byte[] SALT = new byte[Greeting.SALT_BYTES];

    private final MemoryNetwork network = new MemoryNetwork();
    private final MemoryTransportProvider memory = new MemoryTransportProvider(network, MemoryConfiguration.defaults());
    private final WorkerThreads threads = new WorkerThreads();
    private final DialingTransport raw = (DialingTransport) memory.open(new Lent(threads));
    private final Database served = Database.inMemory();
    private final Database ours = Database.inMemory();
    private final SyncGroup hub = SyncGroup.builder().transport(memory).build();
    private final SyncGroup here = SyncGroup.builder().transport(memory).build();

    private record Lent(WorkerThreads threads) implements TransportContext {
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
            return 1 << 20;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(20);
        }

        @Override
        public Duration closeTimeout() {
            return Duration.ofSeconds(5);
        }
    }

    /** A bare end. */
    private static final class Bare implements ChannelListener {
        final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
        final CompletableFuture<CloseReason> closed = new CompletableFuture<>();

        @Override
        public void onMessage(Message message) {
            messages.add(message);
        }

        @Override
        public void onClosed(CloseReason reason) {
            closed.complete(reason);
        }

        Message next() throws Exception {
            return Objects.requireNonNull(messages.poll(30, TimeUnit.SECONDS), "a message");
        }
    }

    private Session honest;
    private Channel channel;
    private final Bare bare = new Bare();

    @BeforeEach
    void connect() throws Exception {
        hub.add("a", served);
        Map<String, Endpoint> endpoints = get(hub.listen("memory:hub"));
        honest = get(here.add("a", ours).dial(endpoints.get("a").address()));
        channel = get(raw.dial("memory:hub").toCompletableFuture());
        channel.start(bare);
        channel.request(Long.MAX_VALUE);
    }

    @AfterEach
    void close() {
        here.close();
        hub.close();
        raw.close();
        threads.close();
        served.close();
        ours.close();
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(30, TimeUnit.SECONDS);
    }

    private void send(byte[] bytes) throws Exception {
        get(channel.send(Message.binary(bytes)).toCompletableFuture());
    }

    private void greet() throws Exception {
        send(Greeting.dialler(SALT));
        Greeting.readListener(bare.next());
    }

    /** The connection ends, and the honest one next to it is as before. */
    private void assertCut() throws Exception {
        get(bare.closed);
        ours.put("doc", "{}");
        honest.backlog().get(30, TimeUnit.SECONDS);
        assertThat(honest.closed()).isNotDone();
    }

    @Test
    void whatIsNoFrameEndsTheConnection() throws Exception {
        greet();
        send(new byte[] {99});
        assertCut();
    }

    @Test
    void moreThanWasGrantedEndsTheConnection() throws Exception {
        greet();
        send(new MuxFrame.Open(1, NameToken.of(SALT, "a"), MuxLimits.FIRST_WINDOW).toBytes());
        assertThat(MuxFrame.read(bare.next().payload())).isInstanceOf(MuxFrame.Opened.class);
        byte[] piece = new byte[30_000];
        try {
            for (int i = 0; i < 12; i++) {
                send(MuxFrame.piece(MuxType.PART, 1, piece, 0, piece.length));
            }
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.DISCONNECTED);
        }
        assertCut();
    }

    @Test
    void aTextEndsTheConnection() throws Exception {
        greet();
        var unused = channel.send(Message.text("{\"clock\":[],\"cids\":[]}"));
        assertCut();
    }

    @Test
    void whoSaysSomethingElseFirstIsToldWhyAsSessionsAre() throws Exception {
        send(new byte[] {1, 2, 3});
        SyncException refusal = Refusal.read("the hub", bare.next());
        assertThat(refusal).isNotNull();
        assertThat(refusal.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
        assertCut();
    }

    @Test
    void anyNameIsOpenedAndTheSameHandshakeAnswers() throws Exception {
        greet();
        for (String name : new String[] {"a", "not there"}) {
            int number = name.equals("a") ? 1 : 2;
            send(new MuxFrame.Open(number, NameToken.of(SALT, name), MuxLimits.FIRST_WINDOW).toBytes());
            assertThat(MuxFrame.read(bare.next().payload()))
                    .isInstanceOfSatisfying(
                            MuxFrame.Opened.class,
                            opened -> assertThat(opened.channel()).isEqualTo(number));
            byte[] first = new byte[200];
            first[0] = 1;
            send(MuxFrame.piece(MuxType.BINARY, number, first, 0, first.length));
            assertThat(MuxFrame.read(bare.next().payload())).isInstanceOf(MuxFrame.Credit.class); // it was read
            MuxFrame.Piece told = (MuxFrame.Piece) MuxFrame.read(bare.next().payload());
            assertThat(Refusal.read("the hub", new Message(Message.Kind.TEXT, told.bytes())))
                    .extracting(SyncException::kind)
                    .isEqualTo(ErrorKind.AUTHENTICATION);
            assertThat(MuxFrame.read(bare.next().payload())).isInstanceOf(MuxFrame.End.class);
            send(new MuxFrame.End(number).toBytes());
        }
    }

    @Test
    void aListenerThatAnswersNonsenseFailsTheDial() throws Exception {
        CompletableFuture<Channel> called = new CompletableFuture<>();
        Listening listening = get(raw.listen("memory:odd", called::complete).toCompletableFuture());
        CompletableFuture<Session> dial =
                here.find("a").orElseThrow().dial("memory:odd", "a-secret-of-22-or-more-characters");
        Channel odd = get(called);
        Bare listener = new Bare();
        odd.start(listener);
        odd.request(Long.MAX_VALUE);
        Greeting.readDialler(listener.next());
        assertThat(MuxFrame.read(listener.next().payload())).isInstanceOf(MuxFrame.Open.class);
        var unused = odd.send(Message.binary(Greeting.listener()));
        get(unused.toCompletableFuture());
        var ignored = odd.send(Message.binary(new MuxFrame.Opened(7, MuxLimits.FIRST_WINDOW).toBytes()));

        try {
            dial.orTimeout(30, TimeUnit.SECONDS).join();
            throw new AssertionError("it did not fail");
        } catch (CompletionException e) {
            assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.MALFORMED);
        }
        get(listener.closed);
        assertThat(honest.closed()).isNotDone();
        listening.close();
    }
}
