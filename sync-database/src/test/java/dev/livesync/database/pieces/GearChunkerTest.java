package dev.livesync.database.pieces;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GearChunkerTest {
    static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static List<byte[]> cut(byte[] content) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < content.length; ) {
            int length = GearChunker.length(content, at, content.length);
            pieces.add(Arrays.copyOfRange(content, at, at + length));
            at += length;
        }
        return pieces.isEmpty() ? List.of(content) : pieces;
    }

    /** The generator's numbers as its author published them; the JDK's, which the oracle takes, are the same. */
    @Test
    void theTableIsSplitMix64s() {
        assertThat(new java.util.SplittableRandom(0).longs(5).toArray())
                .containsExactly(
                        0xe220a8397b1dcdafL,
                        0x6e789e6aa1b965f4L,
                        0x06c45d188009454fL,
                        0xf88bb8a8724c81ecL,
                        0x1b39896a51a8749bL);
    }

    @Test
    void cutsWhereTheDefinitionSays() {
        for (long seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            byte[] content = content(seed, random.nextInt(600_000));
            if (seed % 3 == 0) { // long runs, as in pictures without compression
                Arrays.fill(content, content.length / 3, content.length, (byte) random.nextInt(256));
            }
            assertThat(cut(content)).as("seed %d", seed).containsExactlyElementsOf(NaivePieces.pieces(content));
        }
    }

    /** Facts of FastCDC: bounds, and lengths that gather around the normal one. */
    @Test
    void lengthsAreBoundedAndAroundTheNormalOne() {
        List<byte[]> pieces = cut(content(7, 32 << 20));
        byte[] last = pieces.get(pieces.size() - 1);
        assertThat(pieces)
                .allMatch(piece -> piece.length <= GearChunker.MOST)
                .allMatch(piece -> piece.length > GearChunker.LEAST || piece == last);
        assertThat((32 << 20) / pieces.size()).isBetween(60_000, 90_000);
        long around = pieces.stream()
                .filter(piece -> piece.length > GearChunker.NORMAL / 2 && piece.length < GearChunker.NORMAL * 3 / 2)
                .count();
        assertThat(around * 2).as("normalised: most are near").isGreaterThan(pieces.size());
    }

    /** The reason to cut by content: an insertion costs the pieces around it. */
    @Test
    void anInsertionChangesOnlyWhatIsAroundIt() {
        byte[] before = content(3, 8 << 20);
        for (int at : new int[] {0, 1_000_000, 4_194_304, 8_000_000}) {
            byte[] after = new byte[before.length + 1];
            System.arraycopy(before, 0, after, 0, at);
            System.arraycopy(before, at, after, at + 1, before.length - at);
            Set<ByteBuffer> old = new HashSet<>();
            cut(before).forEach(piece -> old.add(ByteBuffer.wrap(piece)));
            long changed = cut(after).stream()
                    .filter(piece -> !old.contains(ByteBuffer.wrap(piece)))
                    .count();
            assertThat(changed).as("inserted at %d", at).isBetween(1L, 8L);
        }
    }
}
