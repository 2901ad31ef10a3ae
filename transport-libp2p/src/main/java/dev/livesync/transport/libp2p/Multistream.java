package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Varint;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * multistream-select 1.0: one side proposes a protocol, the other repeats its name or says {@code na}. Pure; one thread.
 *
 * <p>We propose one protocol and don't wait for the peer's greeting; a listener answers as many proposals as a peer can
 * reasonably have.
 */
final class Multistream {
    /** Longer than any name of a protocol that we know; others limit it to this too. */
    static final int MAX_LINE = 1_024;

    private static final int MAX_PROPOSALS = 64;
    private static final String GREETING = "/multistream/1.0.0";
    private static final String NOT_AVAILABLE = "na";
    private static final String LIST = "ls";

    private final List<String> ours;
    private final boolean dialler;
    private final Consumer<byte[]> out;

    private final Varint length = new Varint();
    private byte[] line = {};
    private int filled = -1;
    private boolean greeted;
    private int proposals;
    private @Nullable String selected;

    private Multistream(boolean dialler, List<String> ours, Consumer<byte[]> out) {
        this.dialler = dialler;
        this.ours = ours;
        this.out = out;
    }

    /** Creates the proposing side, which greets and proposes at once. */
    static Multistream propose(String protocol, Consumer<byte[]> out) {
        Multistream made = new Multistream(true, List.of(protocol), out);
        out.accept(ByteArrays.concat(encode(GREETING), encode(protocol)));
        return made;
    }

    /** Creates the answering side, which greets when it is greeted. */
    static Multistream answer(List<String> supported, Consumer<byte[]> out) {
        return new Multistream(false, List.copyOf(supported), out);
    }

    /** The agreed protocol; null until there is one. */
    @Nullable
    String selected() {
        return selected;
    }

    /**
     * Takes bytes until a protocol is selected; returns how many. Fails as MALFORMED, or UNREACHABLE if the peer doesn't speak what we
     * propose.
     */
    int receive(byte[] bytes, int offset, int count) {
        int at = offset;
        while (at < offset + count && selected == null) {
            if (filled < 0) {
                if (length.add(bytes[at++])) {
                    begin(length.take());
                }
            } else {
                int taken = Math.min(line.length - filled, offset + count - at);
                System.arraycopy(bytes, at, line, filled, taken);
                filled += taken;
                at += taken;
            }
            if (filled == line.length) {
                filled = -1;
                take(text());
            }
        }
        return at - offset;
    }

    private void begin(long bytes) {
        if (bytes < 1 || bytes > MAX_LINE) {
            throw Libp2pFailures.malformed("it does not speak multistream-select: a line of " + bytes + " bytes");
        }
        line = new byte[(int) bytes];
        filled = 0;
    }

    private String text() {
        if (line[line.length - 1] != '\n') {
            throw Libp2pFailures.malformed("it does not speak multistream-select: a line without its end");
        }
        return new String(line, 0, line.length - 1, StandardCharsets.UTF_8);
    }

    private void take(String said) {
        if (!greeted) {
            if (!said.equals(GREETING)) {
                throw Libp2pFailures.malformed(
                        "it does not speak multistream-select 1.0 but '" + Libp2pFailures.shown(said) + "'");
            }
            greeted = true;
            if (!dialler) {
                out.accept(encode(GREETING));
            }
        } else if (dialler) {
            answered(said);
        } else {
            proposed(said);
        }
    }

    private void answered(String said) {
        if (said.equals(ours.get(0))) {
            selected = said;
        } else if (said.equals(NOT_AVAILABLE)) {
            throw new SyncException(ErrorKind.UNREACHABLE, "it does not speak " + ours.get(0));
        } else {
            throw Libp2pFailures.malformed(
                    "it answered '" + Libp2pFailures.shown(said) + "' when asked for " + ours.get(0));
        }
    }

    private void proposed(String said) {
        if (++proposals > MAX_PROPOSALS) {
            throw Libp2pFailures.malformed("it proposed more than " + MAX_PROPOSALS + " protocols");
        }
        if (ours.contains(said)) {
            selected = said;
            out.accept(encode(said));
        } else if (said.equals(LIST)) {
            out.accept(list());
        } else {
            out.accept(encode(NOT_AVAILABLE));
        }
    }

    private byte[] list() {
        ByteArrayOutputStream inner = new ByteArrayOutputStream();
        ours.forEach(protocol -> inner.writeBytes(encode(protocol)));
        inner.write('\n');
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Varint.write(all, inner.size());
        all.writeBytes(inner.toByteArray());
        return all.toByteArray();
    }

    private static byte[] encode(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream all = new ByteArrayOutputStream(utf8.length + 3);
        Varint.write(all, utf8.length + 1L);
        all.writeBytes(utf8);
        all.write('\n');
        return all.toByteArray();
    }
}
