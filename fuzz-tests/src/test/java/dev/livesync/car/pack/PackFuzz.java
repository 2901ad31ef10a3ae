package dev.livesync.car.pack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Packs, one after another through one reader. What they hold, packed by us, is read as the same. */
public final class PackFuzz {
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .documentBytes(3_000)
            .blockBytes(4_000)
            .depth(20)
            .items(500)
            .parents(8)
            .build();

    private static final int MOST_EVENTS = 40;
    private static final long MOST_BYTES = 20_000;
    private static final Field RING = ring();

    private PackFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(FuzzedReader.small("pack", FuzzedReader.PEERS_FAULT, PackFuzz::packs, PackFuzz::seeds)
                .allocating(1_600));
    }

    private static Field ring() {
        try {
            Field field = PackReader.class.getDeclaredField("ring");
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new AssertionError(e);
        }
    }

    private static void packs(byte[] input) {
        Choices choices = new Choices(input);
        boolean rights = choices.flag();
        List<byte[]> packs = new ArrayList<>();
        while (!choices.isEmpty() && packs.size() < 3) {
            packs.add(choices.piece());
        }
        PackReader reader = reader();
        PackWriter writer = new PackWriter();
        PackReader back = reader();
        List<byte[]> before = new ArrayList<>();
        for (byte[] pack : packs) {
            List<Event> events;
            try {
                events = reader.read(pack, 0, pack.length);
            } catch (SyncException e) {
                // Nobody finds a hash by chance: the right one takes its place, and the reader begins again.
                if (!rights || !e.getMessage().contains("not the events that were written")) {
                    assertSame(e, reader, pack);
                    throw e;
                }
                correct(pack, reader);
                reader = reader();
                for (byte[] earlier : before) {
                    reader.read(earlier, 0, earlier.length);
                }
                events = reader.read(pack, 0, pack.length);
            }
            before.add(pack);
            assertThat(events).isNotEmpty().hasSizeLessThanOrEqualTo(MOST_EVENTS);
            List<Block> blocks = events.stream().map(Event::block).toList();
            assertThat(blocks.stream().mapToLong(Block::size).sum()).isLessThanOrEqualTo(MOST_BYTES);
            byte[] ours = writer.write(blocks);
            assertThat(back.read(ours, 0, ours.length).stream().map(Event::block))
                    .isEqualTo(blocks);
        }
    }

    /** A reader that has failed fails again, in the same way. */
    private static void assertSame(SyncException failure, PackReader reader, byte[] pack) {
        try {
            reader.read(pack, 0, pack.length);
        } catch (SyncException e) {
            assertThat(e).isSameAs(failure);
            return;
        }
        throw new AssertionError("the reader has forgotten its failure");
    }

    private static PackReader reader() {
        PackReader reader = new PackReader(LIMITS, MOST_EVENTS, MOST_BYTES);
        for (int i = 0; i < 3; i++) {
            reader.remember(Cid.hash(Cid.DAG_CBOR, new byte[i]));
        }
        return reader;
    }

    /** The check is of the events that came last into the ring, as many as the pack says. */
    private static void correct(byte[] pack, PackReader reader) {
        try {
            EventRing ring = (EventRing) RING.get(reader);
            EventDigest digest = new EventDigest();
            for (int distance = pack[1]; distance > 0; distance--) {
                digest.add(ring.get(distance));
            }
            System.arraycopy(digest.finish(), 0, pack, pack.length - PackFormat.CHECK, PackFormat.CHECK);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static List<byte[]> seeds() {
        PackWriter writer = new PackWriter();
        for (int i = 0; i < 3; i++) {
            writer.remember(Cid.hash(Cid.DAG_CBOR, new byte[i]));
        }
        List<Block> first = new ArrayList<>();
        List<Cid> clock = List.of(Cid.hash(Cid.DAG_CBOR, new byte[2]));
        for (int i = 0; i < 4; i++) {
            Map<String, Value> document = new LinkedHashMap<>();
            document.put("name", new Value.Text("name " + i / 2));
            document.put("price", new Value.Real(i + 0.25));
            document.put("tags", new Value.Sequence(List.of(new Value.Text("red"), new Value.Int(i))));
            Event event = Events.put("Jdoc" + i, Encoded.of(new Value.Mapping(document)), null, clock);
            first.add(event.block());
            clock = List.of(event.block().cid());
        }
        Event last = Events.delete(
                "Jdoc1",
                Cid.hash(Cid.DAG_CBOR, new byte[9]),
                List.of(clock.get(0), first.get(0).cid()));
        byte[] one = writer.write(first);
        byte[] two = writer.write(List.of(last.block()));
        return List.of(Seeds.of(1, one, two), Seeds.of(1, one), Seeds.of(0, one, two));
    }
}
