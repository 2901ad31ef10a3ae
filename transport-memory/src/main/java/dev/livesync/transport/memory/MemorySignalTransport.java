package dev.livesync.transport.memory;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** The signalling memory transport, which offers and accepts. */
final class MemorySignalTransport implements SignallingTransport {
    private final MemoryNetwork network;
    private final MemoryResources resources;

    MemorySignalTransport(MemoryNetwork network, MemoryConfiguration configuration, TransportContext context) {
        this.network = network;
        this.resources = new MemoryResources(context, configuration);
    }

    @Override
    public CompletionStage<Offer> offer() {
        MemoryOffer offer = new MemoryOffer(network, resources);
        return resources.onClose(offer.ending())
                ? CompletableFuture.completedStage(offer)
                : CompletableFuture.failedFuture(MemoryResources.closedFailure());
    }

    @Override
    public CompletionStage<Answer> accept(Signal offer) {
        try {
            MemoryAnswer answer = new MemoryAnswer(network, resources, MemorySignals.offerIn(offer));
            if (!resources.onClose(answer.ending())) {
                throw MemoryResources.closedFailure();
            }
            answer.register();
            return CompletableFuture.completedStage(answer);
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public void close() {
        resources.close();
    }
}
