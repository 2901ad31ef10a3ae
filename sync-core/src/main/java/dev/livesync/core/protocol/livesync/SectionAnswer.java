package dev.livesync.core.protocol.livesync;

import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.protocol.DiffAnswer;
import org.jspecify.annotations.Nullable;

/** The answer between peers that leave trees out: sections, oldest events first, and an ok that ends them. */
final class SectionAnswer implements DiffAnswer {
    private final Sections sections;
    private final OutgoingMessage ok;
    private final long events;
    private final Runnable close;
    private boolean done;

    /**
     * Creates an answer.
     *
     * @param sections of everything that the peer lacks
     * @param ok sent after them
     * @param events how many there are; -1 if that isn't known
     * @param close called with {@link #close}
     */
    SectionAnswer(Sections sections, OutgoingMessage ok, long events, Runnable close) {
        this.sections = sections;
        this.ok = ok;
        this.events = events;
        this.close = close;
    }

    @Override
    public @Nullable OutgoingMessage next(long room) {
        if (done) {
            return null;
        }
        OutgoingMessage section = sections.next(room);
        if (section != null || sections.isHeldBack()) {
            return section;
        }
        done = true;
        return ok;
    }

    @Override
    public boolean isHeldBack() {
        return sections.isHeldBack();
    }

    @Override
    public long events() {
        return events;
    }

    @Override
    public void close() {
        close.run();
    }
}
