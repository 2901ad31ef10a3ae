package dev.livesync.transport.websocket;

import dev.livesync.api.internal.Digests;
import dev.livesync.transport.support.Handover;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * TLS over a socket. Slow parts of the handshake (signatures, looking at certificates) run on the transport's executor;
 * while they do, the wire neither reads nor writes, and {@code resume} is called when they are done.
 */
final class TlsWire implements Wire {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final Executor executor;
    private final ByteBuffer output;
    private final Runnable resume;

    /** From the socket, encrypted; ready to be filled. */
    private ByteBuffer netIn;
    /** For the socket, encrypted; ready to be drained. */
    private ByteBuffer netOut;
    /** Decrypted during a handshake; ready to be drained. */
    private ByteBuffer early;

    private boolean ready;
    /** Set on the loop's thread, cleared by the task's thread. */
    private volatile boolean busy;

    private volatile boolean abandoned;

    private boolean ended;

    /** Whether the socket had less than was asked of it. */
    private boolean drained;

    /**
     * @param output of the loop's
     * @param resume told on any thread when a slow part is done; must lead to {@link #advance} on the loop's thread
     */
    TlsWire(SocketChannel socket, SSLEngine engine, Executor executor, ByteBuffer output, Runnable resume) {
        this.socket = socket;
        this.engine = engine;
        this.executor = executor;
        this.output = output;
        this.resume = resume;
        SSLSession session = engine.getSession();
        this.netIn = ByteBuffer.allocate(session.getPacketBufferSize());
        this.netOut = ByteBuffer.allocate(2 * session.getPacketBufferSize()).flip();
        this.early = ByteBuffer.allocate(session.getApplicationBufferSize()).flip();
    }

    @Override
    public boolean advance() throws IOException {
        try {
            return handshake();
        } catch (SSLException e) {
            sayWhy();
            throw e;
        }
    }

    private boolean handshake() throws IOException {
        if (!ready && engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING) {
            engine.beginHandshake();
        }
        while (!busy) {
            flush();
            switch (engine.getHandshakeStatus()) {
                case NOT_HANDSHAKING, FINISHED -> {
                    ready = true;
                    return true;
                }
                case NEED_TASK -> runTasks();
                case NEED_WRAP -> {
                    if (hasOutput() || !wrapNothing()) {
                        return false; // the socket is full: its readiness goes on with this
                    }
                }
                default -> { // NEED_UNWRAP; only DTLS has another, which Android doesn't name
                    if (!unwrapEarly()) {
                        return false;
                    }
                }
            }
        }
        return false;
    }

    private void runTasks() {
        busy = true;
        Handover.to(executor, () -> {
            try {
                Runnable task = abandoned ? null : engine.getDelegatedTask();
                while (task != null) {
                    task.run();
                    task = engine.getDelegatedTask();
                }
            } finally {
                busy = false;
                resume.run();
            }
        });
    }

    private boolean unwrapEarly() throws IOException {
        early.compact();
        SSLEngineResult result;
        try {
            result = engine.unwrap(netIn.flip(), early);
        } finally {
            netIn.compact();
            early.flip();
        }
        return switch (result.getStatus()) {
            case OK -> true;
            case BUFFER_UNDERFLOW -> receive() > 0;
            case BUFFER_OVERFLOW -> throw new SSLException("the peer sent data during the TLS handshake");
            case CLOSED -> throw new EOFException("the peer ended TLS during its handshake");
        };
    }

    /** More from the socket: how many bytes; fails at the end of the stream while a handshake is on. */
    private int receive() throws IOException {
        if (!netIn.hasRemaining()) {
            netIn = enlarged(netIn, engine.getSession().getPacketBufferSize());
        }
        int read = socket.read(netIn);
        drained = netIn.hasRemaining();
        if (read < 0 && !ready) {
            throw new EOFException("the peer closed the connection during the TLS handshake");
        }
        return read;
    }

    private static ByteBuffer enlarged(ByteBuffer filling, int atLeast) {
        return ByteBuffer.allocate(Math.max(atLeast, 2 * filling.capacity())).put(filling.flip());
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int before = into.position();
        if (early.hasRemaining()) {
            into.put(early);
        }
        while (!ended && !busy && into.remaining() >= engine.getSession().getApplicationBufferSize()) {
            SSLEngineResult result = unwrap(into);
            if (needsHandshake(result.getHandshakeStatus())) {
                handshake();
            }
            boolean stuck = result.bytesConsumed() == 0 && result.bytesProduced() == 0;
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                ended = true;
            } else if (stuck && !more(into.position() > before)) {
                break;
            }
        }
        int read = into.position() - before;
        return read == 0 && ended ? -1 : read;
    }

    private SSLEngineResult unwrap(ByteBuffer into) throws SSLException {
        try {
            return engine.unwrap(netIn.flip(), into);
        } catch (SSLException e) {
            sayWhy();
            throw e;
        } finally {
            netIn.compact();
        }
    }

    /** Asks the socket, unless something was read already; whether it is worth another try. */
    private boolean more(boolean enough) throws IOException {
        if (enough) {
            return false;
        }
        int read = receive();
        ended |= read < 0;
        return read > 0;
    }

    private static boolean needsHandshake(HandshakeStatus status) {
        return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_WRAP;
    }

    @Override
    public boolean canRead() {
        return !busy;
    }

    @Override
    public boolean hasInput() {
        return !busy && (early.hasRemaining() || netIn.position() > 0);
    }

    @Override
    public boolean isDrained() {
        return drained && !hasInput();
    }

    /** Reading may go on with a handshake, which writes. */
    @Override
    public boolean isForAnyThread() {
        return false;
    }

    @Override
    public ByteBuffer output() {
        return output.clear();
    }

    @Override
    public int write(ByteBuffer bytes) throws IOException {
        flush();
        if (hasOutput() || busy) {
            return 0;
        }
        int before = bytes.position();
        // Wrapping nothing would still make a record.
        while (bytes.hasRemaining() && room()) {
            SSLEngineResult result = wrap(bytes);
            if (result.getStatus() == SSLEngineResult.Status.CLOSED) {
                throw new IOException("the peer ended TLS");
            }
            if (result.bytesConsumed() == 0) {
                break;
            }
        }
        flush();
        return bytes.position() - before;
    }

    /** Whether one more TLS record certainly fits. */
    private boolean room() {
        return netOut.capacity() - netOut.remaining() >= engine.getSession().getPacketBufferSize();
    }

    private SSLEngineResult wrap(ByteBuffer source) throws SSLException {
        netOut.compact();
        try {
            return engine.wrap(source, netOut);
        } finally {
            netOut.flip();
        }
    }

    private boolean wrapNothing() throws IOException {
        SSLEngineResult result = wrap(NOTHING);
        flush();
        return result.getStatus() == SSLEngineResult.Status.OK || result.getStatus() == SSLEngineResult.Status.CLOSED;
    }

    @Override
    public boolean hasOutput() {
        return netOut.hasRemaining();
    }

    @Override
    public void flush() throws IOException {
        boolean moves = true;
        while (moves && netOut.hasRemaining()) {
            moves = socket.write(netOut) > 0;
        }
    }

    @Override
    public void shutdownOutput() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone() && room()) {
            if (wrap(NOTHING).bytesProduced() == 0) {
                break;
            }
        }
        flush();
        socket.shutdownOutput();
    }

    /** Lets the peer read the alert that says what it did wrong. Best effort. */
    private void sayWhy() {
        try {
            for (int i = 0; i < 4 && engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP && room(); i++) {
                wrapNothing();
            }
        } catch (IOException e) {
            System.getLogger(TlsWire.class.getName()).log(System.Logger.Level.TRACE, "no alert was sent", e);
        }
    }

    @Override
    public void abandon() {
        abandoned = true;
    }

    @Override
    public Optional<byte[]> binding() {
        Certificate certificate = serverCertificate();
        if (!ready || certificate == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(Digests.sha256(certificate.getEncoded()));
        } catch (CertificateEncodingException e) {
            throw new AssertionError("a certificate that came from bytes has bytes", e);
        }
    }

    private @Nullable Certificate serverCertificate() {
        try {
            SSLSession session = engine.getSession();
            Certificate[] chain =
                    engine.getUseClientMode() ? session.getPeerCertificates() : session.getLocalCertificates();
            return chain == null || chain.length == 0 ? null : chain[0];
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }
}
