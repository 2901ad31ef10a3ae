package dev.livesync.transport.libp2p;

/** Room for one frame each way, shared by the connections of a thread: each uses it within one call. */
final class Scratch {
    private static final ThreadLocal<Scratch> OURS = ThreadLocal.withInitial(Scratch::new);

    final byte[] plainOut = new byte[FrameReader.MAX_FRAME - NoiseCipher.TAG_BYTES];
    final byte[] cipherOut = new byte[FrameReader.MAX_FRAME];
    final byte[] plainIn = new byte[FrameReader.MAX_FRAME];

    private Scratch() {}

    static Scratch get() {
        return OURS.get();
    }
}
