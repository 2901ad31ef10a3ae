package dev.livesync.simulation.world;

import dev.livesync.api.transport.Message;
import dev.livesync.transport.memory.MemoryLink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Somebody on the way who reads along: of sealed sessions he must not learn anything, not even that something was said twice. */
final class Wiretap {
    /** What every document of a world has in it. */
    static final String MARK = "in~confidence";

    private static final byte[] MARK_BYTES = MARK.getBytes(StandardCharsets.US_ASCII);
    /** Shorter ones are refusals, in clear. */
    private static final int SEALED_BYTES = 100;

    private final Set<Long> heard = new HashSet<>();
    private long bytes;
    private @Nullable AssertionError found;

    /** Throws what he has learnt. */
    void check() {
        if (found != null) {
            throw found;
        }
    }

    /** Reads a link. */
    void on(MemoryLink link) {
        link.tap((side, message) -> hear(link, message));
    }

    long bytes() {
        return bytes;
    }

    private void hear(MemoryLink link, Message message) {
        byte[] payload = message.payload();
        bytes += payload.length;
        for (int i = 0; i <= payload.length - MARK_BYTES.length; i++) {
            if (payload[i] == MARK_BYTES[0]
                    && Arrays.equals(payload, i, i + MARK_BYTES.length, MARK_BYTES, 0, MARK_BYTES.length)) {
                found = new AssertionError("a document travels in clear on " + link);
            }
        }
        if (message.kind() == Message.Kind.BINARY && payload.length >= SEALED_BYTES && !heard.add(tag(payload))) {
            found = new AssertionError("the same sealed message a second time, on " + link);
        }
    }

    /** The end of what is sealed is its tag. */
    private static long tag(byte[] payload) {
        return ByteBuffer.wrap(payload).getLong(payload.length - Long.BYTES);
    }
}
