package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
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

/** A transport with its context and what arrived at it; looks for escaped errors when it is closed. */
final class Station implements AutoCloseable {
    static final int PATIENCE_SECONDS = 30;

    final TestContext context;
    final DialingTransport transport;
    final BlockingQueue<Channel> arrivals = new LinkedBlockingQueue<>();
    private final List<Probe> probes = new ArrayList<>();

    Station(WebSocketConfiguration configuration) {
        this(configuration, new TestContext(1 << 20, Duration.ofSeconds(10)));
    }

    Station(WebSocketConfiguration configuration, TestContext context) {
        this.context = context;
        this.transport = (DialingTransport) new WebSocketTransportProvider(configuration).open(context);
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

    Listening listen(String address) throws Exception {
        return get(transport.listen(address, arrivals::add));
    }

    String listenAnywhere() throws Exception {
        return listen("ws://127.0.0.1:0/").address();
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
