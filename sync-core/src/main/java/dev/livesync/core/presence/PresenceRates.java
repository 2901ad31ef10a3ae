package dev.livesync.core.presence;

/**
 * How much goes over a link.
 *
 * @param sent bytes a second that go
 * @param taken bytes a second that are taken: more than what goes, since a network may hold messages up, and deliver them at once
 * @param takenAtOnce bytes that are taken at once
 * @param messages messages a second that are taken
 * @param messagesAtOnce messages that are taken at once
 */
record PresenceRates(long sent, long taken, long takenAtOnce, long messages, long messagesAtOnce) {
    /** With one peer. */
    static final PresenceRates SESSION = new PresenceRates(64 << 10, 128 << 10, 1 << 20, 40, 200);

    /** With all processes that share the store: some thirty that each send as much as they may. */
    static final PresenceRates BROADCAST = new PresenceRates(64 << 10, 2 << 20, 4 << 20, 640, 1_280);
}
