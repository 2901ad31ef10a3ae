package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** The acceptor's half of an exchange. It waits without a limit, since people carry the answer. */
final class MemoryAnswer implements SignallingTransport.Answer {
    private final MemoryNetwork network;
    private final MemoryResources resources;
    private final long number;
    private final long offer;
    private final Consumer<Duration> ending = this::end;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private final CompletableFuture<Channel> channel = new CompletableFuture<>();

    MemoryAnswer(MemoryNetwork network, MemoryResources resources, long offer) {
        this.network = network;
        this.resources = resources;
        this.offer = offer;
        this.number = network.nextSignal();
    }

    Consumer<Duration> ending() {
        return ending;
    }

    void register() {
        network.register(Long.toString(number), this);
        if (channel.isDone()) { // closed with its transport meanwhile
            network.unregister(Long.toString(number));
        }
    }

    private void end(Duration patience) {
        close();
    }

    @Override
    public Signal signal() {
        return MemorySignals.answer(number, offer);
    }

    @Override
    public CompletionStage<Channel> channel() {
        return channel;
    }

    /** Claims the answer; true for the first caller, who connects. */
    boolean claim() {
        return claimed.compareAndSet(false, true);
    }

    /** Makes the connection and returns the proposer's end. */
    MemoryChannel connect(MemoryResources proposer) {
        try {
            MemoryLink link = network.connect("memory-signal:" + offer, resources.end(), proposer.end());
            resources.add(link.end(MemoryLink.Side.DIALER));
            proposer.add(link.end(MemoryLink.Side.LISTENER));
            resources.deliver(link.end(MemoryLink.Side.DIALER), channel);
            return link.end(MemoryLink.Side.LISTENER);
        } catch (SyncException e) {
            channel.completeExceptionally(e);
            throw e;
        } finally {
            leave();
        }
    }

    private void leave() {
        network.unregister(Long.toString(number));
        resources.forget(ending);
    }

    @Override
    public void close() {
        leave();
        channel.completeExceptionally(new SyncException(ErrorKind.CANCELLED, "answer " + number + " was closed"));
    }
}
