package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.SessionStatistics;
import dev.livesync.SessionStatus;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.TextParser;
import dev.livesync.core.message.WireMessage;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What two LiveSync peers say to each other, when both keep to the rules. */
class ExtensionsTest {
    @Test
    void everythingTravelsWithoutTreesInSectionsThatStandAlone() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 2_000);
        SessionPair pair = new SessionPair(
                        left, new NaiveReplica(), ManualSession.ALL, limits(1 << 20, 20_000, 5_000), 1 << 20)
                .run();
        pair.assertEqual();

        List<List<Event>> cars = cars(pair.fromA);
        assertThat(cars).hasSizeGreaterThan(5);
        Set<Cid> seen = new HashSet<>();
        for (List<Event> car : cars) {
            for (Event event : car) {
                assertThat(seen).containsAll(event.parents());
                seen.add(event.cid());
            }
            // Whole batches: none ends with an interior event.
            assertThat(car.get(car.size() - 1).root()).isNotNull();
        }
        assertThat(seen).hasSize(2_000);
        SessionStatistics statistics = pair.a.protocol.statistics();
        assertThat(statistics.carsSent()).isEqualTo(cars.size()).isEqualTo(statistics.carsAcknowledged());
        assertThat(statistics.eventsSent()).isEqualTo(2_000).isEqualTo(statistics.eventsToSend());
        assertThat(statistics.blocksSent()).isEqualTo(2_000);
        assertThat(pair.b.protocol.statistics().eventsCommitted()).isEqualTo(2_000);
        assertThat(pair.b.protocol.statistics().bytesReceived()).isEqualTo(statistics.bytesSent());
        assertThat(pair.b.statuses)
                .startsWith(SessionStatus.SENDING_CID_DIFF)
                .contains(SessionStatus.PARKING_CAR, SessionStatus.OK, SessionStatus.FULL_SYNCED);
        // An ok ends the answer.
        assertThat(SessionPair.texts(pair.fromA)).contains("{\"ok\":true}");
    }

    @Test
    void onlyEventsAreNamedInTheDiff() {
        TestDb db = Docs.fill(new NaiveReplica(), 10);
        List<Message> sent = new ManualSession(db.replica(), ManualSession.livesync()).open();
        WireMessage.Diff diff = (WireMessage.Diff) parse(sent.get(0));
        assertThat(diff.cids().size()).isEqualTo(10);
        assertThat(diff.clock()).isEqualTo(db.heads());
    }

    @Test
    void aDocumentLargerThanTheWindowTravelsInPieces() {
        TestDb left = new NaiveReplica();
        left.put("big", Docs.bytes(3_000_000));
        ProtocolLimits limits = limits(1 << 20, 512 << 10, 256 << 10);
        SessionPair pair = new SessionPair(left, new NaiveReplica(), ManualSession.ALL, limits, 100_000).run();
        pair.assertEqual();
        List<Message> binary =
                pair.fromA.stream().filter(m -> m.kind() == Message.Kind.BINARY).toList();
        assertThat(binary).hasSizeBetween(30, 32).allMatch(m -> m.size() <= 100_000);
        assertThat(SessionPair.texts(pair.fromA))
                .anyMatch(t -> t.matches("\\{\"begin\":\\{\"kind\":\"binary\",\"bytes\":3000\\d+}}"));
        assertThat(SessionPair.texts(pair.fromB)).anyMatch(t -> t.startsWith("{\"credit\":"));
    }

    @Test
    void theWindowIsKeptWhateverIsSent() {
        for (long window : new long[] {1, 3, 100, 5_000, 50_000, 1 << 20}) {
            TestDb left = Docs.fill(new NaiveReplica(), window < 100 ? 3 : 300);
            left.put("big", Docs.bytes((int) Math.min(200_000, 100 * window)));
            // B checks the window itself and would fail.
            SessionPair pair = new SessionPair(
                            left, new NaiveReplica(), ManualSession.ALL, limits(window, 10_000, 4_000), 64_000)
                    .run();
            pair.assertEqual();
        }
    }

    @Test
    void controlMessagesPassBetweenPieces() {
        TestDb left = new NaiveReplica();
        left.put("big", Docs.bytes(100_000));
        ManualSession a = new ManualSession(
                left.replica(), ManualSession.config(ManualSession.ALL, ProtocolLimits.DEFAULT, 10_000));
        a.open();
        a.requested--;
        a.protocol.received(Message.text("{\"clock\":[],\"cids\":[]}"), a.now);
        assertThat(SessionPair.text(a.protocol.poll(a.now))).startsWith("{\"begin\":");
        assertThat(a.protocol.poll(a.now).size()).isEqualTo(10_000);
        a.requested--;
        a.protocol.received(ControlText.ping(7), a.now);
        assertThat(SessionPair.text(a.protocol.poll(a.now))).isEqualTo("{\"pong\":7}");
        assertThat(a.protocol.poll(a.now).size()).isEqualTo(10_000);
    }

    @Test
    void burstsShareACar() {
        SessionPair pair =
                SessionPair.livesync(new NaiveReplica(), new NaiveReplica()).run();
        pair.fromA.clear();
        for (int i = 0; i < 100; i++) {
            pair.left.put("id" + i, Docs.number(i));
        }
        pair.run().assertEqual();
        assertThat(cars(pair.fromA)).hasSize(1);
        assertThat(SessionPair.texts(pair.fromB)).anyMatch(t -> t.startsWith("{\"ack\":1,\"heads\":[\""));
    }

    @Test
    void whoIsInStepSaysSo() {
        SessionPair pair = SessionPair.livesync(Docs.fill(new NaiveReplica(), 200), new NaiveReplica())
                .run();
        pair.left.put("live", Docs.number(1));
        pair.run().assertEqual();
        assertThat(pair.a.statuses).contains(SessionStatus.SENDING_UPDATE_CAR);
        for (ManualSession session : List.of(pair.a, pair.b)) {
            assertThat(session.statuses).last().isIn(SessionStatus.FULL_SYNCED, SessionStatus.OK);
        }
        pair.right.put("back", Docs.number(2));
        pair.run().assertEqual();
        for (ManualSession session : List.of(pair.a, pair.b)) {
            assertThat(session.statuses).last().isIn(SessionStatus.FULL_SYNCED, SessionStatus.OK);
        }
    }

    @Test
    void whatCameFromThePeerDoesNotGoBack() {
        SessionPair pair = SessionPair.livesync(Docs.fill(new NaiveReplica(), 200), new NaiveReplica())
                .run();
        pair.left.put("live", Docs.number(1));
        pair.run().assertEqual();
        assertThat(cars(pair.fromB)).isEmpty();
    }

    @Test
    void backlogWaitsForTheAck() {
        SessionPair pair = SessionPair.livesync(Docs.fill(new NaiveReplica(), 10), new NaiveReplica());
        pair.commits = false;
        pair.run();
        assertThat(pair.a.backlogDone).isFalse();
        assertThat(pair.b.backlogDone).isFalse();
        pair.commits = true;
        pair.run().assertEqual();
    }

    @Test
    void aDiffMayComeAgain() {
        TestDb db = Docs.fill(new NaiveReplica(), 10);
        ManualSession a = new ManualSession(db.replica(), ManualSession.livesync());
        a.open();
        Message diff = Message.text("{\"clock\":[],\"cids\":[]}");
        assertThat(cars(a.deliver(diff)).get(0)).hasSize(10);
        assertThat(cars(a.deliver(diff)).get(0)).hasSize(10);
        db.put("new", Docs.number(1));
        List<Message> live = a.settle();
        assertThat(cars(live)).hasSize(1);
        assertThat(cars(live).get(0)).hasSize(1);
    }

    @Test
    void anExpiredCursorStartsAgainFromTheLastClock() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = SessionPair.livesync(left, new NaiveReplica()).run();
        pair.assertEqual();
        pair.fromA.clear();
        left.put("one", Docs.number(1));
        left.put("two", Docs.number(2));
        left.expireCursors();
        pair.run().assertEqual();
        assertThat(cars(pair.fromA)).hasSize(1);
        assertThat(cars(pair.fromA).get(0)).hasSize(2);
        assertThat(SessionPair.texts(pair.fromA)).anyMatch(t -> t.startsWith("{\"clock\":"));
    }

    @Test
    void whatAPeerHasLostComesBackFromWhomItSentItTo() {
        for (boolean ofLeft : new boolean[] {true, false}) {
            NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
            NaiveReplica right = new NaiveReplica();
            SessionPair pair = SessionPair.livesync(left, right).run();
            NaiveReplica loser = ofLeft ? left : right;
            loser.put("one", Docs.number(1));
            pair.run().assertEqual();
            loser.restore((NaiveReplica) Docs.fill(new NaiveReplica(), 50));
            pair.run().assertEqual();
            assertThat(loser.documents()).hasSize(51);
        }
    }

    @Test
    void anExpiredCursorWithAnAlphaAsWell() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = SessionPair.alpha(left, new NaiveReplica()).run();
        left.put("one", Docs.number(1));
        left.expireCursors();
        pair.run().assertEqual();
    }

    @Test
    void whoHadOneClockSaysNothingAndThenWhatIsNew() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = equalPair(left, right).run();
        pair.assertEqual();
        assertThat(pair.fromA).isEmpty();
        assertThat(pair.fromB).isEmpty();
        assertThat(pair.a.statuses).contains(SessionStatus.FULL_SYNCED);
        right.put("later", Docs.number(1));
        pair.run().assertEqual();
        assertThat(cars(pair.fromB)).hasSize(1);
        assertThat(cars(pair.fromB).get(0)).hasSize(1);
        assertThat(cars(pair.fromA)).isEmpty();
    }

    @Test
    void whatIsWrittenBetweenTheHandshakeAndTheSessionGoesAsALiveUpdate() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = equalPair(left, right);
        left.put("left", Docs.number(1));
        right.put("right", Docs.number(2));
        pair.run().assertEqual();
        assertThat(cars(pair.fromA).get(0)).hasSize(1);
        assertThat(cars(pair.fromB).get(0)).hasSize(1);
        assertThat(SessionPair.texts(pair.fromA)).noneMatch(t -> t.startsWith("{\"clock\":"));
    }

    @Test
    void whereTheFeedHasBeenForgottenSinceTheHandshakeDiffsAreExchangedAfterAll() {
        NaiveReplica left = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        NaiveReplica right = (NaiveReplica) Docs.fill(new NaiveReplica(), 50);
        SessionPair pair = equalPair(left, right);
        left.put("one", Docs.number(1));
        left.expireCursors();
        pair.run().assertEqual();
        assertThat(cars(pair.fromA).get(0)).hasSize(1);
    }

    private static SessionPair equalPair(NaiveReplica left, NaiveReplica right) {
        assertThat(left.heads()).isEqualTo(right.heads());
        return new SessionPair(
                left,
                right,
                ManualSession.startingAt(ManualSession.clock(left.replica()), ManualSession.livesync()),
                ManualSession.startingAt(ManualSession.clock(right.replica()), ManualSession.livesync()));
    }

    @Test
    void featuresWorkAloneAndInAnyCompany() {
        Feature[] all = EnumSet.copyOf(ManualSession.NATIVE).toArray(Feature[]::new);
        for (int bits = 0; bits < 1 << all.length; bits++) {
            Set<Feature> features = EnumSet.of(Feature.HELLO);
            for (int i = 0; i < all.length; i++) {
                if ((bits & 1 << i) != 0) {
                    features.add(all[i]);
                }
            }
            TestDb left = Docs.fill(new NaiveReplica(), 150);
            TestDb right = new NaiveReplica();
            right.put("other", Docs.number(2));
            SessionPair pair = new SessionPair(left, right, features, limits(100_000, 5_000, 3_000), 60_000).run();
            left.put("live", Docs.bytes(9_000));
            right.delete("other");
            pair.run().assertEqual();
            boolean trees = pair.b.protocol.statistics().blocksReceived()
                    > pair.b.protocol.statistics().eventsReceived();
            assertThat(trees).as("%s", features).isNotEqualTo(features.contains(Feature.EVENTS));
        }
    }

    @Test
    void everyByteIsMadeWhenThereIsRoomForIt() {
        NaiveReplica db = (NaiveReplica) Docs.fill(new NaiveReplica(), 1_000);
        ManualSession a =
                new ManualSession(db, ManualSession.config(ManualSession.ALL, limits(1 << 20, 5_000, 5_000), 1 << 20));
        a.protocol.open(a.now);
        a.requested--;
        a.protocol.received(Message.text("{\"clock\":[],\"cids\":[]}"), a.now);
        assertThat(db.openSnapshots()).isZero();
        a.protocol.poll(a.now);
        a.protocol.poll(a.now);
        // The answer's, and no other.
        assertThat(db.openSnapshots()).isBetween(1, 2);
        a.cut();
        assertThat(a.ended).isTrue();
        assertThat(db.openSnapshots()).isZero();
    }

    // ---- helpers

    static ProtocolLimits limits(long window, int section, int piece) {
        return ManualSession.limits(window, 64 << 20, 4_000_000, 64 << 10, section, piece);
    }

    static WireMessage parse(Message message) {
        TextParser parser = new TextParser(1_000_000, 10_000, 1);
        parser.feed(message.payload(), 0, message.size());
        return parser.end();
    }

    /** The events of each CAR among these messages, pieces put together. */
    static List<List<Event>> cars(List<Message> messages) {
        List<List<Event>> cars = new ArrayList<>();
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        boolean text = false;
        long left = 0;
        for (Message m : messages) {
            if (m.kind() == Message.Kind.TEXT) {
                if (parse(m) instanceof WireMessage.Begin begin) {
                    left = begin.bytes();
                    text = begin.kind() == Message.Kind.TEXT;
                }
                continue;
            }
            pieces.writeBytes(m.payload());
            left -= m.size();
            if (left <= 0) {
                if (!text) {
                    cars.add(events(pieces.toByteArray()));
                }
                pieces.reset();
                left = 0;
                text = false;
            }
        }
        return cars;
    }

    static List<Event> events(byte[] car) {
        List<Event> events = new ArrayList<>();
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {}

            @Override
            public void block(Block block) {
                Events.tryDecode(block, Limits.DEFAULT).ifPresent(events::add);
            }
        });
        decoder.feed(car, 0, car.length);
        decoder.finish();
        return events;
    }
}
