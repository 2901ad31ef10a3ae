package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Connections of which somebody in between does with every message what a test wants. */
public final class Tampering implements TransportProvider {
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

    private final TransportProvider real;
    private Change change = (side, index, message) -> List.of(message);

    public Tampering(TransportProvider real) {
        this.real = real;
    }

    /** For channels that are opened from now on, and those that are open. */
    public void change(Change next) {
        change = next;
    }

    @Override
    public String id() {
        return real.id();
    }

    @Override
    public Set<String> schemes() {
        return real.schemes();
    }

    @Override
    public Set<TransportFeature> features() {
        return real.features();
    }

    @Override
    public DialingTransport open(TransportContext context) {
        DialingTransport transport = (DialingTransport) real.open(context);
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return transport.listen(address, channel -> acceptor.accept(tampered(channel, Side.LISTENER)));
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return transport.dial(address).thenApply(channel -> tampered(channel, Side.DIALER));
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private Channel tampered(Channel channel, Side side) {
        AtomicInteger sent = new AtomicInteger();
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("send")) {
                        List<Message> forwarded = change.of(side, sent.getAndIncrement(), (Message) arguments[0]);
                        if (forwarded == null) {
                            return channel.close()
                                    .thenCompose(nothing -> CompletableFuture.failedFuture(new SyncException(
                                            ErrorKind.DISCONNECTED, "somebody closed " + channel.remote())));
                        }
                        CompletionStage<Void> last = CompletableFuture.completedFuture(null);
                        for (Message message : forwarded) {
                            last = last.thenCompose(nothing -> channel.send(message));
                        }
                        return last;
                    }
                    try {
                        return method.invoke(channel, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
