package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An event that has something done whenever it is looked at: how the kit gets into the middle of a commit, on any store. */
final class PlantedEvent implements Event {
    private final Event event;
    private final Runnable look;

    PlantedEvent(Event event, Runnable look) {
        this.event = event;
        this.look = look;
    }

    @Override
    public Block block() {
        look.run();
        return event.block();
    }

    /** Silent: collections look at it at any time. */
    @Override
    public Cid cid() {
        return event.cid();
    }

    @Override
    public Type type() {
        look.run();
        return event.type();
    }

    @Override
    public String key() {
        look.run();
        return event.key();
    }

    @Override
    public @Nullable Cid root() {
        look.run();
        return event.root();
    }

    @Override
    public List<Cid> parents() {
        look.run();
        return event.parents();
    }

    @Override
    public Value value() {
        look.run();
        return event.value();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Event e && cid().equals(e.cid());
    }

    @Override
    public int hashCode() {
        return cid().hashCode();
    }

    @Override
    public String toString() {
        return event.toString();
    }
}
