package dev.livesync.it.cli;

import dev.livesync.it.TcpRelay;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** Somebody on a plain hop between two proxies, who knows WebSocket's frames, keeps a recording, and attacks one frame of each connection. */
final class ManInTheMiddle extends TcpRelay {
    /** What becomes of the frame. */
    enum Attack {
        NONE,
        FLIP_EARLY,
        FLIP_LATE,
        REPEAT,
        LEAVE_OUT,
        /** It goes behind the next one. */
        REORDER;

        /** The first frame to which it can be done: each end waits for the other's first, and nothing comes behind it till then. */
        int first() {
            return this == LEAVE_OUT || this == REORDER ? 1 : 0;
        }
    }

    /** What he is about to do to the next connection. */
    record Plan(Attack attack, boolean towardsListener, int index) {}

    private final ByteArrayOutputStream recording = new ByteArrayOutputStream();
    private volatile Plan plan = new Plan(Attack.NONE, true, 0);
    private volatile boolean attacked;

    /** In front of that port. */
    ManInTheMiddle(int target) throws IOException {
        super("127.0.0.1", target);
        begin();
    }

    String address() {
        return "http://127.0.0.1:" + localPort();
    }

    /** Attacks the connections from now on. */
    void plan(Plan next) {
        plan = next;
        attacked = false;
    }

    /** Whether there was such a frame. */
    boolean attacked() {
        return attacked;
    }

    /** All that passed, as it would be read with an editor. */
    String recording() {
        synchronized (recording) {
            return recording.toString(StandardCharsets.ISO_8859_1);
        }
    }

    @Override
    protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
        Plan now = plan;
        DataInputStream in = new DataInputStream(from.getInputStream());
        OutputStream out = to.getOutputStream();
        pass(head(in), out);
        for (int frames = 0; ; frames++) {
            byte[] frame = frame(in);
            if (now.towardsListener() == fromDialler && now.index() == frames) {
                attack(now.attack(), frame, in, out);
            } else {
                pass(frame, out);
            }
        }
    }

    private void attack(Attack attack, byte[] frame, DataInputStream in, OutputStream out) throws IOException {
        attacked = true;
        switch (attack) {
            case NONE -> pass(frame, out);
            case FLIP_EARLY -> {
                frame[headerBytes(frame) + 1] ^= (byte) 0x80; // the first is the version, of which anybody may know
                pass(frame, out);
            }
            case FLIP_LATE -> {
                frame[frame.length - 1] ^= 1;
                pass(frame, out);
            }
            case REPEAT -> {
                pass(frame, out);
                pass(frame, out);
            }
            case LEAVE_OUT -> {}
            case REORDER -> {
                pass(frame(in), out);
                pass(frame, out);
            }
        }
    }

    private void pass(byte[] bytes, OutputStream out) throws IOException {
        synchronized (recording) {
            recording.writeBytes(bytes);
        }
        out.write(bytes);
        out.flush();
    }

    private static byte[] head(DataInputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int end = 0;
        while (end < 4) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException();
            }
            head.write(b);
            end = b == "\r\n\r\n".charAt(end) ? end + 1 : b == '\r' ? 1 : 0;
        }
        return head.toByteArray();
    }

    private static byte[] frame(DataInputStream in) throws IOException {
        byte[] start = in.readNBytes(2);
        if (start.length < 2) {
            throw new EOFException();
        }
        int code = start[1] & 0x7f;
        byte[] stated = in.readNBytes(code == 126 ? 2 : code == 127 ? 8 : 0);
        long length = code;
        if (stated.length > 0) {
            length = 0;
            for (byte b : stated) {
                length = length << 8 | b & 0xff;
            }
        }
        byte[] rest = in.readNBytes(Math.toIntExact(length) + ((start[1] & 0x80) != 0 ? 4 : 0));
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(start);
        frame.writeBytes(stated);
        frame.writeBytes(rest);
        return frame.toByteArray();
    }

    private static int headerBytes(byte[] frame) {
        int code = frame[1] & 0x7f;
        return 2 + (code == 126 ? 2 : code == 127 ? 8 : 0) + ((frame[1] & 0x80) != 0 ? 4 : 0);
    }
}
