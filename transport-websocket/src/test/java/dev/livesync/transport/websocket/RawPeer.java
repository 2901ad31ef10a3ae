package dev.livesync.transport.websocket;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** A peer made of a plain socket, which can say anything. */
final class RawPeer implements AutoCloseable {
    /** A frame as it was read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Frame(boolean fin, int opcode, byte[] payload) {
        int closeCode() {
            return payload.length < 2 ? -1 : (payload[0] & 0xff) << 8 | payload[1] & 0xff;
        }
    }

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawPeer(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(30_000);
        this.in = new DataInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    static RawPeer dial(String address) throws IOException {
        return new RawPeer(new Socket(
                InetAddress.getLoopbackAddress(), Address.parse(address).port()));
    }

    /** Dials and shakes hands. */
    static RawPeer open(String address) throws IOException {
        RawPeer peer = dial(address);
        peer.write(request("/", ""));
        String answer = peer.readHead();
        if (!answer.startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no handshake: " + answer);
        }
        return peer;
    }

    /** A valid request; headers end with CRLF each. */
    static String request(String path, String moreHeaders) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n" + moreHeaders + "\r\n";
    }

    void write(String ascii) throws IOException {
        out.write(ascii.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    void writeHex(String hex) throws IOException {
        out.write(HexFormat.of().parseHex(hex.replace(" ", "")));
        out.flush();
    }

    /** Writes a frame, masked as a client's. */
    void writeFrame(boolean fin, int opcode, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write((fin ? 0x80 : 0) | opcode);
        if (payload.length < 126) {
            frame.write(0x80 | payload.length);
        } else {
            frame.write(0x80 | 126);
            frame.write(payload.length >>> 8);
            frame.write(payload.length);
        }
        byte[] key = {1, 2, 3, 4};
        frame.writeBytes(key);
        for (int i = 0; i < payload.length; i++) {
            frame.write(payload[i] ^ key[i % 4]);
        }
        out.write(frame.toByteArray());
        out.flush();
    }

    String readHead() throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the end after: " + head);
            }
            head.append((char) next);
        }
        return head.toString();
    }

    Frame readFrame() throws IOException {
        int first = in.read();
        int second = in.read();
        if (second < 0) {
            throw new IOException("the end instead of a frame");
        }
        long length = second & 0x7f;
        if (length >= 126) {
            int bytes = length == 126 ? 2 : 8;
            length = 0;
            for (int i = 0; i < bytes; i++) {
                length = length << 8 | in.read();
            }
        }
        return new Frame((first & 0x80) != 0, first & 0x0f, in.readNBytes((int) length));
    }

    /** Everything until the other side ends the connection. */
    byte[] readToEnd() throws IOException {
        return in.readAllBytes();
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
