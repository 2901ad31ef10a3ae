package dev.livesync.bench.bare;

import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Picks the CARs out of the messages that a session sends. A binary message is a CAR, or a piece of what
 * {@code {"begin":…}} announced (section 4 of docs/protocol.md).
 */
public final class CarRecorder {
    private static final Pattern BEGIN =
            Pattern.compile("\\{\"begin\":\\{\"kind\":\"(text|binary)\",\"bytes\":([0-9]+)\\}\\}");

    private final List<byte[]> cars = new ArrayList<>();
    private final ByteArrayOutputStream pieces = new ByteArrayOutputStream();
    private volatile boolean on;
    private boolean piecesAreCar = true;
    private long open;

    /** From here on messages are recorded. Before, they pass unseen. */
    public synchronized void start() {
        cars.clear();
        on = true;
    }

    /**
     * Ends the recording.
     *
     * @return the CARs since its start, in their order
     */
    public synchronized List<byte[]> stop() {
        on = false;
        return List.copyOf(cars);
    }

    /**
     * Sees the next message.
     *
     * @param message as it goes to the channel
     */
    public void sent(Message message) {
        if (on) {
            record(message);
        }
    }

    private synchronized void record(Message message) {
        if (message.kind() == Message.Kind.TEXT) {
            Matcher begin = BEGIN.matcher(new String(message.payload(), StandardCharsets.UTF_8));
            if (begin.matches()) {
                piecesAreCar = begin.group(1).equals("binary");
                open = Long.parseLong(begin.group(2));
            }
            return;
        }
        pieces.writeBytes(message.payload());
        open = Math.max(0, open - message.size());
        if (open == 0) {
            if (piecesAreCar) {
                cars.add(pieces.toByteArray());
            }
            pieces.reset();
            piecesAreCar = true;
        }
    }
}
