package dev.livesync.database.log;

import java.util.UUID;

/**
 * A position up to which a log is known to have been durable: a log that ends before it has lost something. It is a lower bound, so an old
 * one is as true as a new one.
 *
 * @param database whose log
 * @param segment the number of the segment that was the last one
 * @param offset the end in its file
 * @param identity which file that was: compaction and repair write a segment anew, and offsets mean nothing then
 * @param events how many complete events there were; -1 if whoever noted it did not say
 * @param source the file that says so, for messages
 */
public record KnownEnd(UUID database, long segment, long offset, long identity, long events, String source) {
    /**
     * Whether a log can end there at all.
     *
     * @return false for what only a forged file says
     */
    public boolean isPlausible() {
        return segment > 0 && segment < Location.MAX_SEGMENT && offset >= 0 && Location.offset(offset) == offset;
    }

    /** The least end of a log whose file of that segment has an identity: a location. */
    long least(long identityNow) {
        // What was written anew is sealed, so there has to be a next one.
        return identityNow == identity ? Location.of(segment, offset) : Location.of(segment + 1, SegmentHeader.BYTES);
    }

    /** A description of what the log held, for messages. */
    String content() {
        return events < 0 ? "" : ", when it held " + events + " events";
    }
}
