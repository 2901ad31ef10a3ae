package dev.livesync.bench.micro;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.seal.HandshakePayload;
import dev.livesync.core.seal.PreSharedKey;
import dev.livesync.core.seal.Prologue;
import dev.livesync.core.seal.SealedHandshake;
import dev.livesync.core.seal.Seals;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What sealed sessions cost: messages of 64 KiB and of 100 bytes sealed and opened, and a handshake with both ends in one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SealBenchmark {
    private final SecureRandom random = new SecureRandom();
    private final Credential credential = new Credential(
            "grant",
            PreSharedKey.of(
                    Secret.parse("the secret", ErrorKind.CONFIGURATION, "A-secret-for-benchmarks_0000000"), null),
            Prologue.address(""));
    private final Message large = Message.binary(new byte[64 << 10]);
    private final Message small = Message.binary(new byte[100]);
    private final Seals[] ends = ends();

    /** Seals and opens 64 KiB: operations per second, of 65,536 bytes each. */
    @Benchmark
    public @Nullable Message sealAndOpenLarge() {
        return ends[1].opener().open(ends[0].sealer().seal(large));
    }

    /** Seals and opens 100 bytes. */
    @Benchmark
    public @Nullable Message sealAndOpenSmall() {
        return ends[1].opener().open(ends[0].sealer().seal(small));
    }

    /** Both ends of a handshake, with new keys. */
    @Benchmark
    public Seals[] handshake() {
        return ends();
    }

    private Seals[] ends() {
        SealedHandshake initiator = SealedHandshake.initiator("a", credential, () -> HandshakePayload.EMPTY, random);
        SealedHandshake responder = SealedHandshake.responder(
                "b", () -> List.of(credential), (name, theirs) -> HandshakePayload.EMPTY, random);
        responder.begin();
        Message second = responder.receive(initiator.begin().get(0)).get(0);
        responder.receive(initiator.receive(second).get(0));
        return new Seals[] {
            initiator.result().seals().orElseThrow(), responder.result().seals().orElseThrow()
        };
    }
}
