package dev.livesync.core.protocol;

import dev.livesync.core.message.OkText;
import dev.livesync.core.message.OutgoingMessage;
import org.jspecify.annotations.Nullable;

/** The answer to a peer that may not read: the same, whatever is here. */
final class EmptyAnswer implements DiffAnswer {
    private boolean done;

    @Override
    public @Nullable OutgoingMessage next() {
        if (done) {
            return null;
        }
        done = true;
        return new OkText();
    }

    @Override
    public long events() {
        return 0;
    }

    @Override
    public void close() {}
}
