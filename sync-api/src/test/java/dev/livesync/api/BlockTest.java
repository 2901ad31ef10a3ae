package dev.livesync.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final byte[] CONTENT = {1, 2, 3, 4};

    @Test
    void bytesThatDoNotMatchTheirCidMakeNoBlock() {
        Cid cid = Cid.hash(Cid.RAW, CONTENT);
        assertThat(Block.verified(cid, CONTENT.clone())).isEqualTo(Block.of(Cid.RAW, CONTENT.clone()));
        for (int at = 0; at < CONTENT.length; at++) {
            byte[] other = CONTENT.clone();
            other[at] ^= 1;
            assertThatThrownBy(() -> Block.verified(cid, other))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.HASH_MISMATCH))
                    .hasMessage("block " + cid + " does not match its bytes (4 bytes that hash to "
                            + Cid.hash(Cid.RAW, other) + ")");
        }
    }

    @Test
    void nothingThatIsHandedOutReachesTheContent() throws IOException {
        Block block = Block.of(Cid.RAW, CONTENT.clone());
        block.toByteArray()[0] = 9;
        assertThat(block.bytes().isReadOnly()).isTrue();
        block.bytes().position(3);
        assertThat(block.bytes()).isEqualTo(ByteBuffer.wrap(CONTENT));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        block.writeTo(out);
        assertThat(out.toByteArray()).isEqualTo(CONTENT).isEqualTo(block.toByteArray());
        assertThat(block.size()).isEqualTo(4);
    }

    @Test
    void copiesAPartOrNothing() {
        Block block = Block.of(Cid.RAW, CONTENT.clone());
        byte[] target = new byte[4];
        block.copyTo(1, target, 2, 2);
        assertThat(target).containsExactly(0, 0, 2, 3);
        for (int[] bad : new int[][] {{3, 0, 2}, {-1, 0, 1}, {0, 3, 2}, {0, -1, 1}, {0, 0, -1}}) {
            assertThatThrownBy(() -> block.copyTo(bad[0], target, bad[1], bad[2]))
                    .isInstanceOf(IndexOutOfBoundsException.class);
        }
        assertThat(target).containsExactly(0, 0, 2, 3);
    }

    @Test
    void itsTextNamesItAndShowsNothingOfIt() {
        Block block = Block.of(Cid.RAW, CONTENT.clone());
        assertThat(block).hasToString(block.cid() + " (4 bytes)").hasSameHashCodeAs(block.cid());
        assertThat(block).isNotEqualTo(Block.of(Cid.DAG_CBOR, CONTENT.clone()));
    }
}
