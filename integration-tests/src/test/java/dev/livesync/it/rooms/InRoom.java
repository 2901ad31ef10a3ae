package dev.livesync.it.rooms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.transport.partykit.PartyKitConfiguration;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A database and its place in a room; whom it turned away and how its sessions ended is kept. */
final class InRoom implements AutoCloseable {
    static final int PATIENCE_SECONDS = 60;

    final Database database = Database.inMemory();
    final List<SyncException> refused = new CopyOnWriteArrayList<>();
    final List<SyncException> broken = new CopyOnWriteArrayList<>();
    final PartyKitTransportProvider rooms = new PartyKitTransportProvider(PartyKitConfiguration.builder()
            .reconnectAfter(Duration.ofMillis(5), Duration.ofMillis(50))
            .build());
    final Sync sync;

    InRoom(SyncLimits limits) {
        sync = Sync.builder(database)
                .transport(rooms)
                .limits(limits)
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refused.add(why);
                    }

                    @Override
                    public void sessionClosed(Session session, @Nullable SyncException failure) {
                        if (failure != null) {
                            broken.add(failure);
                        }
                    }
                })
                .build();
    }

    InRoom() {
        this(SyncLimits.defaults());
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** How it fails, as it has to. */
    static SyncException failure(CompletableFuture<?> stage) throws Exception {
        try {
            Object value = stage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            throw new AssertionError("it should have failed, and came to " + value);
        } catch (ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(SyncException.class);
            return (SyncException) e.getCause();
        }
    }

    /** Listens at a seat, and returns the address with its secret. */
    String listen(String address) throws Exception {
        return get(sync.listen(address)).address();
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
