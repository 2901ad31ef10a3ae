package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.OpenResources;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The PartyKit transport, whose listeners and dials to one room share a socket. */
final class PartyKitTransport implements DialingTransport {
    /** For a goodbye to all rooms. */
    private static final Duration GOODBYE = Duration.ofMillis(1_200);
    /** For threads to end once their sockets are closed. */
    private static final Duration THREADS = Duration.ofMillis(500);

    private final RoomServices services;
    /** For the loop. */
    private final Map<RoomUrl, Room> rooms = new HashMap<>();

    private final Consumer<PartyKitTransport> onClose;

    /**
     * Opens it.
     *
     * @param configuration room, token, limits and policy
     * @param context what it is lent
     * @param onClose told when it closes
     */
    PartyKitTransport(
            PartyKitConfiguration configuration, TransportContext context, Consumer<PartyKitTransport> onClose) {
        this.onClose = onClose;
        this.services = new RoomServices(
                configuration,
                new OpenResources<>(context, RoomFailures::closed, BufferedChannel::shut),
                new RoomLoop(),
                new SecureRandom(),
                ConcurrentHashMap.newKeySet(),
                ConcurrentHashMap.newKeySet());
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        RoomAddress asked;
        try {
            if (address.equals(RoomAddress.SECURE + ":")) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "there is no room to listen in: name one, or configure PartyKitConfiguration.room");
            }
            asked = RoomAddress.parse(address);
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        RoomAddress seat = asked.seat().isEmpty() ? asked.withSeat(services.randomSeat()) : asked;
        CompletableFuture<Listening> attempt = new CompletableFuture<>();
        Consumer<Duration> ending = patience -> attempt.completeExceptionally(RoomFailures.closed());
        if (!services.resources().onClose(ending)) {
            return CompletableFuture.failedFuture(RoomFailures.closed());
        }
        services.loop().execute(() -> {
            inRoom(seat.room(), room -> new RoomListening(seat, room, services, acceptor, attempt).begin());
            services.resources().forget(ending);
        });
        return attempt;
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        RoomAddress seat;
        try {
            seat = RoomAddress.parse(address);
            if (seat.seat().isEmpty()) {
                throw new SyncException(ErrorKind.CONFIGURATION, "nobody can be dialled without a seat: " + seat);
            }
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> attempt = services.resources().attempt(seat);
        if (!attempt.isDone()) {
            services.loop()
                    .execute(() -> inRoom(seat.room(), room -> new RoomDial(seat, room, services, attempt).begin()));
        }
        return attempt;
    }

    /** Whether somebody listens at a seat. Any thread. */
    boolean listensAt(RoomAddress seat) {
        return services.hosted().contains(seat);
    }

    void onLoop(Runnable task) {
        services.loop().execute(task);
    }

    /** Does something in a room, which nobody may need afterwards, on the loop. Any thread. */
    void visit(RoomUrl url, Consumer<Room> task) {
        onLoop(() -> inRoom(url, task));
    }

    /** On the loop: the room, which nobody may need afterwards. */
    private void inRoom(RoomUrl url, Consumer<Room> task) {
        Room room = rooms.computeIfAbsent(
                url, made -> new Room(made, services, unused -> rooms.remove(unused.url(), unused)));
        task.accept(room);
        room.endIfUnused();
    }

    @Override
    public void close() {
        onClose.accept(this);
        services.resources().close();
        long deadline = System.nanoTime() + GOODBYE.toNanos();
        try {
            CountDownLatch settled = new CountDownLatch(1);
            services.loop().execute(settled::countDown); // behind what the close has begun
            settled.await(THREADS.toMillis(), TimeUnit.MILLISECONDS);
            for (RoomSocket socket : new ArrayList<>(services.sockets())) {
                if (!socket.awaitEnd(Duration.ofNanos(Math.max(1, deadline - System.nanoTime())))) {
                    socket.abort(RoomFailures.closed());
                    socket.awaitEnd(THREADS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            services.sockets().forEach(socket -> socket.abort(RoomFailures.closed()));
            services.loop().close(THREADS);
        }
    }
}
