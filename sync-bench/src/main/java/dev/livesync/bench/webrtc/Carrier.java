package dev.livesync.bench.webrtc;

import java.util.concurrent.CountDownLatch;

/** One end of one connection between two processes. Signals are texts that the caller carries. */
interface Carrier extends AutoCloseable {
    /** The first half of the exchange. */
    String offer() throws Exception;

    /** The second half, at the other end. */
    String accept(String offer) throws Exception;

    /** Completes the exchange where it began; returns when the connection is open. */
    void connect(String answer) throws Exception;

    /** Expects so many messages from here on; call it before anybody sends. */
    CountDownLatch expect(int messages) throws Exception;

    /** Sends messages as fast as they go; returns when the last one was handed over. */
    void send(int messages, int bytes) throws Exception;

    @Override
    void close();
}
