package dev.livesync.bench.bare;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * A dialling transport that shows a {@link PackRecorder} what its accepted channels send. Sealed messages are of no use to that: while both ends are
 * {@linkplain #unsealed unsealed}, their channels have the same binding, as if they were encrypted already.
 */
public final class Recording implements TransportProvider {
    private final TransportProvider provider;
    private final PackRecorder recorder;
    private volatile boolean unsealed;

    /**
     * Wraps a transport.
     *
     * @param provider of a {@link DialingTransport}
     * @param recorder sees what is sent
     */
    public Recording(TransportProvider provider, PackRecorder recorder) {
        this.provider = provider;
        this.recorder = recorder;
    }

    /**
     * Sets whether channels that open from now on have a binding of their own making.
     *
     * @param now whether they have
     */
    public void unsealed(boolean now) {
        unsealed = now;
    }

    @Override
    public String id() {
        return provider.id();
    }

    @Override
    public Set<String> schemes() {
        return provider.schemes();
    }

    @Override
    public Set<TransportFeature> features() {
        return provider.features();
    }

    @Override
    public boolean recognizes(Signal offer) {
        return provider.recognizes(offer);
    }

    @Override
    public Transport open(TransportContext context) {
        DialingTransport transport = (DialingTransport) provider.open(context);
        return new DialingTransport() {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return transport.listen(address, channel -> acceptor.accept(new Recorded(channel, recorder, unsealed)));
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return transport
                        .dial(address)
                        .thenApply(channel -> new Recorded(channel, new PackRecorder(), unsealed));
            }

            @Override
            public void close() {
                transport.close();
            }
        };
    }

    private static final class Recorded implements Channel {
        private final Channel channel;
        private final PackRecorder recorder;
        private final boolean unsealed;
        private boolean answered;

        Recorded(Channel channel, PackRecorder recorder, boolean unsealed) {
            this.channel = channel;
            this.recorder = recorder;
            this.unsealed = unsealed;
        }

        /** What an accepted channel sends first is its part of the handshake. */
        @Override
        public CompletionStage<Void> send(Message message) {
            if (answered) {
                recorder.sent(message);
            }
            answered = true;
            return channel.send(message);
        }

        @Override
        public void start(ChannelListener listener) {
            channel.start(listener);
        }

        @Override
        public void request(long messages) {
            channel.request(messages);
        }

        @Override
        public int maxMessageBytes() {
            return channel.maxMessageBytes();
        }

        @Override
        public Optional<PeerIdentity> peer() {
            return channel.peer();
        }

        @Override
        public Optional<byte[]> binding() {
            return unsealed ? Optional.of(new byte[32]) : channel.binding();
        }

        @Override
        public String remote() {
            return channel.remote();
        }

        @Override
        public CompletionStage<Void> close() {
            return channel.close();
        }

        @Override
        public void abort(SyncException reason) {
            channel.abort(reason);
        }
    }
}
