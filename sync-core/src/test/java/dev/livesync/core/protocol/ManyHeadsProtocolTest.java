package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.core.protocol.alpha.AlphaDialect;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clocks of more heads than a message names. */
@Timeout(300)
class ManyHeadsProtocolTest {
    private static final Cid SOME_ROOT = Cid.hash(Cid.DAG_CBOR, new byte[] {7});

    private final TestDb left = new EmbeddedDb();
    private final TestDb right = new EmbeddedDb();

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    @Test
    void theSameHeadsAreEqual() {
        List<Event> events = concurrent("d", 2_000);
        commit(left, events);
        commit(right, events);
        SessionPair pair = SessionPair.livesync(left, right).run();
        pair.assertEqual();
        assertThat(left.heads()).hasSize(2_000);

        right.put("more", Docs.number(1));
        pair.run().assertEqual();
        assertThat(left.heads()).hasSize(1);
    }

    @Test
    void aThousandAreNamedAndOfMoreAPart() {
        for (int heads : new int[] {1_000, 1_001}) {
            try (TestDb db = new EmbeddedDb()) {
                commit(db, concurrent("d", heads));
                String diff = new ManualSession(db.replica(), ManualSession.livesync())
                        .open().stream()
                                .filter(m -> m.kind() == Message.Kind.TEXT)
                                .map(SessionPair::text)
                                .filter(t -> t.startsWith("{\"clock\""))
                                .findFirst()
                                .orElseThrow();
                if (heads == 1_000) {
                    assertThat(diff).doesNotContain("partial");
                } else {
                    assertThat(diff).contains("\"partial\":{\"heads\":1001,");
                }
            }
        }
    }

    @Test
    void livesync() {
        commit(left, concurrent("l", 12_000));
        commit(right, concurrent("r", 3_000));
        SessionPair pair = SessionPair.livesync(left, right).run();
        pair.assertEqual();
        assertThat(left.documents()).hasSize(15_000);
        String diff = SessionPair.texts(pair.fromB).stream()
                .filter(t -> t.startsWith("{\"clock\""))
                .findFirst()
                .orElseThrow();
        assertThat(diff).contains("\"partial\":{\"heads\":3000,");
    }

    @Test
    void alpha() {
        commit(left, concurrent("l", 12_000));
        right.put("r", Docs.number(1));
        SessionPair pair = SessionPair.alpha(left, right).run();
        assertThat(pair.a.failure).isNull();
        assertThat(pair.b.failure).isNull();
        assertThat(right.documents()).isEqualTo(left.documents()).hasSize(12_001);
        assertThat(SessionPair.texts(pair.fromA).get(0))
                .doesNotContain("partial")
                .hasSizeLessThan(AlphaDialect.MESSAGE_BYTES);
    }

    @Test
    void headsThatOneMessageOfAnAlphasDoesNotCarry() {
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            events.add(Events.put(Keys.ofId("d" + i), Encoded.of(Docs.bytes(5_000 + i)), SOME_ROOT, List.of()));
        }
        commit(left, events);
        SessionPair pair = SessionPair.alpha(left, right).run();
        assertThat(pair.a.failure).isNull();
        assertThat(pair.b.failure).isNull();
        assertThat(right.documents()).isEqualTo(left.documents()).hasSize(100);
    }

    @Test
    @Tag("soak")
    void aPeerThatLeavesTooManyIsToldSo() {
        ManualSession s = new ManualSession(left.replica(), ManualSession.livesync());
        s.open();
        s.deliver(Message.text("{\"clock\":[],\"cids\":[]}"));
        for (int part = 0; s.failure == null && part < 30; part++) {
            List<Event> flood = concurrent("x" + part + "-", 10_000);
            s.deliver(Message.binary(
                    CarWriter.encode(List.of(), flood.stream().map(Event::block).toList())));
        }
        assertThat(s.failure)
                .hasMessageContaining("headsPerPeer")
                .extracting("kind")
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(left.documents()).hasSize(250_000);
        SessionPair.livesync(left, right).run().assertEqual();
    }

    private static void commit(TestDb db, List<Event> events) {
        db.replica().commit(new Commit(List.of(), events, Origin.LOCAL));
    }

    private static List<Event> concurrent(String prefix, int count) {
        List<Event> events = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            events.add(Events.put(Keys.ofId(prefix + i), Encoded.of(Docs.number(i)), SOME_ROOT, List.of()));
        }
        return events;
    }
}
