package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The open channels and actions of a transport, which it ends when it is closed, and its settings for links. */
final class MemoryResources {
    private final MemoryEnd end;
    private final OpenResources<MemoryChannel> resources;

    MemoryResources(TransportContext context, MemoryConfiguration configuration) {
        resources = new OpenResources<>(context, MemoryResources::closedFailure, MemoryChannel::shut);
        end = new MemoryEnd(context, configuration, resources::remove);
    }

    MemoryEnd end() {
        return end;
    }

    /** Registers an action for the close, which gets the time that it may take; false if the transport is closed already. */
    boolean onClose(Consumer<Duration> ending) {
        return resources.onClose(ending);
    }

    void forget(Consumer<Duration> ending) {
        resources.forget(ending);
    }

    /** Creates a future that fails when the transport closes, or when connecting takes too long. */
    CompletableFuture<Channel> attempt(String what) {
        return resources.attempt(what);
    }

    /** Adds a channel; if the transport is closed, it ends at once. */
    void add(MemoryChannel channel) {
        resources.add(channel);
    }

    /** Completes a future with a channel on the transport's executor; a channel that nobody wants any more is aborted. */
    void deliver(MemoryChannel channel, CompletableFuture<Channel> to) {
        Handover.to(end.context().executor(), () -> {
            if (!to.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
            }
        });
    }

    void close() {
        resources.close();
    }

    static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the memory transport is closed");
    }
}
