package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CarSealTest {
    private static Block block(int codec, String text) {
        return Block.of(codec, text.getBytes(StandardCharsets.UTF_8));
    }

    private static CarSeal of(List<Block> blocks) {
        CarSeal seal = new CarSeal();
        blocks.forEach(block -> seal.add(block.cid()));
        return seal;
    }

    @Test
    void itSaysWhatTheFormSays() throws Exception {
        List<Block> blocks = List.of(block(Cid.RAW, "a"), block(Cid.DAG_CBOR, "b"));
        ByteArrayOutputStream cids = new ByteArrayOutputStream();
        for (Block block : blocks) {
            cids.write(block.cid().toByteArray());
        }
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(cids.toByteArray());
        assertThat(DagCbor.decode(of(blocks).block(), Limits.DEFAULT))
                .isEqualTo(new Value.Mapping(Map.of(
                        "livesync-seal",
                        new Value.Mapping(Map.of("blocks", new Value.Int(2), "cids", new Value.Bytes(hash))))));
    }

    @Test
    void anythingElseBeforeItIsNoticed() {
        Block a = block(Cid.RAW, "a");
        Block b = block(Cid.RAW, "b");
        Block seal = of(List.of(a, b)).block();
        assertThat(of(List.of(a, b)).isSealedBy(seal)).isTrue();
        for (List<Block> others : List.of(
                List.of(a),
                List.of(b, a),
                List.of(a, b, b),
                List.<Block>of(),
                List.of(a, block(Cid.DAG_CBOR, "b")),
                List.of(a, b, seal))) {
            assertThat(of(others).isSealedBy(seal)).as("%s", others).isFalse();
        }
        assertThat(of(List.of(a, b)).isSealedBy(b)).isFalse();
    }
}
