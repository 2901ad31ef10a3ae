package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WholeMessage;
import java.util.List;

/** A section as a pack. */
final class PackBytes implements Section {
    private final OutgoingMessage message;
    private final int events;

    /**
     * Creates a section.
     *
     * @param pack its bytes; copied
     * @param events how many are in it
     */
    PackBytes(byte[] pack, int events) {
        byte[] typed = new byte[pack.length + 1];
        typed[0] = BinaryType.PACK;
        System.arraycopy(pack, 0, typed, 1, pack.length);
        message = new WholeMessage(Message.Kind.BINARY, typed);
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
