package dev.livesync.transport.libp2p;

import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.internal.noise.HandshakePattern;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.transport.support.libp2p.Multiaddr;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;

/** A peer over a blocking socket, in either role, that says whatever a test wants. */
final class Attacker implements AutoCloseable {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private HandshakeState noise;
    private CipherState[] ciphers;

    Attacker(String address) throws IOException {
        this(new Socket(
                InetAddress.getLoopbackAddress(),
                Multiaddr.parse(address, PeerId::parse).port()));
    }

    /** @param socket of a dialler, or from one */
    Attacker(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(60_000);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    static Identity identity() {
        return Identity.generate(new SecureRandom());
    }

    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void line(String text) throws IOException {
        byte[] line = (text + "\n").getBytes(StandardCharsets.UTF_8);
        raw(ByteArrays.concat(new byte[] {(byte) line.length}, line));
    }

    String line() throws IOException {
        return new String(in.readNBytes(in.readUnsignedByte()), StandardCharsets.UTF_8).trim();
    }

    void selectNoise() throws IOException {
        line("/multistream/1.0.0");
        line("/noise");
        line();
        line();
    }

    void frame(byte[] message) throws IOException {
        raw(ByteArrays.concat(new byte[] {(byte) (message.length >>> 8), (byte) message.length}, message));
    }

    byte[] frame() throws IOException {
        return in.readNBytes(in.readUnsignedShort());
    }

    private static HandshakeState xx(boolean initiator, StaticKey key) {
        return new HandshakeState(
                HandshakePattern.XX,
                Aead.CHACHA20_POLY1305,
                initiator,
                new byte[0],
                key.pair(),
                X25519.generate(new SecureRandom()));
    }

    /** The first two messages; the third is the caller's, made with this payload. */
    byte[] thirdMessage(StaticKey key) throws IOException {
        noise = xx(true, key);
        frame(noise.write(new byte[0]));
        noise.read(frame());
        return noise.write(key.payload());
    }

    /** As a listener: up to the second message, which is the caller's to send, made with this payload. */
    byte[] secondMessage(StaticKey key) throws IOException {
        line();
        line();
        line("/multistream/1.0.0");
        line("/noise");
        noise = xx(false, key);
        noise.read(frame());
        return noise.write(key.payload());
    }

    /** All of it, as a peer that keeps to the rules. */
    Attacker authenticate() throws IOException {
        selectNoise();
        frame(thirdMessage(StaticKey.generate(identity(), new SecureRandom())));
        ciphers = noise.split();
        byte[] header = "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.UTF_8);
        byte[] yamux = "\r/yamux/1.0.0\n".getBytes(StandardCharsets.UTF_8);
        secret(ByteArrays.concat(header, yamux));
        return this;
    }

    void secret(byte[] plain) throws IOException {
        byte[] encrypted = new byte[plain.length + CipherState.TAG_BYTES];
        ciphers[0].encrypt(plain, plain.length, encrypted, 0);
        frame(encrypted);
    }

    void yamux(int type, int flags, int stream, long length) throws IOException {
        byte[] header = new byte[Yamux.HEADER];
        Yamux.header(header, 0, type, flags, stream, length);
        secret(header);
    }

    void data(int flags, int stream, byte[] body) throws IOException {
        byte[] frame = new byte[Yamux.HEADER + body.length];
        Yamux.header(frame, 0, Yamux.DATA, flags, stream, body.length);
        System.arraycopy(body, 0, frame, Yamux.HEADER, body.length);
        secret(frame);
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** Reads until the other side ends the connection; answers how many bytes it still said. */
    long awaitEnd() throws IOException {
        byte[] buffer = new byte[8192];
        long said = 0;
        try {
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                said += count;
            }
        } catch (SocketException | EOFException e) {
            return said; // reset is an end too
        }
        return said;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
