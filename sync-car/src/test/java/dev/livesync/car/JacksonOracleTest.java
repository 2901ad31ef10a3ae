package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.RandomValues.Style;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Jackson's CBOR as an oracle. It reads far more than dag-cbor and drops tags, so it says what bytes mean, not whether they are
 * canonical; that is held by writing again what was read.
 */
class JacksonOracleTest {
    private static final long SEED = 20_231_123;
    private static final int VALUES = 100_000;

    private final CBORMapper jackson = new CBORMapper();
    private final CBORFactory factory = new CBORFactory();

    @Test
    void whatWeWriteJacksonReadsAsTheSame() throws IOException {
        RandomValues values = new RandomValues(SEED, Style.ALL);
        for (int i = 0; i < VALUES; i++) {
            Value value = values.next();
            byte[] bytes = DagCbor.encode(value);
            require(means(jackson.readTree(bytes), value), "Jackson reads something else", SEED, i);
            require(DagCbor.decode(bytes).equals(value), "we read something else", SEED, i);
        }
    }

    @Test
    void whatJacksonWritesInCanonicalOrderWeRead() throws IOException {
        RandomValues values = new RandomValues(SEED + 1, Style.JACKSON);
        for (int i = 0; i < VALUES; i++) {
            Value value = values.next();
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (CBORGenerator generator = factory.createGenerator(out)) {
                write(generator, value);
            }
            byte[] bytes = out.toByteArray();
            require(DagCbor.decode(bytes).equals(value), "we read something else", SEED + 1, i);
            require(Arrays.equals(DagCbor.encode(value), bytes), "we write something else", SEED + 1, i);
        }
    }

    @Test
    void whatIsAcceptedIsCanonicalHoweverTheBytesCameAbout() throws IOException {
        damaged(SEED + 2, VALUES);
    }

    @Tag("soak")
    @Test
    void whatIsAcceptedIsCanonicalOverAndOver() throws IOException {
        for (int run = 0; run < 50; run++) {
            damaged(SEED + 100 + run, VALUES);
        }
    }

    /** Bytes with one or two changes: refused by both ways of reading alike, or else written again the same. */
    private void damaged(long seed, int count) throws IOException {
        RandomValues values = new RandomValues(seed, Style.ALL);
        Random random = new Random(seed);
        int accepted = 0;
        for (int i = 0; i < count; i++) {
            byte[] bytes = Damage.to(DagCbor.encode(values.next()), random);
            Block block = Block.of(Cid.DAG_CBOR, bytes);
            Value value;
            try {
                value = DagCbor.decode(block, Limits.DEFAULT);
            } catch (SyncException e) {
                require(e.getMessage().equals(validation(block)), "decode and validate differ", seed, i);
                continue;
            }
            accepted++;
            require(validation(block).isEmpty(), "validate refuses what decode accepts", seed, i);
            require(Arrays.equals(DagCbor.encode(value), bytes), "accepted, but not canonical", seed, i);
            require(means(jackson.readTree(bytes), value), "Jackson reads something else", seed, i);
        }
        assertThat(accepted).as("seed " + seed).isBetween(count / 100, count * 9 / 10);
    }

    private static String validation(Block block) {
        try {
            DagCbor.validate(block, Limits.DEFAULT);
            return "";
        } catch (SyncException e) {
            return e.getMessage();
        }
    }

    private static void require(boolean right, String otherwise, long seed, int index) {
        if (!right) {
            throw new AssertionError(otherwise + ": value " + index + " of seed " + seed);
        }
    }

    /** Whether Jackson's view of the bytes is the value; a link is its byte string there. */
    private static boolean means(JsonNode node, Value value) {
        if (value instanceof Value.Null) {
            return node.isNull();
        } else if (value instanceof Value.Bool b) {
            return node.isBoolean() && node.booleanValue() == b.value();
        } else if (value instanceof Value.Int i) {
            return node.isIntegralNumber() && node.bigIntegerValue().equals(BigInteger.valueOf(i.value()));
        } else if (value instanceof Value.BigInt i) {
            return node.isIntegralNumber() && node.bigIntegerValue().equals(i.value());
        } else if (value instanceof Value.Real r) {
            return node.isDouble() && Double.compare(node.doubleValue(), r.value()) == 0;
        } else if (value instanceof Value.Text t) {
            return node.isTextual() && node.textValue().equals(t.value());
        } else if (value instanceof Value.Bytes b) {
            return Arrays.equals(binary(node), b.toByteArray());
        } else if (value instanceof Value.Link l) {
            return Arrays.equals(binary(node), linkBytes(l.cid()));
        } else if (value instanceof Value.Sequence s) {
            boolean same = node.isArray() && node.size() == s.items().size();
            for (int i = 0; same && i < node.size(); i++) {
                same = means(node.get(i), s.items().get(i));
            }
            return same;
        } else if (value instanceof Value.Mapping m) {
            boolean same = node.isObject() && node.size() == m.entries().size();
            for (Map.Entry<String, Value> entry : m.entries().entrySet()) {
                same = same && node.has(entry.getKey()) && means(node.get(entry.getKey()), entry.getValue());
            }
            return same;
        }
        throw new AssertionError(value);
    }

    private static byte[] binary(JsonNode node) {
        try {
            return node.getNodeType() == JsonNodeType.BINARY ? node.binaryValue() : null;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static byte[] linkBytes(Cid cid) {
        byte[] bytes = new byte[1 + Cid.BYTES];
        cid.writeTo(bytes, 1);
        return bytes;
    }

    /** With Jackson's generator, which leaves the order of keys and the lengths of containers to its caller. */
    private static void write(CBORGenerator out, Value value) throws IOException {
        if (value instanceof Value.Null) {
            out.writeNull();
        } else if (value instanceof Value.Bool b) {
            out.writeBoolean(b.value());
        } else if (value instanceof Value.Int i) {
            out.writeNumber(i.value());
        } else if (value instanceof Value.Real r) {
            out.writeNumber(r.value());
        } else if (value instanceof Value.Text t) {
            byte[] utf8 = t.value().getBytes(StandardCharsets.UTF_8);
            out.writeUTF8String(utf8, 0, utf8.length);
        } else if (value instanceof Value.Bytes b) {
            out.writeBinary(b.toByteArray());
        } else if (value instanceof Value.Link l) {
            out.writeTag(42);
            out.writeBinary(linkBytes(l.cid()));
        } else if (value instanceof Value.Sequence s) {
            out.writeStartArray(null, s.items().size());
            for (Value item : s.items()) {
                write(out, item);
            }
            out.writeEndArray();
        } else if (value instanceof Value.Mapping m) {
            out.writeStartObject(null, m.entries().size());
            List<String> keys = new ArrayList<>(m.entries().keySet());
            keys.sort(JacksonOracleTest::lengthFirst);
            for (String key : keys) {
                out.writeFieldName(key);
                write(out, m.entries().get(key));
            }
            out.writeEndObject();
        }
    }

    private static int lengthFirst(String a, String b) {
        byte[] x = a.getBytes(StandardCharsets.UTF_8);
        byte[] y = b.getBytes(StandardCharsets.UTF_8);
        return x.length != y.length ? Integer.compare(x.length, y.length) : Arrays.compareUnsigned(x, y);
    }
}
