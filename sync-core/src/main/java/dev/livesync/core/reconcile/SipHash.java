package dev.livesync.core.reconcile;

/** SipHash-2-4, as its authors specify it. */
final class SipHash {
    private SipHash() {}

    static long of(long k0, long k1, byte[] message) {
        long[] words = new long[message.length / 8 + 1];
        for (int i = 0; i < message.length; i++) {
            words[i / 8] |= (message[i] & 0xffL) << 8 * (i % 8);
        }
        words[words.length - 1] |= (long) message.length << 56;
        return hash(k0, k1, words);
    }

    /** Of whole words, little-endian. */
    static long ofWords(long k0, long k1, long w0) {
        return hash(k0, k1, w0, 8L << 56);
    }

    static long ofWords(long k0, long k1, long w0, long w1, long w2, long w3) {
        return hash(k0, k1, w0, w1, w2, w3, 32L << 56);
    }

    private static long hash(long k0, long k1, long... words) {
        long v0 = k0 ^ 0x736f6d6570736575L;
        long v1 = k1 ^ 0x646f72616e646f6dL;
        long v2 = k0 ^ 0x6c7967656e657261L;
        long v3 = k1 ^ 0x7465646279746573L;
        for (int i = 0; i <= words.length; i++) {
            boolean last = i == words.length;
            long word = last ? 0xff : words[i];
            v3 ^= last ? 0 : word;
            v2 ^= last ? word : 0;
            for (int rounds = last ? 4 : 2; rounds > 0; rounds--) {
                v0 += v1;
                v1 = Long.rotateLeft(v1, 13) ^ v0;
                v0 = Long.rotateLeft(v0, 32);
                v2 += v3;
                v3 = Long.rotateLeft(v3, 16) ^ v2;
                v0 += v3;
                v3 = Long.rotateLeft(v3, 21) ^ v0;
                v2 += v1;
                v1 = Long.rotateLeft(v1, 17) ^ v2;
                v2 = Long.rotateLeft(v2, 32);
            }
            v0 ^= last ? 0 : word;
        }
        return v0 ^ v1 ^ v2 ^ v3;
    }
}
