package dev.livesync.simulation.world;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A channel that makes a mistake now and then. One mistake each. */
final class FaultyChannel implements Channel {
    private final Channel real;
    private int twice;
    private int lost;
    private int exchanged;
    private int starved;
    private int mute;
    private boolean bound;
    private int messages;
    private int requests;
    private int sends;
    private @Nullable Message kept;

    /** Without a mistake to begin with. */
    FaultyChannel(Channel real) {
        this.real = real;
    }

    FaultyChannel twice(int every) {
        twice = every;
        return this;
    }

    FaultyChannel loses(int every) {
        lost = every;
        return this;
    }

    FaultyChannel exchanges(int every) {
        exchanged = every;
        return this;
    }

    FaultyChannel starves(int every) {
        starved = every;
        return this;
    }

    FaultyChannel mute(int every) {
        mute = every;
        return this;
    }

    FaultyChannel bound() {
        bound = true;
        return this;
    }

    @Override
    public void start(ChannelListener listener) {
        real.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                messages++;
                if (lost > 0 && messages % lost == 0) {
                    real.request(1);
                    return;
                }
                if (exchanged > 0 && messages % exchanged == 0) {
                    kept = message;
                    real.request(1);
                    return;
                }
                listener.onMessage(message);
                if (twice > 0 && messages % twice == 0) {
                    listener.onMessage(message);
                }
                Message before = kept;
                if (before != null) {
                    kept = null;
                    listener.onMessage(before);
                }
            }

            @Override
            public void onClosed(CloseReason reason) {
                listener.onClosed(reason);
            }
        });
    }

    @Override
    public void request(long count) {
        if (starved == 0 || ++requests % starved != 0) {
            real.request(count);
        }
    }

    @Override
    public CompletionStage<Void> send(Message message) {
        CompletionStage<Void> sent = real.send(message);
        return mute > 0 && ++sends % mute == 0 ? new CompletableFuture<>() : sent;
    }

    @Override
    public int maxMessageBytes() {
        return real.maxMessageBytes();
    }

    @Override
    public Optional<PeerIdentity> peer() {
        return real.peer();
    }

    @Override
    public Optional<byte[]> binding() {
        return bound ? Optional.of(new byte[32]) : real.binding();
    }

    @Override
    public String remote() {
        return real.remote();
    }

    @Override
    public CompletionStage<Void> close() {
        return real.close();
    }

    @Override
    public void abort(SyncException reason) {
        real.abort(reason);
    }
}
