package dev.livesync.car;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** The recorded messages of the alpha, and a reader of CARs so plain that it can be checked by eye. */
public final class Fixtures {
    /** Every recorded CAR that travels between peers. */
    static final List<String> CARS = List.of(
            "a-empty-vs-3-03-A",
            "a2-3-vs-empty-04-B",
            "d-live-03-A",
            "d-live-05-A",
            "d-live-06-B",
            "d-live-07-A",
            "e-delete-05-A",
            "e-delete-06-B",
            "e-delete-07-B",
            "f-named-initial-03-A",
            "f-named-live-A",
            "g-concurrent-03-A",
            "g-concurrent-04-B",
            "g-concurrent-05-A",
            "i-100-docs-03-A",
            "j-two-heads-to-fresh-A",
            "k-random-order-100-A");

    private static final ObjectMapper JSON = new ObjectMapper();

    private Fixtures() {}

    public static Stream<String> cars() {
        return CARS.stream();
    }

    /** Those with a decoded view beside them. */
    static Stream<String> dumpedCars() {
        return cars().filter(name -> !name.equals("k-random-order-100-A"));
    }

    /** Everything that dag-cbor forbids: hexadecimal digits and the message. */
    static Stream<Arguments> malformed() {
        List<Arguments> cases = new String(resource("/malformed-dag-cbor.txt"), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.split(" \\| ", 2))
                .map(parts -> Arguments.of(parts[0].strip(), parts[1].strip()))
                .toList();
        if (cases.isEmpty()) {
            throw new AssertionError("no cases");
        }
        return cases.stream();
    }

    static byte[] bytes(String file) {
        return resource("/alpha-wire/" + file);
    }

    public static byte[] resource(String path) {
        try (InputStream in = Fixtures.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError("no resource " + path);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new AssertionError(path, e);
        }
    }

    static byte[] car(String name) {
        return bytes(name + ".car");
    }

    /** The decoded view that was recorded beside a CAR. */
    static JsonNode dump(String name) {
        try {
            return JSON.readTree(bytes(name + ".car.dump.json"));
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    /** The blocks of a recorded CAR in their order. */
    public static List<Block> blocks(String name) {
        byte[] car = car(name);
        List<Block> blocks = new ArrayList<>();
        int[] at = {0};
        int header = varint(car, at);
        at[0] += header;
        while (at[0] < car.length) {
            int section = varint(car, at);
            byte[] content = new byte[section - Cid.BYTES];
            System.arraycopy(car, at[0] + Cid.BYTES, content, 0, content.length);
            blocks.add(Block.verified(Cid.fromBytes(car, at[0]), content));
            at[0] += section;
        }
        return blocks;
    }

    static Stream<Block> allBlocks() {
        return cars().flatMap(name -> blocks(name).stream()).distinct();
    }

    private static int varint(byte[] bytes, int[] at) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            int b = bytes[at[0]++];
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }

    /** Bytes from hexadecimal digits; spaces may stand between them. */
    public static byte[] hex(String digits) {
        String compact = digits.replace(" ", "");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < compact.length(); i += 2) {
            out.write(Integer.parseInt(compact.substring(i, i + 2), 16));
        }
        return out.toByteArray();
    }
}
