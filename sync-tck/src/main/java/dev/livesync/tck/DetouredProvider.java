package dev.livesync.tck;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** A provider whose transports signal the way through the faults, as if they had written it themselves. */
record DetouredProvider(TransportProvider provider, Faults wire) implements TransportProvider {
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
        return new Detoured((SignallingTransport) provider.open(context), wire);
    }

    private record Detoured(SignallingTransport transport, Faults wire) implements SignallingTransport {
        @Override
        public CompletionStage<Offer> offer() {
            return transport.offer().thenApply(offer -> new DetouredOffer(offer, wire.through(offer.signal())));
        }

        @Override
        public CompletionStage<Answer> accept(Signal offer) {
            return transport
                    .accept(offer)
                    .thenApply(answer -> new DetouredAnswer(answer, wire.through(answer.signal())));
        }

        @Override
        public void close() {
            transport.close();
        }
    }

    private record DetouredOffer(SignallingTransport.Offer offer, Signal signal) implements SignallingTransport.Offer {
        @Override
        public CompletionStage<Channel> connect(Signal answer) {
            return offer.connect(answer);
        }

        @Override
        public void close() {
            offer.close();
        }
    }

    private record DetouredAnswer(SignallingTransport.Answer answer, Signal signal)
            implements SignallingTransport.Answer {
        @Override
        public CompletionStage<Channel> channel() {
            return answer.channel();
        }

        @Override
        public void close() {
            answer.close();
        }
    }
}
