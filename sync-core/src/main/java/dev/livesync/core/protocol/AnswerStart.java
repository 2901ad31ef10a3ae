package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import java.util.List;
import java.util.function.Supplier;

/**
 * An answer that has said nothing yet.
 *
 * @param answer what the peer lacks
 * @param heads the clock that the peer has with it
 * @param cursor where the feed goes on behind it
 * @param has how many of the events that are here then the peer had before; -1 if that is unknown
 */
public record AnswerStart(DiffAnswer answer, List<Cid> heads, Cursor cursor, long has) {
    /**
     * Starts an answer that says exactly how much it holds.
     *
     * @param answer what the peer lacks
     * @param snapshot of which it is made
     * @return the answer
     */
    public static AnswerStart counted(DiffAnswer answer, Snapshot snapshot) {
        return new AnswerStart(
                answer, snapshot.heads(), snapshot.cursor(), snapshot.summary().events() - answer.events());
    }

    /**
     * Starts an answer with what a snapshot has.
     *
     * @param snapshot closed with the answer, or if it can't be made
     * @param maker makes it
     * @return the answer
     */
    public static AnswerStart of(Snapshot snapshot, Supplier<DiffAnswer> maker) {
        try {
            return new AnswerStart(maker.get(), snapshot.heads(), snapshot.cursor(), -1);
        } catch (RuntimeException | Error e) {
            snapshot.close();
            throw e;
        }
    }
}
