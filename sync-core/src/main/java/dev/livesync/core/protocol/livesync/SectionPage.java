package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.Section;
import dev.livesync.core.protocol.EventBatches;
import dev.livesync.core.protocol.FeedPage;
import dev.livesync.core.protocol.MessageSizes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Events only, as few sections as possible. */
final class SectionPage implements FeedPage {
    private final Snapshot snapshot;
    private final Sections sections;

    /**
     * Creates a page.
     *
     * @param snapshot has the changes; closed with the page
     * @param maker as for {@link Sections}
     */
    SectionPage(
            Snapshot snapshot,
            List<Change> changes,
            Predicate<Cid> skip,
            MessageSizes sizes,
            Function<List<Block>, Section> maker) {
        this.snapshot = snapshot;
        List<Cid> events = new ArrayList<>();
        changes.forEach(c -> events.addAll(c.events()));
        sections = new Sections(new EventBatches(snapshot, events.iterator(), skip), sizes, maker);
    }

    @Override
    public @Nullable Section next(long room) {
        return sections.next(room);
    }

    @Override
    public boolean isHeldBack() {
        return sections.isHeldBack();
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
