package dev.livesync.core.connect;

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
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A dialling transport with channels of which a test does something else than sending what it is told to send. */
abstract class WrappedChannels implements TransportProvider {
    private final TransportProvider real;

    WrappedChannels(TransportProvider real) {
        this.real = real;
    }

    /** What one end's channel becomes. */
    abstract Channel wrap(Channel channel, Side side);

    /** A channel that sends in another way. */
    static Channel sending(Channel channel, Function<Message, CompletionStage<Void>> send) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("send")) {
                        return send.apply((Message) arguments[0]);
                    }
                    try {
                        return method.invoke(channel, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Override
    public final String id() {
        return real.id();
    }

    @Override
    public final Set<String> schemes() {
        return real.schemes();
    }

    @Override
    public final Set<TransportFeature> features() {
        return real.features();
    }

    @Override
    public final DialingTransport open(TransportContext context) {
        DialingTransport transport = (DialingTransport) real.open(context);
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return transport.listen(address, channel -> acceptor.accept(wrap(channel, Side.LISTENER)));
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return transport.dial(address).thenApply(channel -> wrap(channel, Side.DIALER));
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }
}
