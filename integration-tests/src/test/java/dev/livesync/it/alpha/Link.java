package dev.livesync.it.alpha;

import dev.livesync.Session;

/** A connection between an alpha and a hub. */
record Link(Bench bench, String name, Session session) {
    /** Cuts it: the alpha's application destroys its Sync, and the channel closes. */
    void cut() {
        bench.ask(Bench.command("cut").put("sync", name));
        bench.settle();
    }
}
