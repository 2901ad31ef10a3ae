package dev.livesync.bench.bare;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.BinaryParser;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.WireMessage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Picks the packs out of the messages that a session sends, whole or in pieces; section 5 of docs/protocol.md. */
public final class PackRecorder {
    private final List<byte[]> packs = new ArrayList<>();
    private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();
    private volatile boolean on;
    private long open;

    /** From here on messages are recorded. Before, they pass unseen. */
    public synchronized void start() {
        packs.clear();
        on = true;
    }

    /**
     * Ends the recording.
     *
     * @return the packs since its start, in their order
     */
    public synchronized List<byte[]> stop() {
        on = false;
        return List.copyOf(packs);
    }

    /**
     * Sees the next message.
     *
     * @param message as it goes to the channel
     */
    public void sent(Message message) {
        if (on) {
            record(message.payload());
        }
    }

    private synchronized void record(byte[] message) {
        if (message[0] == BinaryType.BEGIN && BinaryParser.parse(message) instanceof WireMessage.Begin begin) {
            open = begin.bytes();
        } else if (message[0] == BinaryType.PIECE) {
            pieces.write(message, 1, message.length - 1);
            if (pieces.size() == open) {
                whole(pieces.toByteArray());
                pieces.reset();
            }
        } else {
            whole(message);
        }
    }

    private void whole(byte[] message) {
        if (message[0] == BinaryType.PACK) {
            packs.add(Arrays.copyOfRange(message, 1, message.length));
        }
    }
}
