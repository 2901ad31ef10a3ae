package dev.livesync.core.connect;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Channels whose messages arrive long before their sends complete, as they do where the thread that has written one has to wait
 * for its turn while the peer answers.
 */
final class LateSends implements TransportProvider {
    private final TransportProvider real;
    private final List<Runnable> completions = new ArrayList<>();

    LateSends(TransportProvider real) {
        this.real = real;
    }

    /** Completes the sends so far. */
    void complete() {
        List<Runnable> due = List.copyOf(completions);
        completions.clear();
        due.forEach(Runnable::run);
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
                return transport.listen(address, channel -> acceptor.accept(late(channel)));
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return transport.dial(address);
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private Channel late(Channel channel) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("send")) {
                        return late(channel.send((Message) arguments[0]));
                    }
                    try {
                        return method.invoke(channel, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private CompletionStage<Void> late(CompletionStage<Void> sent) {
        CompletableFuture<Void> turn = new CompletableFuture<>();
        completions.add(() -> turn.complete(null));
        return turn.thenCompose(nothing -> sent);
    }
}
