package dev.livesync.core.connect;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Accepted channels whose messages arrive long before their sends complete, as they do where the thread that has written one has to wait
 * for its turn while the peer answers.
 */
final class LateSends extends WrappedChannels {
    private final List<Runnable> completions = new ArrayList<>();

    LateSends(TransportProvider real) {
        super(real);
    }

    /** Completes the sends so far. */
    void complete() {
        List<Runnable> due = List.copyOf(completions);
        completions.clear();
        due.forEach(Runnable::run);
    }

    @Override
    Channel wrap(Channel channel, Side side) {
        return side == Side.LISTENER ? sending(channel, message -> late(channel.send(message))) : channel;
    }

    private CompletionStage<Void> late(CompletionStage<Void> sent) {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        completions.add(() -> turn.complete(null));
        return turn.thenCompose(nothing -> sent);
    }
}
