package dev.livesync.car.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Fixtures;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackTest {
    private static final Cid ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {1});

    private static PackReader reader() {
        return new PackReader(Limits.DEFAULT, 100_000, 1L << 30);
    }

    @Test
    void whatIsKeptHasALimitWhateverIsWritten() {
        PackWriter writer = new PackWriter();
        PackReader reader = reader();
        long before = writer.keptBytes();
        Random random = new Random(1);
        List<Block> events = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            Map<String, Value> document = new LinkedHashMap<>();
            for (int j = 0; j < 1 + random.nextInt(40); j++) {
                document.put("name" + random.nextInt(5_000), new Value.Text("word" + random.nextInt(5_000)));
            }
            events.add(put(Keys.ofId("doc" + i), new Value.Mapping(document), ROOT, List.of())
                    .block());
        }
        for (int from = 0; from < events.size(); from += 100) {
            read(reader, writer.write(events.subList(from, from + 100)));
            assertThat(reader.keptBytes()).isEqualTo(writer.keptBytes());
        }
        assertThat(before).isLessThan(1_000);
        assertThat(writer.keptBytes()).isBetween(40_000L, 100_000L);
    }

    private static List<Event> read(PackReader reader, byte[] pack) {
        return reader.read(pack, 0, pack.length);
    }

    private static void assertSame(List<Event> events, List<Block> blocks) {
        assertThat(events).hasSameSizeAs(blocks);
        for (int i = 0; i < blocks.size(); i++) {
            Event event = events.get(i);
            assertThat(event.block().toByteArray())
                    .as("block %s", i)
                    .isEqualTo(blocks.get(i).toByteArray());
            assertThat(event.cid()).isEqualTo(blocks.get(i).cid());
            Event decoded = Events.decode(blocks.get(i));
            assertThat(event.key()).isEqualTo(decoded.key());
            assertThat(event.type()).isEqualTo(decoded.type());
            assertThat(event.root()).isEqualTo(decoded.root());
            assertThat(event.parents()).isEqualTo(decoded.parents());
            assertThat(event.value()).isEqualTo(decoded.value());
        }
    }

    private static long bound(List<Block> blocks) {
        return PackWriter.OVERHEAD
                + blocks.stream().mapToLong(PackWriter::bound).sum();
    }

    @Test
    void randomHistoriesComeBackToTheByteThroughAnySequenceOfPacks() {
        long seed = new Random().nextLong();
        for (int round = 0; round < 40; round++) {
            Random random = new Random(seed + round);
            PackHistory events = new PackHistory(seed + round);
            PackWriter writer = new PackWriter();
            PackReader reader = reader();
            for (int i = 0; i < 30; i++) {
                List<Block> blocks = events.next(1 + random.nextInt(random.nextInt(5) == 0 ? 200 : 5));
                byte[] pack = writer.write(blocks);
                assertThat((long) pack.length).as("seed %s", seed + round).isLessThanOrEqualTo(bound(blocks));
                byte[] inside = new byte[pack.length + 10];
                System.arraycopy(pack, 0, inside, 7, pack.length);
                List<Event> read;
                try {
                    read = reader.read(inside, 7, pack.length);
                } catch (RuntimeException e) {
                    throw new AssertionError("seed " + (seed + round), e);
                }
                assertSame(read, blocks);
            }
        }
    }

    @Test
    void whatTheAlphaWroteComesBackToTheByte() {
        PackWriter writer = new PackWriter();
        PackReader reader = reader();
        List<Block> all = new ArrayList<>();
        Fixtures.cars().forEach(car -> {
            List<Block> blocks =
                    Fixtures.blocks(car).stream().filter(Events::looksLikeEvent).toList();
            if (blocks.isEmpty()) {
                return;
            }
            all.addAll(blocks);
            byte[] pack = writer.write(blocks);
            assertSame(read(reader, pack), blocks);
            // None of them had to go as it is.
            assertThat((long) pack.length)
                    .isLessThan(blocks.stream().mapToLong(Block::size).sum() * 3 / 4 + 20);
        });
        assertThat(all.size()).isGreaterThan(200);
        assertSame(read(reader(), new PackWriter().write(all)), all);
    }

    /** Events with a byte changed, most of them none any more: exactly what is an event comes back, and nothing else. */
    @Test
    void damagedEventsComeBackExactlyIfTheyAreEvents() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        int whole = 0;
        for (Block block : new PackHistory(seed).next(60)) {
            for (int i = 0; i < 60; i++) {
                byte[] bytes = block.toByteArray();
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                Block changed = Block.of(Cid.DAG_CBOR, bytes);
                boolean isEvent = true;
                try {
                    Events.decode(changed);
                } catch (SyncException e) {
                    isEvent = false;
                }
                byte[] pack = new PackWriter().write(List.of(changed));
                PackReader reader = reader();
                if (isEvent) {
                    whole++;
                    assertSame(read(reader, pack), List.of(changed));
                } else {
                    assertThatThrownBy(() -> read(reader, pack))
                            .as("seed %s: %s", seed, changed)
                            .isInstanceOfSatisfying(
                                    SyncException.class,
                                    e -> assertThat(e.kind())
                                            .isIn(
                                                    ErrorKind.MALFORMED,
                                                    ErrorKind.LIMIT_EXCEEDED,
                                                    ErrorKind.UNSUPPORTED));
                }
            }
        }
        assertThat(whole).as("seed %s", seed).isGreaterThan(100);
    }

    @Test
    void shapesThatDoNotAllFitAreForgottenAtBothEndsAlike() {
        PackWriter writer = new PackWriter();
        PackReader reader = reader();
        Random random = new Random(5);
        for (int pack = 0; pack < 20; pack++) {
            List<Block> blocks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Map<String, Value> fields = new LinkedHashMap<>();
                String name = "n" + random.nextInt(300);
                fields.put(name, Value.NULL);
                fields.put(name.repeat(1 + random.nextInt(3) * 400), Value.Mapping.EMPTY);
                blocks.add(put("Jx", new Value.Mapping(fields), null, List.of()).block());
            }
            assertSame(read(reader, writer.write(blocks)), blocks);
        }
    }

    @Test
    void aParentOutOfReachIsNamedInFull() {
        PackWriter writer = new PackWriter();
        PackReader reader = reader();
        List<Event> chain = chain(EventRing.EVENTS + 2, List.of());
        List<Block> blocks = chain.stream().map(Event::block).toList();
        assertSame(read(reader, writer.write(blocks)), blocks);
        int last = chain.size() - 1;
        // Each of these moves the others one further away.
        for (int i = 0; i < 3; i++) {
            Event far = put(
                    "Ja",
                    Value.Mapping.EMPTY,
                    null,
                    List.of(chain.get(last - EventRing.EVENTS + i).cid()));
            byte[] pack = writer.write(List.of(far.block()));
            assertThat(pack.length > 40).isTrue();
            assertSame(read(reader, pack), List.of(far.block()));
        }
        Event near = put(
                "Ja",
                Value.Mapping.EMPTY,
                null,
                List.of(chain.get(last - EventRing.EVENTS + 4).cid()));
        byte[] pack = writer.write(List.of(near.block()));
        assertThat(pack.length).isLessThan(20);
        assertSame(read(reader, pack), List.of(near.block()));
    }

    @Test
    void whatBothEndsRememberIsAShortParent() {
        PackWriter writer = new PackWriter();
        PackReader reader = reader();
        Cid known = Cid.hash(Cid.DAG_CBOR, new byte[] {7});
        writer.remember(known);
        reader.remember(known);
        List<Block> blocks =
                List.of(put("Ja", Value.Mapping.EMPTY, null, List.of(known)).block());
        byte[] pack = writer.write(blocks);
        assertThat(pack.length).isLessThan(20);
        assertSame(read(reader, pack), blocks);
        assertThatThrownBy(() -> read(reader(), pack))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED))
                .hasMessageContaining("a parent 1 events ago");
    }

    @Test
    void oneMorePutOfAKnownKindTakesItsValuesItsRootAndLittleElse() {
        PackWriter writer = new PackWriter();
        List<Event> chain = chain(101, List.of());
        writer.write(chain.subList(0, 100).stream().map(Event::block).toList());
        Event last =
                put("Jdoc-0000100", person(100), ROOT, List.of(chain.get(99).cid()));
        int values = 0;
        for (Value value : ((Value.Mapping) last.value()).entries().values()) {
            values += Encoded.of(value).size();
        }
        assertThat(writer.write(List.of(last.block())).length).isLessThanOrEqualTo(values + 32 + 20);
    }

    @Test
    void afterAFailureNothingElseIsRead() {
        PackReader reader = reader();
        byte[] pack = new PackWriter()
                .write(chain(3, List.of()).stream().map(Event::block).toList());
        byte[] cut = java.util.Arrays.copyOf(pack, pack.length - 1);
        assertThatThrownBy(() -> read(reader, cut)).isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> read(reader, pack))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    @Test
    void aPackThatWasLeftOutIsNoticed() {
        List<Event> chain = chain(6, List.of());
        PackWriter writer = new PackWriter();
        byte[] first = writer.write(List.of(chain.get(0).block()));
        byte[] second = writer.write(List.of(chain.get(1).block()));
        byte[] third = writer.write(List.of(chain.get(2).block()));
        PackReader reader = reader();
        read(reader, first);
        assertThat(second).isNotEmpty();
        assertThatThrownBy(() -> read(reader, third))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    @Test
    void noEventsAndOtherBlocksAreRefusedByTheWriter() {
        for (List<Block> blocks : List.of(List.<Block>of(), List.of(Block.of(Cid.RAW, new byte[3])))) {
            assertThatThrownBy(() -> new PackWriter().write(blocks))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.livesync.car.Fixtures#cars")
    void blocksThatAreNoEventsAreRefusedByTheReader(String car) {
        for (Block block : Fixtures.blocks(car)) {
            if (!Events.looksLikeEvent(block)) {
                byte[] pack = new PackWriter().write(List.of(block));
                assertThatThrownBy(() -> read(reader(), pack))
                        .isInstanceOfSatisfying(
                                SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
            }
        }
    }

    static Event put(String key, Value document, Cid root, List<Cid> parents) {
        return Events.put(key, Encoded.of(document), root, parents);
    }

    static List<Event> chain(int count, List<Cid> parents) {
        List<Event> events = new ArrayList<>();
        List<Cid> clock = parents;
        for (int i = 0; i < count; i++) {
            Event event = put("Jdoc-" + (1_000_000 + i), person(i), null, clock);
            events.add(event);
            clock = List.of(event.cid());
        }
        return events;
    }

    private static Value person(int n) {
        return new Value.Mapping(Map.of(
                "name", new Value.Text("Ada " + n * n),
                "city", new Value.Text(n % 2 == 0 ? "Bergen" : "Kyiv"),
                "born", new Value.Int(1940 + n % 70),
                "rating", new Value.Real(n % 100 + 0.5)));
    }
}
