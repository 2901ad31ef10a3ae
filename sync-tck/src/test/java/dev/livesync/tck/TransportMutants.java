package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Broken transports, each made of the memory transport and one mistake. */
final class TransportMutants {
    private TransportMutants() {}

    static List<Mutant<Subject>> all() {
        List<Mutant<Subject>> all = new ArrayList<>();
        all.addAll(ProviderMutants.all());
        all.addAll(ExchangeMutants.all());
        all.addAll(MessageMutants.all());
        all.addAll(FlowMutants.all());
        all.addAll(CallbackMutants.all());
        all.addAll(EndingMutants.all());
        all.addAll(FaultMutants.all());
        all.addAll(ScenarioMutants.all());
        all.addAll(SurroundingMutants.all());
        all.addAll(last());
        return all;
    }

    /** Broken transports with sockets, which others in the process might see. */
    static List<Mutant<Subject>> last() {
        return List.of(
                socket(
                        "T9.5",
                        "calls itself encrypted",
                        ExampleTransport::provider,
                        real -> new Wrapped.Provider(real) {
                            @Override
                            public Set<TransportFeature> features() {
                                return Set.of(TransportFeature.INBOUND_BACKPRESSURE, TransportFeature.ENCRYPTED);
                            }
                        }),
                socket(
                        "T2.13",
                        "takes a caller when the one before has greeted",
                        HandshakeMutants.oneByOne(),
                        Wrapped.Provider::new),
                socket("T2.14", "waits for a greeting for ever", HandshakeMutants.patient(), Wrapped.Provider::new),
                socket("T2.14", "a time limit for each byte", HandshakeMutants.easilyPleased(), Wrapped.Provider::new),
                socket(
                        "T12.4",
                        "tells an end on the executor or not at all",
                        endsOnTheExecutor(),
                        Wrapped.Provider::new,
                        // What was not told when the channel ended is not told when its transport does.
                        "T7.11"),
                socket("T8.7", "takes a piece of a header for all of it", headersInOneRead(), Wrapped.Provider::new),
                socket("T8.7", "decodes text read by read", textReadByRead(), Wrapped.Provider::new),
                socket(
                        "T8.8",
                        "a pause in the middle of a header loses its beginning",
                        headersLostInPauses(),
                        Wrapped.Provider::new,
                        "T8.7"));
    }

    private static Supplier<TransportProvider> headersInOneRead() {
        return ExampleTransport.changed(
                "headers-in-one-read",
                source -> source.replace("int size = in.readInt();", """
                byte[] header = new byte[5];
                if (in.read(header) < 0) throw new EOFException();
                int size = java.nio.ByteBuffer.wrap(header).getInt();
                """)
                        .replace("kind = in.readUnsignedByte();", "kind = header[4];"));
    }

    private static Supplier<TransportProvider> endsOnTheExecutor() {
        return ExampleTransport.changed(
                "ends-on-the-executor", source -> source.replace("transport::tell)", "transport.context.executor())"));
    }

    private static Supplier<TransportProvider> textReadByRead() {
        return ExampleTransport.changed("text-read-by-read", source -> source.replace("in.readFully(payload);", """
                if (kind == 0) {
                    StringBuilder text = new StringBuilder();
                    for (int at = 0; at < size; ) {
                        int n = in.read(payload, 0, size - at);
                        if (n < 0) throw new EOFException();
                        text.append(new String(payload, 0, n, java.nio.charset.StandardCharsets.UTF_8));
                        at += n;
                    }
                    payload = text.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8);
                } else {
                    in.readFully(payload);
                }
                """));
    }

    private static Supplier<TransportProvider> headersLostInPauses() {
        return ExampleTransport.changed(
                "headers-lost-in-pauses",
                source -> source.replace(
                                "private final DataInputStream in;",
                                "private final DataInputStream in; private final java.util.function.IntSupplier left;")
                        .replace("in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));", """
                        java.util.function.IntSupplier[] buffered = new java.util.function.IntSupplier[1];
                        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()) {
                            { buffered[0] = () -> count - pos; }
                        });
                        left = buffered[0];
                        """)
                        .replace("private synchronized boolean mayDeliver() throws InterruptedException {", """
                        private synchronized boolean mayDeliver() throws InterruptedException, IOException {
                            boolean lost = requested == 0 && left.getAsInt() < 5;
                            boolean may = mayDeliverThen();
                            if (lost) in.skipBytes(left.getAsInt());
                            return may;
                        }

                        private synchronized boolean mayDeliverThen() throws InterruptedException {
                        """));
    }

    private static Mutant<Subject> socket(
            String rule,
            String name,
            Supplier<TransportProvider> example,
            UnaryOperator<TransportProvider> broken,
            String... collateral) {
        return Mutant.of(
                rule,
                name,
                () -> {
                    TransportProvider provider = broken.apply(example.get());
                    return new Subject(provider, provider, LoopbackProxy::new, provider.localAddress());
                },
                collateral);
    }

    /** A dialling transport with a broken provider. */
    static Mutant<Subject> provider(
            String rule, String name, UnaryOperator<TransportProvider> broken, String... collateral) {
        return provider(rule, name, MemoryConfiguration.defaults(), broken, collateral);
    }

    static Mutant<Subject> provider(
            String rule,
            String name,
            MemoryConfiguration configuration,
            UnaryOperator<TransportProvider> broken,
            String... collateral) {
        return Mutant.of(
                rule,
                name,
                () -> {
                    MemoryNetwork network = new MemoryNetwork();
                    TransportProvider provider = broken.apply(network.provider(configuration));
                    return new Subject(provider, provider, new MemoryWire(network));
                },
                collateral);
    }

    /** A dialling transport with broken channels. */
    static Mutant<Subject> channel(String rule, String name, Function<Channel, Channel> broken, String... collateral) {
        return provider(rule, name, real -> Wrapped.channels(real, broken), collateral);
    }

    /** A signalling transport with a broken provider. */
    static Mutant<Subject> signalling(
            String rule, String name, UnaryOperator<TransportProvider> broken, String... collateral) {
        return Mutant.of(
                rule,
                name,
                () -> {
                    MemoryNetwork network = new MemoryNetwork();
                    TransportProvider provider = broken.apply(network.signalling());
                    return new Subject(provider, provider, new MemoryWire(network));
                },
                collateral);
    }

    /** A transport that takes its context for another. */
    static Mutant<Subject> context(
            String rule,
            String name,
            MemoryConfiguration configuration,
            UnaryOperator<TransportContext> broken,
            String... collateral) {
        return provider(rule, name, configuration, real -> Wrapped.context(real, broken), collateral);
    }

    static SyncException as(ErrorKind kind, Throwable failure) {
        return new SyncException(kind, String.valueOf(failure.getMessage()), failure);
    }

    static boolean is(ErrorKind kind, Throwable failure) {
        return failure instanceof SyncException e && e.kind() == kind;
    }
}
