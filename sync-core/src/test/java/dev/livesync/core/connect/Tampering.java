package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Connections of which somebody in between does with every message what a test wants. */
public final class Tampering extends WrappedChannels {
    /** What somebody does. */
    public interface Change {
        /**
         * What goes on in the place of a message; null where the connection is closed in order instead.
         *
         * @param side who sent it
         * @param index how many that side has sent before
         */
        @Nullable
        List<Message> of(Side side, int index, Message message);
    }

    private Change change = (side, index, message) -> List.of(message);

    public Tampering(TransportProvider real) {
        super(real);
    }

    /** For channels that are opened from now on, and those that are open. */
    public void change(Change next) {
        change = next;
    }

    @Override
    Channel wrap(Channel channel, Side side) {
        AtomicInteger sent = new AtomicInteger();
        return sending(channel, message -> forward(channel, change.of(side, sent.getAndIncrement(), message)));
    }

    private static CompletionStage<Void> forward(Channel channel, @Nullable List<Message> messages) {
        if (messages == null) {
            return channel.close()
                    .thenCompose(nothing -> CompletableFuture.failedFuture(
                            new SyncException(ErrorKind.DISCONNECTED, "somebody closed " + channel.remote())));
        }
        CompletionStage<Void> last = CompletableFuture.completedFuture(null);
        for (Message message : messages) {
            last = last.thenCompose(nothing -> channel.send(message));
        }
        return last;
    }
}
