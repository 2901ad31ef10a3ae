package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

/** What depends on the application around it. */
final class SurroundingMutants {
    private SurroundingMutants() {}

    /** Finds a class of its own where the application's are. */
    private static TransportProvider borrowing(TransportProvider real) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                try {
                    Thread.currentThread()
                            .getContextClassLoader()
                            .loadClass(real.getClass().getName());
                } catch (ClassNotFoundException e) {
                    throw new IllegalStateException(e);
                }
                return super.open(context);
            }
        };
    }

    private static TransportProvider waitingForATurn(TransportProvider real) {
        return new Wrapped.Provider(real) {
            @Override
            public Transport open(TransportContext context) {
                return new Wrapped.Dialing((DialingTransport) super.open(context)) {
                    @Override
                    Channel wrap(Channel channel) {
                        return sendingInTurn(channel, context);
                    }
                };
            }
        };
    }

    private static Channel sendingInTurn(Channel channel, TransportContext context) {
        return new Wrapped.End(channel) {
            @Override
            public CompletionStage<Void> send(Message message) {
                CompletableFuture<Void> turn = new CompletableFuture<>();
                try {
                    context.executor().execute(() -> turn.complete(null));
                    turn.join();
                } catch (RejectedExecutionException e) {
                    // Then without one.
                }
                return super.send(message);
            }
        };
    }

    static List<Mutant<Subject>> all() {
        return List.of(
                provider("T12.1", "asks the thread for a class loader", SurroundingMutants::borrowing),
                inALocale(),
                provider("T12.5", "text in the default charset", DefaultCharsetProvider::new),
                provider("T12.3", "a send waits for its turn", SurroundingMutants::waitingForATurn));
    }

    /** Wrong while the locale is another one, which it may be because of another run: the locale is everybody's. */
    private static Mutant<Subject> inALocale() {
        return provider(
                "T12.2",
                "an id in small letters, of which language",
                real -> new Wrapped.Provider(real) {
                    @Override
                    public String id() {
                        return "MEMORY-WIRE".toLowerCase(Locale.getDefault());
                    }
                },
                "T1.1");
    }
}
