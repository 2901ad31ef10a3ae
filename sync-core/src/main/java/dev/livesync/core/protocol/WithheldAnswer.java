package dev.livesync.core.protocol;

import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WireEncoding;
import org.jspecify.annotations.Nullable;

/** The answer to a peer that takes none of our changes: an ok, and a report if there would have been more to say. */
final class WithheldAnswer implements DiffAnswer {
    private final DiffAnswer whole;
    private final WireEncoding encoding;
    private final Runnable withheld;
    private boolean done;

    /**
     * Creates an answer.
     *
     * @param whole what would be sent; closed with this
     * @param withheld called if that has changes
     */
    WithheldAnswer(DiffAnswer whole, WireEncoding encoding, Runnable withheld) {
        this.whole = whole;
        this.encoding = encoding;
        this.withheld = withheld;
    }

    @Override
    public @Nullable OutgoingMessage next(long room) {
        if (done) {
            return null;
        }
        OutgoingMessage first = whole.next(room);
        if (whole.isHeldBack()) {
            return null;
        }
        done = true;
        if (first instanceof Section) {
            withheld.run();
        }
        return encoding.ok();
    }

    @Override
    public boolean isHeldBack() {
        return whole.isHeldBack();
    }

    @Override
    public long events() {
        return 0;
    }

    @Override
    public void close() {
        whole.close();
    }
}
