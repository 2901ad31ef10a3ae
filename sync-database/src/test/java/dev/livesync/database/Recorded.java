package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the alpha really sent: exact bytes of its messages. */
final class Recorded {
    private static final Pattern CID = Pattern.compile("b[a-z2-7]{58}");

    private Recorded() {}

    /** The blocks of a CAR in its order, each once. */
    static List<Block> car(String name) {
        byte[] car = bytes(name + ".car");
        int[] at = {0};
        int header = (int) varint(car, at);
        at[0] += header;
        LinkedHashSet<Block> blocks = new LinkedHashSet<>();
        while (at[0] < car.length) {
            int length = (int) varint(car, at) - Cid.BYTES;
            Cid cid = Cid.fromBytes(car, at[0]);
            byte[] bytes = new byte[length];
            System.arraycopy(car, at[0] + Cid.BYTES, bytes, 0, length);
            blocks.add(Block.verified(cid, bytes));
            at[0] += Cid.BYTES + length;
        }
        return List.copyOf(blocks);
    }

    /** A CAR as the commit that a session makes of it. */
    static Commit commit(String name, Origin origin) {
        List<Block> blocks = new ArrayList<>();
        List<Event> events = new ArrayList<>();
        for (Block b : car(name)) {
            Events.tryDecode(b, Limits.DEFAULT).ifPresentOrElse(events::add, () -> blocks.add(b));
        }
        return new Commit(blocks, events, origin);
    }

    /** The CIDs in a text message, in their order; a diff's clock comes first. */
    static List<Cid> cids(String name) {
        List<Cid> cids = new ArrayList<>();
        Matcher m = CID.matcher(new String(bytes(name + ".json"), StandardCharsets.UTF_8));
        while (m.find()) {
            cids.add(Cid.parse(m.group()));
        }
        return cids;
    }

    private static byte[] bytes(String name) {
        try (InputStream in = Recorded.class.getResourceAsStream("/alpha-wire/" + name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long varint(byte[] bytes, int[] at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte b = bytes[at[0]++];
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
    }
}
