package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.core.message.WireMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an alpha gets from us beyond what was recorded: large databases, batches, relayed changes. */
class AlphaDialectTest {
    private static final Message EMPTY_DIFF = Message.text("{\"clock\":[],\"cids\":[]}");

    /** A CAR as an alpha sees it. */
    private record Car(List<Cid> roots, List<Block> blocks) {
        static Car of(Message m) {
            List<Cid> roots = new ArrayList<>();
            List<Block> blocks = new ArrayList<>();
            CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
                @Override
                public void roots(List<Cid> named) {
                    roots.addAll(named);
                }

                @Override
                public void block(Block block) {
                    blocks.add(block);
                }
            });
            decoder.feed(m.payload(), 0, m.size());
            decoder.finish();
            return new Car(roots, blocks);
        }

        Set<Cid> cids() {
            Set<Cid> cids = new LinkedHashSet<>();
            blocks.forEach(b -> cids.add(b.cid()));
            return cids;
        }

        long events() {
            return blocks.stream().filter(Events::looksLikeEvent).count();
        }
    }

    @Test
    void aLargeAnswerIsSplitAndItsLastPartStandsOnItsOwn() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 3_000);
        ManualSession a = new ManualSession(left, ManualSession.alpha());
        a.open();
        List<Message> sent = a.deliver(EMPTY_DIFF);
        assertThat(sent).hasSizeGreaterThan(2).allMatch(m -> m.size() <= 262_144 && m.kind() == Message.Kind.BINARY);
        List<Car> cars = sent.stream().map(Car::of).toList();
        for (Car car : cars.subList(0, cars.size() - 1)) {
            assertThat(car.roots()).isEmpty();
            assertThat(car.blocks()).isNotEmpty();
        }
        Car last = cars.get(cars.size() - 1);
        assertThat(last.roots()).isEqualTo(left.heads());
        Event head = left.snapshot().event(left.heads().get(0));
        assertThat(last.cids()).contains(head.cid(), head.root());
        // Full, but for the last ones.
        assertThat(sent.get(sent.size() - 1).size()).isGreaterThan(250_000);

        Set<Cid> all = new HashSet<>();
        cars.forEach(c -> assertThat(c.cids()).allMatch(all::add));
        assertThat(cars.stream().mapToLong(Car::events).sum()).isEqualTo(3_000);
        Set<Cid> tree = new HashSet<>();
        left.snapshot().tree(head.cid()).blocks().forEachRemaining(b -> tree.add(b.cid()));
        assertThat(all).containsAll(tree).hasSize(3_000 + tree.size());

        NaiveReplica right = new NaiveReplica();
        ManualSession b = new ManualSession(right, ManualSession.alpha());
        b.open();
        b.deliver(Message.text("{\"clock\":[\"" + head.cid() + "\"],\"cids\":[]}"));
        sent.forEach(b::deliver);
        assertThat(right.heads()).isEqualTo(left.heads());
        assertThat(right.documents()).isEqualTo(left.documents());
        assertThat(b.backlogDone).isTrue();
    }

    @Test
    void aDiffThatIsTooLargeNamesWhatBothHave() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 6_000);
        ManualSession a = new ManualSession(left, ManualSession.alpha());
        assertThat(a.open()).isEmpty();
        List<Cid> some = new ArrayList<>();
        left.snapshot().storedCids().forEachRemaining(some::add);
        List<Cid> common = some.subList(100, 105);
        Cid foreign = Cid.hash(Cid.DAG_CBOR, new byte[] {1, 2, 3});
        List<Message> sent = a.deliver(Message.text("{\"clock\":[],\"cids\":[\"" + foreign + "\",\""
                + String.join("\",\"", common.stream().map(Cid::toString).toList()) + "\"]}"));
        String head = left.heads().get(0).toString();
        assertThat(SessionPair.text(sent.get(0)))
                .isEqualTo("{\"clock\":[\"" + head + "\"],\"cids\":[\""
                        + String.join(
                                "\",\"", common.stream().map(Cid::toString).toList()) + "\"]}");
        assertThat(sent).hasSizeGreaterThan(1);
    }

    @Test
    void aDiffThatIsTooLargeIsCutIfThePeerKeepsSilent() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 6_000);
        ManualSession a = new ManualSession(left, ManualSession.alpha());
        assertThat(a.open()).isEmpty();
        List<Message> sent = a.pass(ProtocolTimes.DEFAULT.phase().toNanos() / 2);
        assertThat(sent).hasSize(1);
        assertThat(sent.get(0).size()).isBetween(262_000, 262_144);
        assertThat(((WireMessage.Diff) ExtensionsTest.parse(sent.get(0))).cids().size())
                .isGreaterThan(4_200);
    }

    @Test
    void twoLargeDatabasesInTheAlphasDialect() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 5_000);
        NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 4_500);
        right.put("more", Docs.number(1));
        SessionPair pair = SessionPair.alpha(left, right).run();
        assertThat(pair.fromA).isEmpty();
        assertThat(pair.fromB).isEmpty();
        // Both wait for the other's diff, until one of them loses patience.
        pair.a.now += ProtocolTimes.DEFAULT.phase().toNanos() / 4;
        pair.a.protocol.tick(pair.a.now);
        pair.run();
        // Both take the other for an alpha and wait for its answer, until one of them loses patience with that, too.
        pair.a.now += ProtocolTimes.DEFAULT.phase().toNanos() / 4;
        pair.a.protocol.tick(pair.a.now);
        pair.run().assertEqual();
        assertThat(pair.left.documents()).hasSize(5_001);
    }

    @Test
    void aBatchIsOneCarWithTheTreeOfItsEndBehindABridge() {
        TestDb db = Docs.fill(new NaiveReplica(), 5);
        ManualSession a = new ManualSession(db.replica(), ManualSession.alpha());
        a.open();
        a.deliver(EMPTY_DIFF);
        Cid before = db.heads().get(0);
        List<TestDb.Op> batch = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            batch.add(new TestDb.Op("new" + i, Docs.number(i)));
        }
        db.write(batch);
        Cid end = db.heads().get(0);
        List<Message> sent = a.settle();
        assertThat(sent).hasSize(1);
        Car car = Car.of(sent.get(0));
        assertThat(db.heads()).as("the bridge is no event of ours").containsExactly(end);
        assertThat(car.roots()).hasSize(2).startsWith(end);
        assertThat(car.events()).isEqualTo(4 + 1);
        assertThat(car.blocks().get(car.blocks().size() - 2).cid()).isEqualTo(end);
        assertThat(car.cids()).contains(db.replica().snapshot().event(end).root());
        Event bridge = Events.decode(car.blocks().get(car.blocks().size() - 1));
        assertThat(bridge.cid()).isEqualTo(car.roots().get(1));
        assertThat(bridge.parents()).containsExactly(before);
        assertThat(bridge.key()).isEqualTo(Keys.RESERVED);
        assertThat(bridge.type()).isEqualTo(Event.Type.DELETE);
        assertThat(bridge.root()).isEqualTo(db.replica().snapshot().tree(before).root());
    }

    @Test
    void aBatchFromALiveSyncPeerReachesAnAlphaWithItsTree() {
        TestDb author = Docs.fill(new NaiveReplica(), 50);
        NaiveReplica hub = new NaiveReplica();
        SessionPair link = SessionPair.livesync(author, hub).run();
        ManualSession toAlpha = new ManualSession(hub, ManualSession.alpha());
        toAlpha.open();
        Set<Cid> atAlpha = new HashSet<>();
        toAlpha.deliver(EMPTY_DIFF).forEach(m -> atAlpha.addAll(Car.of(m).cids()));
        author.write(List.of(
                new TestDb.Op("one", Docs.number(1)),
                new TestDb.Op("doc000003", null),
                new TestDb.Op("two", Docs.number(2))));
        link.run().assertEqual();
        List<Message> sent = toAlpha.settle();
        assertThat(sent).hasSize(1);
        Car car = Car.of(sent.get(0));
        assertThat(car.events()).as("the batch and a bridge").isEqualTo(3 + 1);
        atAlpha.addAll(car.cids());
        // The alpha can read the whole tree, and nothing is sent that it had.
        hub.snapshot()
                .tree(hub.heads().get(0))
                .blocks()
                .forEachRemaining(b -> assertThat(atAlpha).contains(b.cid()));
        assertThat(car.blocks()).hasSizeLessThan(12);
    }

    @Test
    void whatNoMessageCarriesIsAClearError() {
        TestDb db = new NaiveReplica();
        db.put("huge\u0007", Docs.bytes(262_100));
        ManualSession a = new ManualSession(db.replica(), ManualSession.alpha());
        a.open();
        assertThat(a.deliver(EMPTY_DIFF)).isEmpty();
        assertThat(a.failure)
                .hasMessageContaining("document \"huge?\" (event " + db.heads().get(0) + ")")
                .hasMessageContaining("262144")
                .extracting("kind")
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
    }

    @Test
    void anUpdateThatIsTooLargeForOneMessageIsSplit() {
        TestDb db = new NaiveReplica();
        ManualSession a = new ManualSession(db.replica(), ManualSession.alpha());
        a.open();
        a.deliver(EMPTY_DIFF);
        db.put("large", Docs.bytes(150_000));
        List<Car> cars = a.settle().stream().map(Car::of).toList();
        assertThat(cars).hasSize(2);
        assertThat(cars.get(0).roots()).isEmpty();
        assertThat(cars.get(1).roots()).isEqualTo(db.heads());
        assertThat(cars.get(1).cids()).isEqualTo(new HashSet<>(db.heads()));
    }

    @Test
    void relayedChangesReachAnAlphaThroughTheMiddle() {
        TestDb first = new NaiveReplica();
        TestDb hub = new NaiveReplica();
        TestDb last = new NaiveReplica();
        SessionPair one = SessionPair.livesync(first, hub);
        SessionPair two = SessionPair.alpha(hub, last);
        for (int i = 0; i < 20; i++) {
            first.put("id" + i, Docs.number(i));
            if (i % 3 == 0) {
                last.put("other" + i, Docs.number(i));
            }
            boolean moved = true;
            while (moved) {
                int before = one.fromA.size() + one.fromB.size() + two.fromA.size() + two.fromB.size();
                one.run();
                two.run();
                moved = before != one.fromA.size() + one.fromB.size() + two.fromA.size() + two.fromB.size();
            }
        }
        one.assertEqual();
        two.assertEqual();
        assertThat(first.documents()).hasSize(27).isEqualTo(last.documents());
    }
}
