package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** A member that says what its test wants it to say, byte by byte; it reads only when it is asked to. */
final class RawMember implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final DataInputStream in;
    private final String id;

    RawMember(LocalRooms rooms, String room) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), rooms.port());
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        socket.getOutputStream()
                .write(("GET /parties/livesync/" + room + " HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
                                + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.readUnsignedByte());
        }
        assertThat(head.toString()).startsWith("HTTP/1.1 101");
        id = awaitText("\"room\":1").replaceAll(".*\"you\":\"([^\"]*)\".*", "$1");
    }

    String id() {
        return id;
    }

    /** Asks for a seat or who has it, and returns the answer. */
    String ask(String what, String seat) throws IOException {
        send(1, ("{\"" + what + "\":\"" + seat + "\"}").getBytes(StandardCharsets.UTF_8));
        return awaitText("\"" + seat + "\"");
    }

    /** A frame to a member. */
    void say(String to, int type, int channel, byte... payload) throws IOException {
        byte[] name = to.getBytes(StandardCharsets.ISO_8859_1);
        send(
                2,
                ByteBuffer.allocate(6 + name.length + payload.length)
                        .put((byte) name.length)
                        .put(name)
                        .put((byte) type)
                        .putInt(channel)
                        .put(payload)
                        .array());
    }

    static byte[] open(String seat, int credit, int largest) {
        return ByteBuffer.allocate(10 + seat.length())
                .put((byte) 1)
                .put((byte) seat.length())
                .put(seat.getBytes(StandardCharsets.ISO_8859_1))
                .putInt(credit)
                .putInt(largest)
                .array();
    }

    static byte[] opened(int credit, int largest) {
        return ByteBuffer.allocate(9)
                .put((byte) 1)
                .putInt(credit)
                .putInt(largest)
                .array();
    }

    void send(int opcode, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(14 + payload.length).put((byte) (0x80 | opcode));
        if (payload.length < 126) {
            frame.put((byte) (0x80 | payload.length));
        } else {
            frame.put((byte) 0xff).putLong(payload.length);
        }
        frame.putInt(0).put(payload); // a mask of nothing
        OutputStream out = socket.getOutputStream();
        out.write(frame.array(), 0, frame.position());
    }

    /** The next text in which this is. */
    String awaitText(String part) throws IOException {
        while (true) {
            byte[] message = read();
            String text = new String(message, StandardCharsets.UTF_8);
            if (text.startsWith("{") && text.contains(part)) {
                return text;
            }
        }
    }

    /** The next frame of a member's for which this holds. */
    RoomFrame awaitFrame(Predicate<RoomFrame> wanted) throws IOException {
        while (true) {
            byte[] message = read();
            RoomFrame frame = message.length > 0 && message[0] != '{' ? RoomFrame.read(message) : null;
            if (frame != null && wanted.test(frame)) {
                return frame;
            }
        }
    }

    private byte[] read() throws IOException {
        in.readUnsignedByte();
        int stated = in.readUnsignedByte();
        long length = stated < 126 ? stated : stated == 126 ? in.readUnsignedShort() : in.readLong();
        byte[] payload = new byte[(int) length];
        in.readFully(payload);
        return payload;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
