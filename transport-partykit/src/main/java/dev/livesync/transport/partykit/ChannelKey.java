package dev.livesync.transport.partykit;

/**
 * Names a channel at one of its ends.
 *
 * @param member who has the other end
 * @param number as the dialler chose it
 * @param dialled whether this end has dialled; one and the same member may have both ends
 */
record ChannelKey(String member, int number, boolean dialled) {
    /** Whether frames of this end say that they come from who was dialled. */
    boolean byListener() {
        return !dialled;
    }
}
