package dev.livesync.core.session;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.core.connect.Tampering;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Two databases with a network between them that has a delay, and is counted. */
final class MeasuredPeers implements AutoCloseable {
    private static final Duration ONE_WAY = Duration.ofMillis(10);
    private static final Duration STEP = Duration.ofMillis(1);
    private static final int MOST_STEPS = 5_000;

    /**
     * What a connection has cost.
     *
     * @param bytes all that passed, the handshake's too
     * @param roundTrips until both had the same heads
     * @param failure why the session ended before; null if it didn't
     */
    record Cost(long bytes, double roundTrips, @Nullable Throwable failure) {}

    final World world = new World(1);
    private final PromptDatabase dialler;
    private final PromptDatabase listener;
    private final Tampering ofDialler;
    private final Tampering ofListener;
    private final Sync dialling;
    private final Sync listening;
    private final Endpoint endpoint;

    @Nullable
    LinkRecord record;

    /** Makes peers that have not met; each end shows an identity, and nothing is sealed. */
    MeasuredPeers(PromptDatabase dialler, String nameOfDialler, PromptDatabase listener, String nameOfListener) {
        this.dialler = dialler;
        this.listener = listener;
        ofDialler = wire(nameOfDialler);
        ofListener = wire(nameOfListener);
        dialling = world.peer(dialler).transport(ofDialler).build();
        listening = world.peer(listener).transport(ofListener).build();
        endpoint = world.get(listening.listen("memory:door"));
        world.network.faults().onLink(link -> {
            for (Side side : Side.values()) {
                link.delay(side, () -> ONE_WAY);
            }
            record = new LinkRecord(link, dialler.heads(), listener.heads());
        });
    }

    private Tampering wire(String identity) {
        return new Tampering(world.network.provider(
                MemoryConfiguration.builder().binding(true).identity(identity).build()));
    }

    /** Lets somebody do with each message what he likes. */
    void tamper(Tampering.Change change) {
        ofDialler.change(change);
        ofListener.change(change);
    }

    /** Connects, and stays until both are equal and quiet, or the session has failed. */
    Cost sync() {
        return sync(() -> {});
    }

    /** The same, with something that happens each millisecond. */
    Cost sync(Runnable meanwhile) {
        long start = world.nanos().getAsLong();
        CompletableFuture<Session> dialled = dialling.dial(endpoint.address());
        CompletableFuture<Void> ended = dialled.thenCompose(Session::closed);
        double roundTrips = -1;
        for (int i = 0; i < MOST_STEPS && roundTrips < 0 && !ended.isDone(); i++) {
            world.pass(STEP);
            meanwhile.run();
            if (dialler.heads().equals(listener.heads())) {
                roundTrips = (world.nanos().getAsLong() - start) / 2.0 / ONE_WAY.toNanos();
            }
        }
        world.pass(Duration.ofSeconds(1));
        Throwable failure = ended.isCompletedExceptionally()
                ? ended.handle((nothing, thrown) -> thrown.getCause() == null ? thrown : thrown.getCause())
                        .join()
                : null;
        dialling.sessions().forEach(world::close);
        world.pass(Duration.ofSeconds(1));
        return new Cost(record.bytes(), roundTrips, failure);
    }

    @Override
    public void close() {
        world.close(dialling);
        world.close(listening);
    }
}
