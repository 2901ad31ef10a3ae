package dev.livesync.discovery.mdns;

import java.util.concurrent.CompletionStage;

/** A service that is announced at one address, and others that are heard there. Any thread. */
interface LanLink {
    /** Whether it still works, and holds no more than it should; else it is better opened again. Called now and then. */
    boolean isSound();

    /** Asks the network who is there. Doesn't block. */
    void ask();

    /**
     * Takes the announcement back and ends all threads. Doesn't block, never throws; idempotent.
     *
     * @return completes when all of that is done, or can't be
     */
    CompletionStage<Void> leave();
}
