package dev.livesync.car.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.Fixtures;
import dev.livesync.car.Limits;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** What {@code interop/pack-vectors.mjs} wrote, which has another implementation: every byte is the same here, both ways. */
class PackVectorsTest {
    private final JsonNode vectors = vectors();

    private static JsonNode vectors() {
        try {
            return new ObjectMapper().readTree(Fixtures.resource("/packs.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private PackReader reader() {
        JsonNode limits = vectors.get("limits");
        return new PackReader(
                Limits.DEFAULT,
                limits.get("events").intValue(),
                limits.get("bytes").longValue());
    }

    private static Stream<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static byte[] bytes(JsonNode digits) {
        return Fixtures.hex(digits.textValue());
    }

    @TestFactory
    Stream<DynamicTest> everyStreamIsReadAndWrittenLikeThis() {
        assertThat(vectors.get("streams")).hasSizeGreaterThan(10);
        return list(vectors.get("streams"))
                .map(stream -> DynamicTest.dynamicTest(stream.get("name").textValue(), () -> stream(stream)));
    }

    private void stream(JsonNode stream) {
        PackReader reader = reader();
        PackWriter writer = new PackWriter();
        list(stream.get("remember")).forEach(digest -> {
            Cid known = Cid.ofDigest(Cid.DAG_CBOR, bytes(digest), 0);
            reader.remember(known);
            writer.remember(known);
        });
        for (JsonNode one : stream.get("packs")) {
            byte[] pack = bytes(one.get("pack"));
            List<Block> blocks = new ArrayList<>();
            list(one.get("blocks")).forEach(block -> blocks.add(Block.of(Cid.DAG_CBOR, bytes(block))));
            List<Event> events = reader.read(pack, 0, pack.length);
            assertThat(events).hasSameSizeAs(blocks);
            for (int i = 0; i < blocks.size(); i++) {
                assertThat(events.get(i).block().toByteArray())
                        .isEqualTo(blocks.get(i).toByteArray());
            }
            assertThat(writer.write(blocks)).isEqualTo(pack);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyRefusalIsOfItsKind() {
        assertThat(vectors.get("refused")).hasSizeGreaterThan(10);
        return list(vectors.get("refused"))
                .map(one -> DynamicTest.dynamicTest(one.get("name").textValue(), () -> {
                    byte[] pack = bytes(one.get("pack"));
                    assertThatThrownBy(() -> reader().read(pack, 0, pack.length))
                            .isInstanceOfSatisfying(
                                    SyncException.class,
                                    e -> assertThat(e.kind())
                                            .isEqualTo(ErrorKind.valueOf(
                                                    one.get("error").textValue())));
                }));
    }
}
