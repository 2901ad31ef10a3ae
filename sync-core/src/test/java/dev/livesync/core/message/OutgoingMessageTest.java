package dev.livesync.core.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class OutgoingMessageTest {
    @Test
    void aDiffIsWhatStringifyWrites() {
        Random random = new Random(3);
        for (int heads = 0; heads < 4; heads++) {
            for (int cids = 0; cids < 200; cids = 2 * cids + 1) {
                List<Cid> clock = cids(random, heads);
                List<Cid> stored = cids(random, cids);
                String expected = "{\"clock\":" + array(clock) + ",\"cids\":" + array(stored) + "}";
                for (int piece : new int[] {1, 2, 61, 62, 63, 10_000}) {
                    DiffText text = new DiffText(clock, stored.iterator(), cids, () -> {});
                    assertThat(text.kind()).isEqualTo(Message.Kind.TEXT);
                    assertThat(text.size()).isEqualTo(expected.length());
                    assertThat(new String(read(text, piece), UTF_8)).isEqualTo(expected);
                }
            }
        }
    }

    private static String array(List<Cid> cids) {
        return cids.stream().map(c -> "\"" + c + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void aDiffLeavesOutWhatIsOverItsCountAndMissesWhatIsUnderIt() {
        List<Cid> stored = cids(new Random(1), 3);
        DiffText less = new DiffText(List.of(), stored.iterator(), 2, () -> {});
        assertThat(new String(read(less, 10), UTF_8))
                .isEqualTo("{\"clock\":[],\"cids\":" + array(stored.subList(0, 2)) + "}");
        DiffText more = new DiffText(List.of(), stored.iterator(), 4, () -> {});
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> read(more, 10))
                .withMessageContaining("lists 3");
    }

    @Test
    void aCarIsTheSameInPiecesOfAnySize() {
        Random random = new Random(5);
        for (int count = 1; count < 40; count = 2 * count + 1) {
            List<Block> blocks = new ArrayList<>();
            List<Event> events = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                if (random.nextBoolean()) {
                    byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(40_000) : random.nextInt(200)];
                    random.nextBytes(bytes);
                    blocks.add(Block.of(Cid.DAG_CBOR, bytes));
                } else {
                    Event event = Events.put("Jx" + i, Encoded.of(Value.Mapping.EMPTY), null, List.of());
                    events.add(event);
                    blocks.add(event.block());
                }
            }
            byte[] expected = CarWriter.encode(events.stream().map(Event::cid).toList(), blocks);
            for (int piece : new int[] {1, 7, 1_000, 1 << 20}) {
                CarBytes car = new CarBytes(events.stream().map(Event::cid).toList(), blocks, events.size(), events);
                assertThat(car.size()).isEqualTo(expected.length);
                assertThat(read(car, piece)).isEqualTo(expected);
            }
        }
    }

    private static List<Cid> cids(Random random, int count) {
        List<Cid> cids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            cids.add(Cid.ofDigest(
                    Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()));
        }
        return cids;
    }

    private static byte[] read(OutgoingMessage message, int piece) {
        byte[] bytes = new byte[(int) message.size()];
        for (int at = 0; at < bytes.length; at += piece) {
            message.next(bytes, at, Math.min(piece, bytes.length - at));
        }
        return bytes;
    }
}
