package dev.livesync.test.program;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** Gives libwebrtc damaged offers and answers, which our own look lets through or not. A crash is an exit code. */
public final class DamageProgram {
    private DamageProgram() {}

    public static void main(String[] arguments) throws Exception {
        Random random = new Random(Long.parseLong(arguments[0]));
        int rounds = Integer.parseInt(arguments[1]);
        TestContext context = new TestContext(262_144, Duration.ofMillis(500), Duration.ofSeconds(2));
        SignallingTransport transport = (SignallingTransport) new WebRtcTransportProvider().open(context);
        Map<String, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < rounds; i++) {
            SignallingTransport.Offer offer =
                    transport.offer().toCompletableFuture().get(30, TimeUnit.SECONDS);
            SignallingTransport.Answer answer =
                    transport.accept(offer.signal()).toCompletableFuture().get(30, TimeUnit.SECONDS);
            for (int damage = 0; damage < 5; damage++) {
                count(outcomes, "offer", transport.accept(damaged(offer.signal(), random)));
            }
            count(outcomes, "answer", offer.connect(damaged(answer.signal(), random)));
            offer.close();
            answer.close();
        }
        transport.close();
        System.out.println(outcomes);
        if (!context.escaped().isEmpty()) {
            throw new AssertionError(context.escaped().get(0));
        }
    }

    private static void count(Map<String, Integer> outcomes, String what, CompletionStage<?> stage) {
        String outcome;
        try {
            Object value =
                    stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
            outcome = "taken";
            if (value instanceof SignallingTransport.Answer answer) {
                answer.close();
            }
        } catch (CompletionException e) {
            ErrorKind kind = e.getCause() instanceof SyncException known ? known.kind() : ErrorKind.INTERNAL;
            if (kind == ErrorKind.INTERNAL) {
                throw e;
            }
            outcome = kind.name();
        }
        outcomes.merge(what + " " + outcome, 1, Integer::sum);
    }

    /** Whole lines go, come twice, change places, or lose and gain numbers: what a look at single lines does not see. */
    private static Signal damaged(Signal signal, Random random) {
        String[] lines = signal.fields().get("sdp").split("\r\n");
        int at = 1 + random.nextInt(lines.length - 1);
        switch (random.nextInt(4)) {
            case 0 -> lines[at] = lines[at] + "\r\n" + lines[at];
            case 1 -> lines[at] = lines[1 + random.nextInt(lines.length - 1)];
            case 2 -> lines[at] = lines[at].replaceAll("[0-9]+", Integer.toString(random.nextInt()));
            default -> lines[at] = "a=x";
        }
        return new Signal(signal.kind(), Map.of("sdp", String.join("\r\n", lines) + "\r\n"));
    }
}
