package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext.Cancellable;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A seat that this side has. When the room is lost it waits for it and takes the seat again, which its old socket may hold for a while. For the
 * loop, but for what is public.
 */
final class RoomListening implements Listening, Room.Guest, RoomChannels.Host {
    private static final System.Logger LOG = System.getLogger(RoomListening.class.getName());
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    /** How soon it asks for its own seat again. */
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final RoomAddress address;
    private final Room room;
    private final RoomServices services;
    private final ChannelAcceptor acceptor;
    private final CompletableFuture<Listening> attempt;
    private final Consumer<Duration> ending = this::close;
    private final CountDownLatch left = new CountDownLatch(1);
    /** Held while the acceptor is called. */
    private final ReentrantLock accepting = new ReentrantLock();

    private volatile boolean open = true;
    private boolean bound;
    private boolean seated;
    private boolean leaving;
    private @Nullable Cancellable timer;

    RoomListening(
            RoomAddress address,
            Room room,
            RoomServices services,
            ChannelAcceptor acceptor,
            CompletableFuture<Listening> attempt) {
        this.address = address;
        this.room = room;
        this.services = services;
        this.acceptor = acceptor;
        this.attempt = attempt;
    }

    void begin() {
        if (!services.resources().onClose(ending)) {
            fail(RoomFailures.closed());
            return;
        }
        if (!room.channels().host(address.seat(), this)) {
            services.resources().forget(ending);
            fail(taken());
            return;
        }
        var unused = attempt.whenComplete((listening, failure) -> {
            if (listening == null) {
                open = false;
                services.loop().execute(this::leave);
            }
        });
        setTimer(
                services.context().connectTimeout(),
                () -> fail(new SyncException(
                        ErrorKind.TIMEOUT,
                        address + " could not be listened at within "
                                + services.context().connectTimeout().toMillis() + " ms")));
        room.enter(this);
    }

    private SyncException taken() {
        return new SyncException(ErrorKind.IN_USE, "somebody listens at " + address + " already");
    }

    private void setTimer(Duration delay, Runnable task) {
        stopTimer();
        timer = services.context()
                .scheduler()
                .schedule(delay, () -> services.loop().execute(task));
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void fail(SyncException failure) {
        Handover.to(services.context().executor(), () -> attempt.completeExceptionally(failure));
    }

    @Override
    public void entered() {
        if (!leaving) {
            sit();
        }
    }

    private void sit() {
        seated = true; // from here on there may be something to stand up from
        room.sit(address.seat(), free -> {
            if (free) {
                seated();
            } else {
                seated = false;
                notSeated();
            }
        });
    }

    private void seated() {
        if (leaving || bound) {
            return;
        }
        bound = true;
        stopTimer();
        Handover.to(services.context().executor(), () -> {
            if (!attempt.complete(this)) {
                services.loop().execute(this::leave);
            }
        });
    }

    private void notSeated() {
        if (leaving) {
            return;
        }
        if (!bound) {
            fail(taken());
            return;
        }
        LOG.log(System.Logger.Level.DEBUG, "somebody else has {0}; asking again", address);
        setTimer(AGAIN, () -> {
            if (!leaving && !seated && room.isOpen()) {
                sit();
            }
        });
    }

    @Override
    public void lost(SyncException why) {
        seated = false;
        if (leaving) {
            gone();
        } else if (!bound) {
            fail(RoomFailures.at(address, why));
        } else {
            stopTimer();
            LOG.log(System.Logger.Level.DEBUG, () -> address + " waits for its room: " + RoomFailures.text(why));
        }
    }

    @Override
    public void called(BufferedChannel channel) {
        Handover.to(services.context().executor(), () -> hand(channel));
    }

    private void hand(BufferedChannel channel) {
        accepting.lock();
        try {
            if (!open) {
                channel.abort(new SyncException(ErrorKind.CLOSED, "nobody listens at " + address + " any more"));
                return;
            }
            acceptor.accept(channel);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "the acceptor at " + address + " threw", e);
            channel.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor at " + address + " threw " + e, e));
        } finally {
            accepting.unlock();
        }
    }

    @Override
    public String address() {
        return address.toString();
    }

    @Override
    public void close() {
        close(PATIENCE);
    }

    private void close(Duration patience) {
        open = false;
        services.resources().forget(ending);
        attempt.completeExceptionally(RoomFailures.closed()); // too late for one that was bound
        services.loop().execute(this::leave);
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            if (!services.loop().isCurrent() && !left.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the room of {0} does not answer: the seat is free later",
                        address);
            }
            if (accepting.tryLock(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void leave() {
        if (leaving) {
            return;
        }
        leaving = true;
        services.resources().forget(ending);
        stopTimer();
        room.channels().unhost(address.seat(), this);
        if (seated && room.isOpen()) {
            room.stand(address.seat(), this::gone);
        } else {
            gone();
        }
    }

    private void gone() {
        left.countDown();
        room.leave(this);
    }
}
