package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.Section;
import java.util.List;

/** A section as a pack. */
final class PackBytes implements Section {
    private final OutgoingMessage message;
    private final int events;

    /**
     * Creates a section.
     *
     * @param pack its bytes; the section's from now on
     * @param events how many are in it
     */
    PackBytes(byte[] pack, int events) {
        message = BinaryEncoding.pack(pack);
        this.events = events;
    }

    @Override
    public int eventCount() {
        return events;
    }

    @Override
    public int blockCount() {
        return events;
    }

    @Override
    public List<Event> tips() {
        return List.of();
    }

    @Override
    public Message.Kind kind() {
        return message.kind();
    }

    @Override
    public long size() {
        return message.size();
    }

    @Override
    public void next(byte[] target, int offset, int length) {
        message.next(target, offset, length);
    }
}
