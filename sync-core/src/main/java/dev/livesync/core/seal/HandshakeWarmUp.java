package dev.livesync.core.seal;

import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;

/**
 * Runs one handshake with itself, about nothing, while the application is still busy starting. The first one in a process loads the JDK's
 * providers of X25519, AES and random numbers, which takes a tenth of a second; so the first peer need not wait for it.
 *
 * <p>Any thread.
 */
public final class HandshakeWarmUp {
    /** The one of this process. */
    public static final HandshakeWarmUp OF_PROCESS = new HandshakeWarmUp();

    private final AtomicBoolean begun = new AtomicBoolean();

    /** Makes one that has not begun. */
    HandshakeWarmUp() {}

    /**
     * Begins, the first time.
     *
     * @param executor where it runs, as one task. If that takes no more, another may
     */
    public void begin(Executor executor) {
        if (begun.compareAndSet(false, true)) {
            try {
                executor.execute(HandshakeWarmUp::attempt);
            } catch (RejectedExecutionException e) {
                begun.set(false);
            }
        }
    }

    /** Whether it has begun. */
    boolean hasBegun() {
        return begun.get();
    }

    private static void attempt() {
        try {
            run();
        } catch (RuntimeException e) {
            // A JDK without these algorithms, say: whoever syncs is told by the handshake itself.
        }
    }

    /** Both ends, and a message each way. */
    static void run() {
        RandomGenerator random = new SecureRandom();
        Credential credential = Credential.address(Secret.generate(random), "");
        SealedHandshake initiator =
                SealedHandshake.initiator("nobody", credential, () -> HandshakePayload.EMPTY, random);
        SealedHandshake responder = SealedHandshake.responder(
                "nobody", () -> List.of(credential), (name, theirs) -> HandshakePayload.EMPTY, random);
        var unused = responder.begin();
        Message first = initiator.begin().get(0);
        Message second = responder.receive(first).get(0);
        Message third = initiator.receive(second).get(0);
        responder.receive(third);
        exchange(initiator.result(), responder.result());
        exchange(responder.result(), initiator.result());
    }

    private static void exchange(HandshakeResult from, HandshakeResult to) {
        Seals sender = from.seals().orElseThrow();
        Seals receiver = to.seals().orElseThrow();
        receiver.opener().open(sender.sealer().seal(Message.binary(new byte[1])));
        sender.sealer().destroy();
        receiver.opener().destroy();
    }
}
