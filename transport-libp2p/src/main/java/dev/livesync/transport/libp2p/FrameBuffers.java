package dev.livesync.transport.libp2p;

import dev.livesync.api.internal.noise.CipherState;

/** Buffers for one frame each way, shared by the connections of a thread. Each connection uses them within one call. */
final class FrameBuffers {
    private static final ThreadLocal<FrameBuffers> OURS = ThreadLocal.withInitial(FrameBuffers::new);

    final byte[] plainOut = new byte[FrameReader.MAX_FRAME - CipherState.TAG_BYTES];
    final byte[] cipherOut = new byte[FrameReader.MAX_FRAME];
    final byte[] plainIn = new byte[FrameReader.MAX_FRAME];

    private FrameBuffers() {}

    static FrameBuffers get() {
        return OURS.get();
    }
}
