package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SipHashTest {
    private static final long K0 = 0x0706050403020100L;
    private static final long K1 = 0x0f0e0d0c0b0a0908L;

    private static byte[] upTo(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }

    /** The authors' vectors: the key 00 01 … 0f, the messages empty, 00, 00 01 … */
    @Test
    void thePublishedVectors() {
        long[] expected = {
            0x726fdb47dd0e0e31L, 0x74f839c593dc67fdL, 0x0d6c8009d9a94f5aL, 0x85676696d7fb7e2dL,
            0xcf2794e0277187b7L, 0x18765564cd99a68dL, 0xcbc9466e58fee3ceL, 0xab0200f58b01d137L,
            0x93f5f5799a932462L, 0x9e0082df0ba9e4b0L, 0x7a5dbbc594ddb9f3L, 0xf4b32f46226bada7L,
            0x751e8fbc860ee5fbL, 0x14ea5627c0843d90L, 0xf723ca908e7af2eeL, 0xa129ca6149be45e5L
        };
        long[] actual = new long[expected.length];
        for (int i = 0; i < actual.length; i++) {
            actual[i] = SipHash.of(K0, K1, upTo(i));
        }
        assertThat(actual).containsExactly(expected);
    }

    @Test
    void wordsAreTheirBytes() {
        ByteBuffer words = ByteBuffer.wrap(upTo(32)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(SipHash.ofWords(K0, K1, words.getLong(0)))
                .isEqualTo(SipHash.of(K0, K1, Arrays.copyOf(words.array(), 8)));
        assertThat(SipHash.ofWords(K0, K1, words.getLong(0), words.getLong(8), words.getLong(16), words.getLong(24)))
                .isEqualTo(SipHash.of(K0, K1, words.array()));
    }
}
