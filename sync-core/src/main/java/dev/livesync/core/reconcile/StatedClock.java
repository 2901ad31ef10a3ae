package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.message.ClockDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A clock as a message states it.
 *
 * @param heads the first heads in text order, at most {@link #MOST_HEADS}
 * @param digest of all heads; null if all are listed
 */
public record StatedClock(List<Cid> heads, @Nullable ClockDigest digest) {
    /** How many heads are listed. */
    public static final int MOST_HEADS = 1_000;

    /** Copies the heads. */
    public StatedClock {
        heads = List.copyOf(heads);
    }

    static StatedClock of(List<Cid> heads) {
        return heads.size() <= MOST_HEADS
                ? new StatedClock(heads, null)
                : new StatedClock(heads.subList(0, MOST_HEADS), ClockDigest.of(heads));
    }

    /** Whether all heads are listed. */
    boolean isWhole() {
        return digest == null;
    }

    void write(MessageOutput out) {
        out.number(digest == null ? heads.size() : (int) digest.heads());
        heads.forEach(out::cid);
        if (digest != null) {
            out.bytes(Base64.getUrlDecoder().decode(digest.hash()));
        }
    }

    static StatedClock read(MessageInput in) {
        int count = in.number();
        List<Cid> heads = new ArrayList<>(Math.min(count, MOST_HEADS));
        while (heads.size() < Math.min(count, MOST_HEADS)) {
            Cid head = in.cid();
            if (!heads.isEmpty() && heads.get(heads.size() - 1).compareTo(head) >= 0) {
                throw new SyncException(ErrorKind.MALFORMED, "the heads of a reconciliation are not in text order");
            }
            heads.add(head);
        }
        if (count <= MOST_HEADS) {
            return new StatedClock(heads, null);
        }
        String hash = Base64.getUrlEncoder().withoutPadding().encodeToString(in.bytes(32));
        return new StatedClock(heads, new ClockDigest(count, hash));
    }
}
