package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.OkText;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.protocol.DiffAnswer;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.MessageSizes;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The answer between peers that leave trees out: sections, oldest events first, and an ok that ends them. */
final class SectionAnswer implements DiffAnswer {
    private final Snapshot snapshot;
    private final Sections sections;
    private final long events;
    private boolean done;

    /**
     * Creates an answer.
     *
     * @param snapshot closed with the answer
     * @param clock the peer's heads; their ancestors are left out without being looked up
     * @param known what else the peer has
     */
    SectionAnswer(Snapshot snapshot, List<Cid> clock, CidSet known, MessageSizes sizes, boolean tips) {
        this.snapshot = snapshot;
        // A clock without the events that lead to it says nothing about how many there are.
        events = known.size() == 0 && !clock.isEmpty()
                ? -1
                : Math.max(0, snapshot.summary().events() - known.size());
        sections = new Sections(new EventBatches(snapshot, snapshot.eventsSince(clock), known::contains), sizes, tips);
    }

    @Override
    public @Nullable OutgoingMessage next() {
        if (done) {
            return null;
        }
        OutgoingMessage section = sections.next();
        if (section != null) {
            return section;
        }
        done = true;
        return new OkText();
    }

    @Override
    public long events() {
        return events;
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
