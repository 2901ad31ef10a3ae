package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.Listening;
import dev.livesync.transport.support.Handover;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A bound name. */
final class MemoryListening implements Listening {
    private final MemoryNetwork network;
    private final MemoryResources resources;
    private final ChannelAcceptor acceptor;
    private final Consumer<Duration> ending = this::close;

    /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
    private final ReentrantLock accepting = new ReentrantLock();

    private volatile boolean open = true;
    private volatile String name = "";

    MemoryListening(MemoryNetwork network, MemoryResources resources, ChannelAcceptor acceptor) {
        this.network = network;
        this.resources = resources;
        this.acceptor = acceptor;
    }

    void bind(@Nullable String wanted) {
        try {
            name = network.bind(wanted, this);
        } catch (SyncException e) {
            close();
            throw e;
        }
        if (!open) { // closed with its transport meanwhile
            network.unbind(name, this);
            throw MemoryResources.closedFailure();
        }
    }

    Consumer<Duration> ending() {
        return ending;
    }

    @Override
    public String address() {
        return "memory:" + name;
    }

    /** Handles an incoming dial. */
    void knock(MemoryResources dialer, CompletableFuture<Channel> attempt) {
        Handover.to(resources.end().context().executor(), () -> {
            if (!attempt.isDone()) {
                try {
                    dialer.deliver(admit(dialer), attempt);
                } catch (SyncException e) {
                    attempt.completeExceptionally(e);
                }
            }
        });
    }

    private MemoryChannel admit(MemoryResources dialer) {
        accepting.lock();
        try {
            if (!open) {
                throw MemoryTransport.nobody(name);
            }
            MemoryLink link = network.connect(address(), dialer.end(), resources.end());
            dialer.add(link.end(MemoryLink.Side.DIALER));
            resources.add(link.end(MemoryLink.Side.LISTENER));
            hand(link.end(MemoryLink.Side.LISTENER));
            return link.end(MemoryLink.Side.DIALER);
        } finally {
            accepting.unlock();
        }
    }

    private void hand(MemoryChannel channel) {
        try {
            acceptor.accept(channel);
        } catch (Throwable e) {
            System.getLogger(MemoryListening.class.getName())
                    .log(System.Logger.Level.WARNING, "the acceptor at " + address() + " threw", e);
            channel.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor at " + address() + " threw " + e, e));
        }
    }

    @Override
    public void close() {
        close(Duration.ofSeconds(2));
    }

    private void close(Duration patience) {
        open = false;
        network.unbind(name, this);
        resources.forget(ending);
        try {
            if (accepting.tryLock(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                accepting.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
