package dev.livesync.it.webrtc;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

/** WebSocket that says of itself that somebody relays its channels, and counts what they carry. */
public final class RelayedWebSocket implements TransportProvider {
    private final TransportProvider real;
    private final AtomicLong sent = new AtomicLong();

    /** With a configuration of a test's own. */
    public RelayedWebSocket(WebSocketConfiguration configuration) {
        real = new WebSocketTransportProvider(configuration);
    }

    /** How many bytes of messages this end has sent. */
    public long sent() {
        return sent.get();
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
        Set<TransportFeature> features = EnumSet.of(TransportFeature.RELAYED);
        features.addAll(real.features());
        features.remove(TransportFeature.CHANNEL_BINDING);
        return features;
    }

    @Override
    public DialingTransport open(TransportContext context) {
        DialingTransport transport = (DialingTransport) real.open(context);
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return transport.listen(address, channel -> acceptor.accept(counted(channel)));
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return transport.dial(address).thenApply(channel -> counted(channel));
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private Channel counted(Channel channel) {
        return (Channel) Proxy.newProxyInstance(
                Channel.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("send")) {
                        sent.addAndGet(((Message) arguments[0]).size());
                    }
                    try {
                        return method.invoke(channel, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
