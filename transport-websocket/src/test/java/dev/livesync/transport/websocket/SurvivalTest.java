package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An Error on the loop's thread, such as the one that a full heap gives, costs the connection that it is about and no more. */
class SurvivalTest {
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(5));
    private final AtomicInteger faults = new AtomicInteger();
    private final BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
    private DialingTransport transport;
    private String address;

    @BeforeEach
    void open() throws Exception {
        transport = (DialingTransport)
                new WebSocketTransportProvider(WebSocketConfiguration.defaults()).open(new Failing());
        address = Station.get(transport.listen("ws://127.0.0.1:0/", arrivals::add))
                .address();
    }

    @AfterEach
    void close() {
        transport.close();
        context.close();
        assertThat(context.escaped()).isEmpty();
    }

    private Channel arrival() throws Exception {
        Channel channel = arrivals.poll(30, TimeUnit.SECONDS);
        assertThat(channel).as("a channel").isNotNull();
        return channel;
    }

    /** By an end or a reset: nobody promises which. */
    private static void assertEnded(RawPeer peer) throws IOException {
        try {
            assertThat(peer.readToEnd()).isEmpty();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    @Test
    void aListenerThatCannotTakeOneTakesTheNext() throws Exception {
        for (int round = 0; round < 3; round++) {
            faults.set(1);
            try (RawPeer unlucky = RawPeer.dial(address)) {
                assertEnded(unlucky);
            }
            assertThat(faults).hasValue(0);
            try (RawPeer next = RawPeer.open(address)) {
                arrival().abort(Failures.closed());
                assertEnded(next);
            }
        }
    }

    @Test
    void channelsOutliveAnErrorThatIsNotTheirs() throws Exception {
        Channel here = Station.get(transport.dial(address));
        Probe mine = Probe.on(here, 10);
        Channel there = arrival();
        Probe theirs = Probe.on(there, 10);
        faults.set(1);
        try (RawPeer unlucky = RawPeer.dial(address)) {
            assertEnded(unlucky);
        }
        Station.get(here.send(Message.text("still there?")));
        Station.get(there.send(Message.text("yes")));
        Station.get(here.close());
        assertThat(theirs.awaitClose()).isEqualTo(CloseReason.REMOTE);
        assertThat(mine.awaitClose()).isEqualTo(CloseReason.LOCAL);
    }

    /** Throws where the loop asks for a connection's time. */
    private final class Failing implements TransportContext {
        @Override
        public Executor executor() {
            return context.executor();
        }

        @Override
        public Scheduler scheduler() {
            return context.scheduler();
        }

        @Override
        public int maxMessageBytes() {
            return context.maxMessageBytes();
        }

        @Override
        public Duration connectTimeout() {
            if (Thread.currentThread().getName().startsWith("livesync-websocket")
                    && faults.getAndUpdate(n -> Math.max(0, n - 1)) > 0) {
                throw new LinkageError("on purpose");
            }
            return context.connectTimeout();
        }

        @Override
        public Duration closeTimeout() {
            return context.closeTimeout();
        }
    }
}
