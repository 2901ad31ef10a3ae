package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A transport with its context and what arrived at it; looks for broken rules and escaped errors when it is closed. */
final class RoomMember implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;

    final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20), Duration.ofSeconds(10));
    final DialingTransport transport;
    final BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
    private final List<Probe> probes = new ArrayList<>();

    RoomMember(PartyKitConfiguration configuration) {
        this.transport = (DialingTransport) new PartyKitTransportProvider(configuration).open(context);
    }

    RoomMember() {
        this(hasty().build());
    }

    /** Comes back at once. */
    static PartyKitConfiguration.Builder hasty() {
        return PartyKitConfiguration.builder().reconnectAfter(Duration.ofMillis(1), Duration.ofMillis(20));
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    static SyncException failure(CompletionStage<?> stage) throws Exception {
        CompletableFuture<Throwable> seen = new CompletableFuture<>();
        var unused = stage.whenComplete((value, e) -> seen.complete(e));
        Throwable e = seen.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(e).as("a failure").isInstanceOf(SyncException.class);
        assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        return (SyncException) e;
    }

    String listen(String address) throws Exception {
        return get(transport.listen(address, arrivals::add)).address();
    }

    Channel dial(String address) throws Exception {
        return get(transport.dial(address));
    }

    Channel arrival() throws Exception {
        Channel channel = arrivals.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(channel).as("a channel at the acceptor").isNotNull();
        return channel;
    }

    Probe probe(Channel channel, long demand) {
        Probe probe = Probe.on(channel, demand);
        probes.add(probe);
        return probe;
    }

    @Override
    public void close() {
        transport.close();
        probes.forEach(probe -> {
            assertThat(probe.violations()).isEmpty();
            assertThat(probe.isClosed()).isTrue();
        });
        context.close();
        assertThat(context.escaped()).isEmpty();
    }
}
