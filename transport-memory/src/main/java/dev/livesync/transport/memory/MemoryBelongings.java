package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Belongings;
import dev.livesync.transport.support.Handover;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** What a transport has to end when it is closed, and what it brings to a link. */
final class MemoryBelongings {
    private final MemoryEnd end;
    private final Belongings<MemoryChannel> belongings;

    MemoryBelongings(TransportContext context, MemoryConfiguration configuration) {
        belongings = new Belongings<>(context, MemoryBelongings::closedFailure, MemoryChannel::shut);
        end = new MemoryEnd(context, configuration, belongings::remove);
    }

    MemoryEnd end() {
        return end;
    }

    /** Keeps an action for the close, which says how long it may take; false if the transport is closed already. */
    boolean onClose(Consumer<Duration> ending) {
        return belongings.onClose(ending);
    }

    void forget(Consumer<Duration> ending) {
        belongings.forget(ending);
    }

    /** A future that fails when the transport closes, or when connecting takes too long. */
    CompletableFuture<Channel> attempt(String what) {
        return belongings.attempt(what);
    }

    /** Takes a new channel in; it ends at once if the transport is closed. */
    void add(MemoryChannel channel) {
        belongings.add(channel);
    }

    /** Hands a channel over on the transport's executor; one that nobody wants any more is aborted. */
    void deliver(MemoryChannel channel, CompletableFuture<Channel> to) {
        Handover.to(end.context().executor(), () -> {
            if (!to.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
            }
        });
    }

    void close() {
        belongings.close();
    }

    static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the memory transport is closed");
    }
}
