package dev.livesync.core.protocol;

import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireEncoding;
import org.jspecify.annotations.Nullable;

/** The answer to a peer that may not read: the same, whatever is here. */
final class EmptyAnswer implements DiffAnswer {
    private final WireEncoding encoding;
    private boolean done;

    EmptyAnswer(WireEncoding encoding) {
        this.encoding = encoding;
    }

    @Override
    public @Nullable OutgoingMessage next(long room) {
        if (done) {
            return null;
        }
        done = true;
        return encoding.ok();
    }

    @Override
    public long events() {
        return 0;
    }

    @Override
    public void close() {}
}
