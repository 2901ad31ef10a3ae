package dev.livesync.bench.peer;

import dev.livesync.api.transport.DialingTransport;
import dev.livesync.bench.channel.BareCipher;
import dev.livesync.bench.channel.Sink;
import dev.livesync.bench.channel.Source;
import dev.livesync.bench.channel.Threads;
import dev.livesync.bench.process.Cpu;
import dev.livesync.bench.process.Line;
import dev.livesync.bench.process.Served;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;

/** Our side of the throughput workload: the words are those of {@code interop/libp2p/bench.mjs}, and one for the cipher alone. */
public final class Libp2pPeer implements Served.Service, AutoCloseable {
    private final Threads threads = new Threads();
    private final DialingTransport transport = (DialingTransport) new Libp2pTransportProvider().open(threads);

    @Override
    public Line answer(Line request) throws Exception {
        return switch (request.word()) {
            case "sink" -> Line.of("ok").with("address", sink(request.number("bytes")));
            case "send" -> Line.of("ok").with("nanos", send(request));
            case "cipher" -> {
                long before = Cpu.nanos();
                BareCipher.run(request.number("bytes"));
                yield Line.of("ok").with("nanos", Cpu.nanos() - before);
            }
            case "cpu" -> Line.of("ok").with("nanos", Cpu.nanos());
            default -> throw new IllegalArgumentException("nobody knows what '" + request.word() + "' is");
        };
    }

    private String sink(long bytes) throws Exception {
        return transport
                .listen("libp2p:/ip4/127.0.0.1/tcp/0", channel -> Sink.serve(channel, bytes))
                .toCompletableFuture()
                .get()
                .address();
    }

    private long send(Line request) throws Exception {
        return Source.run(
                transport.dial(request.text("address")).toCompletableFuture().get(),
                request.number("bytes"),
                request.count("size"));
    }

    @Override
    public void close() {
        transport.close();
        threads.close();
    }
}
