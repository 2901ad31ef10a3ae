package dev.livesync.core.seal;

import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes the JVM compile its AES-GCM while a session has begun to send much. In JDK 17 it runs on the processor's instructions only once its callers
 * were called ten thousand times, however long the messages are; so a session of long messages would be slow for gigabytes. Short calls, beside
 * the session, take a fraction of a second for that. Sessions of short messages do without: they lose nothing, and nor do commands that are
 * over before it would be.
 *
 * <p>Any thread.
 */
public final class CipherWarmUp {
    /** From this length on a message is long, in bytes. */
    public static final int LONG_BYTES = 16 << 10;

    /** So much in long messages of one session is worth it, in bytes; a session of less is over before the processors have paid for it. */
    public static final int MANY_BYTES = 512 << 10;

    /** The one of this process. */
    public static final CipherWarmUp OF_PROCESS = new CipherWarmUp(10_000);

    /** Calls in one task: a few milliseconds while they are slow, so that others have their turn. */
    private static final int ROUNDS_PER_TASK = 50;

    private final AtomicInteger rounds;
    private final AtomicBoolean running = new AtomicBoolean();

    /**
     * Makes one that has not begun.
     *
     * @param rounds how often something is encrypted and decrypted, in all
     */
    public CipherWarmUp(int rounds) {
        this.rounds = new AtomicInteger(rounds);
    }

    /**
     * Begins, unless it is under way or done.
     *
     * @param executor where it runs, task by task. If that takes no more, another may go on
     */
    public void begin(Executor executor) {
        if (rounds.get() > 0 && running.compareAndSet(false, true)) {
            go(executor);
        }
    }

    /**
     * Whether there is nothing left to do.
     *
     * @return true once it is done
     */
    public boolean isDone() {
        return rounds.get() <= 0;
    }

    private void go(Executor executor) {
        try {
            executor.execute(() -> {
                encrypt(Math.min(ROUNDS_PER_TASK, rounds.get()));
                if (rounds.addAndGet(-ROUNDS_PER_TASK) > 0) {
                    go(executor);
                }
            });
        } catch (RejectedExecutionException e) {
            running.set(false);
        }
    }

    /** The two calls that sealed messages make, on what is nobody's. */
    private static void encrypt(int times) {
        byte[] content = new byte[64];
        CipherState receiving = new CipherState(Aead.AES_GCM, new byte[CipherState.KEY_BYTES]);
        CipherState sending = new CipherState(Aead.AES_GCM, new byte[CipherState.KEY_BYTES]);
        for (int i = 0; i < times; i++) {
            byte[] sealed = sending.encrypt(content, SealedType.BINARY.code());
            receiving.decrypt(new byte[0], sealed);
        }
    }
}
