package dev.livesync.car;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The same neutral description that {@code interop/ipld-oracle.mjs} makes, hashed. */
final class Description {
    private Description() {}

    static String of(Value value) {
        StringBuilder out = new StringBuilder();
        describe(value, out);
        return hash(out.toString());
    }

    static String of(List<Cid> roots, List<Block> blocks) {
        StringBuilder out = new StringBuilder("roots ")
                .append(roots.stream().map(Cid::toString).collect(Collectors.joining(" ")))
                .append(';');
        for (Block block : blocks) {
            out.append(block.cid())
                    .append(' ')
                    .append(HexFormat.of().formatHex(block.toByteArray()))
                    .append(';');
        }
        return hash(out.toString());
    }

    private static void describe(Value value, StringBuilder out) {
        if (value instanceof Value.Null) {
            out.append("null;");
        } else if (value instanceof Value.Bool b) {
            out.append(b.value()).append(';');
        } else if (value instanceof Value.Int i) {
            out.append('i').append(i.value()).append(';');
        } else if (value instanceof Value.BigInt i) {
            out.append('i').append(i.value()).append(';');
        } else if (value instanceof Value.Real r) {
            out.append('d')
                    .append(Long.toHexString(Double.doubleToRawLongBits(r.value())))
                    .append(';');
        } else if (value instanceof Value.Text t) {
            describe(t.value(), out);
        } else if (value instanceof Value.Bytes b) {
            out.append('b').append(HexFormat.of().formatHex(b.toByteArray())).append(';');
        } else if (value instanceof Value.Link l) {
            out.append('l').append(l.cid()).append(';');
        } else if (value instanceof Value.Sequence s) {
            out.append('[');
            s.items().forEach(item -> describe(item, out));
            out.append(']');
        } else if (value instanceof Value.Mapping m) {
            out.append('{');
            new TreeMap<>(m.entries()).forEach((key, item) -> {
                describe(key, out);
                describe(item, out);
            });
            out.append('}');
        } else {
            throw new AssertionError(value);
        }
    }

    private static void describe(String s, StringBuilder out) {
        out.append('s').append(s.length()).append(':').append(s).append(';');
    }

    private static String hash(String description) {
        try {
            return HexFormat.of()
                    .formatHex(
                            MessageDigest.getInstance("SHA-256").digest(description.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
