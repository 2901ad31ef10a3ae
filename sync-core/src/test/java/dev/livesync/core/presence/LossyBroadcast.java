package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.BroadcastListener;
import dev.livesync.api.replica.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/** A store that hubs share, as far as messages go: it loses and repeats them, and hubs are cut off from it. In which order they arrive is the executor's affair. */
public final class LossyBroadcast {
    private static final int LONGEST = 5_997;

    private final RandomGenerator random;
    private final Executor executor;
    private final List<Hub> hubs = new ArrayList<>();
    private int lost;
    private int repeated;
    private long sent;

    /**
     * A store that does what it should.
     *
     * @param executor runs what is under way
     */
    public LossyBroadcast(RandomGenerator random, Executor executor) {
        this.random = random;
        this.executor = executor;
    }

    /** From now on so many of a hundred are lost, and so many come twice. */
    public void with(int losses, int repeats) {
        lost = losses;
        repeated = repeats;
    }

    /** How many messages hubs have sent. */
    public long sent() {
        return sent;
    }

    /** One more that has the store open. */
    public Hub hub() {
        Hub hub = new Hub();
        hubs.add(hub);
        return hub;
    }

    /** Somebody who reaches the store says something. */
    public void say(byte[] message) {
        for (Hub hub : hubs) {
            int chance = random.nextInt(100);
            int times = chance < lost ? 0 : chance < lost + repeated ? 2 : 1;
            for (int i = 0; i < times; i++) {
                byte[] copy = message.clone();
                executor.execute(() -> hub.arrive(copy));
            }
        }
    }

    /** What one process has of it. */
    public final class Hub implements Broadcast {
        private final List<BroadcastListener> listeners = new ArrayList<>();
        private final List<CompletableFuture<Void>> untaken = new ArrayList<>();
        private boolean cutOff;
        private boolean failing;
        private boolean stalled;
        private boolean deaf;

        /** Neither says nor hears anything from here on. */
        public void cutOff() {
            cutOff = true;
        }

        /** Listens again. */
        public void join() {
            cutOff = false;
            deaf = false;
            listeners.forEach(BroadcastListener::missed);
        }

        /** Hears nothing from here on, but goes on saying things. */
        public void deaf() {
            deaf = true;
        }

        public boolean isCutOff() {
            return cutOff;
        }

        /** What it says fails, or no longer; it goes on hearing. */
        public void failing(boolean fails) {
            failing = fails;
        }

        /** What it says is taken, but it isn't told so before this ends. */
        public void stalled(boolean stalls) {
            stalled = stalls;
            if (!stalls) {
                untaken.forEach(taken -> executor.execute(() -> taken.complete(null)));
                untaken.clear();
            }
        }

        private void arrive(byte[] message) {
            if (!cutOff && !deaf) {
                List.copyOf(listeners).forEach(listener -> listener.received(message.clone()));
            }
        }

        @Override
        public int maxMessageBytes() {
            return LONGEST;
        }

        @Override
        public CompletionStage<Void> send(byte[] message) {
            if (message.length > LONGEST) {
                throw new AssertionError("a message of " + message.length + " bytes");
            }
            if (cutOff || failing) {
                return FailedFutures.of(new SyncException(ErrorKind.STORAGE, "the store does not answer"));
            }
            sent++;
            say(message);
            CompletableFuture<Void> taken = new CompletableFuture<>();
            if (stalled) {
                untaken.add(taken);
            } else {
                executor.execute(() -> taken.complete(null));
            }
            return taken;
        }

        @Override
        public Subscription subscribe(BroadcastListener listener) {
            listeners.add(listener);
            return () -> listeners.remove(listener);
        }
    }
}
