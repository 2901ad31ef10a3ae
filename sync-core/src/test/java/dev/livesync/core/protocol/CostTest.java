package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import dev.livesync.core.message.WireMessage;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What the protocol costs beyond decoding, verifying and storing the blocks, in processor time of one thread: commits apart,
 * since they are the database's.
 */
@Tag("soak")
class CostTest {
    private static final int DOCUMENTS = 10_000;

    @Test
    void initialSync() {
        EmbeddedDb left = new EmbeddedDb();
        Random random = new Random(1);
        for (int from = 0; from < DOCUMENTS; from += 100) {
            List<TestDb.Op> ops = new ArrayList<>();
            for (int i = from; i < from + 100; i++) {
                Map<String, Value> fields = new LinkedHashMap<>();
                fields.put("n", new Value.Int(i));
                fields.put("name", new Value.Text("name " + random.nextLong() + random.nextLong()));
                fields.put(
                        "note",
                        new Value.Text(Long.toString(random.nextLong(), 36).repeat(7)));
                ops.add(new TestDb.Op("doc%08d".formatted(i), new Value.Mapping(fields)));
            }
            left.write(ops);
        }
        List<Long> bare = new ArrayList<>();
        List<Long> sender = new ArrayList<>();
        List<Long> receiver = new ArrayList<>();
        List<Long> commits = new ArrayList<>();
        for (int round = 0; round < 60; round++) {
            EmbeddedDb right = new EmbeddedDb();
            SessionPair pair = SessionPair.livesync(left, right);
            long[] spent = run(pair);
            assertThat(right.heads()).isEqualTo(left.heads());
            right.close();
            List<byte[]> cars = messages(pair.fromA);
            long start = cpu();
            int stored = bare(cars);
            bare.add(cpu() - start);
            assertThat(stored).isEqualTo(DOCUMENTS);
            sender.add(spent[0]);
            receiver.add(spent[1]);
            commits.add(spent[2]);
        }
        left.close();
        System.out.printf(
                "cpu ms: bare loop %.1f, sender %.1f, receiver %.1f, commits %.1f%n",
                median(bare), median(sender), median(receiver), median(commits));
        // The receiver also looks into every event, which the bare loop does not.
        assertThat(median(sender)).isLessThan(3 * median(bare));
        assertThat(median(receiver)).isLessThan(5 * median(bare));
    }

    private static long[] run(SessionPair pair) {
        long[] spent = new long[3];
        ManualSession a = pair.a;
        ManualSession b = pair.b;
        a.protocol.open(a.now);
        b.protocol.open(b.now);
        boolean moved = true;
        while (moved) {
            moved = false;
            long t = cpu();
            Message m = a.protocol.poll(a.now);
            spent[0] += cpu() - t;
            if (m != null) {
                pair.fromA.add(m);
                b.requested--;
                t = cpu();
                b.protocol.received(m, b.now);
                spent[1] += cpu() - t;
                moved = true;
            }
            t = cpu();
            Message n = b.protocol.poll(b.now);
            spent[1] += cpu() - t;
            if (n != null) {
                a.requested--;
                t = cpu();
                a.protocol.received(n, a.now);
                spent[0] += cpu() - t;
                moved = true;
            }
            if (!b.commits.isEmpty()) {
                t = cpu();
                var result = b.replica.commit(b.commits.remove());
                spent[2] += cpu() - t;
                t = cpu();
                b.protocol.commitDone(result, b.now);
                spent[1] += cpu() - t;
                moved = true;
            }
        }
        assertThat(a.backlogDone && b.backlogDone).isTrue();
        return spent;
    }

    private static int bare(List<byte[]> cars) {
        Map<Cid, Block> store = new HashMap<>();
        for (byte[] car : cars) {
            CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
                @Override
                public void roots(List<Cid> roots) {}

                @Override
                public void block(Block block) {
                    store.put(block.cid(), block);
                }
            });
            decoder.feed(car, 0, car.length);
            decoder.finish();
        }
        return store.size();
    }

    private static List<byte[]> messages(List<Message> sent) {
        List<byte[]> cars = new ArrayList<>();
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        long left = 0;
        boolean car = true;
        for (Message m : sent) {
            if (m.kind() == Message.Kind.TEXT) {
                if (ExtensionsTest.parse(m) instanceof WireMessage.Begin begin) {
                    left = begin.bytes();
                    car = begin.kind() == Message.Kind.BINARY;
                }
                continue;
            }
            pieces.writeBytes(m.payload());
            left -= m.size();
            if (left <= 0) {
                if (car) {
                    cars.add(pieces.toByteArray());
                }
                pieces.reset();
                car = true;
            }
        }
        return cars;
    }

    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static double median(List<Long> nanos) {
        List<Long> last =
                nanos.subList(nanos.size() / 2, nanos.size()).stream().sorted().toList();
        return last.get(last.size() / 2) / 1e6;
    }
}
