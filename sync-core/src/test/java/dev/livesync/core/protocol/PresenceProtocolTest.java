package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.car.DagCbor;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.TextEncoding;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.presence.PresenceService;
import dev.livesync.grant.Rights;
import dev.livesync.presence.PresenceEntry;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Presence beside data, in each dialect that carries it. */
class PresenceProtocolTest {
    private static final long MILLI = 1_000_000L;

    private static final Pattern BEGIN = Pattern.compile("^\\{\"begin\".*\"bytes\":(\\d+)");

    private enum Kind {
        NATIVE,
        TEXTS,
        /** An alpha behind a shim. */
        SHIM
    }

    private final TestDb left = new EmbeddedDb();
    private final TestDb right = new EmbeddedDb();
    private int ids;

    /** One end, and what it shows and is shown. */
    private final class End {
        final PresenceService presence = new PresenceService(
                () -> this.now, Runnable::run, (delay, task) -> () -> {}, PresenceProtocolTest.this::id);
        final ManualSession session;
        private long now = 1_000_000_000_000L;

        End(TestDb db, Kind kind, boolean listens, int largest, Rights rights) {
            ProtocolConfig config =
                    ManualSession.config(features(kind), listens, ProtocolLimits.DEFAULT, largest, rights);
            session = new ManualSession(
                    db.replica(), config, Memory.unlimited(config.limits()), presence.open(largest, () -> {}));
        }

        void pass(long nanos) {
            now += nanos;
            session.now = now;
            session.protocol.tick(now);
        }

        @Nullable
        Message poll() {
            return session.protocol.poll(now);
        }

        Map<String, Object> shown() {
            Map<String, Object> shown = new TreeMap<>();
            presence.entries().stream().filter(e -> !e.own()).forEach(e -> shown.put(e.key(), e.value()));
            return shown;
        }
    }

    private String id() {
        byte[] id = new byte[16];
        id[0] = (byte) ++ids;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    private static Set<Feature> features(Kind kind) {
        return switch (kind) {
            case NATIVE -> EnumSet.allOf(Feature.class);
            case TEXTS -> Feature.ofTexts();
            case SHIM -> EnumSet.of(Feature.FRAGMENTS, Feature.PRESENCE);
        };
    }

    private static String ascii(Message message) {
        return new String(message.payload(), StandardCharsets.US_ASCII);
    }

    private static boolean isPresence(Message message) {
        return message.kind() == Message.Kind.TEXT
                ? ascii(message).startsWith("{\"presence\"")
                : message.payload()[0] == BinaryType.PRESENCE;
    }

    private static Message message(Kind kind, byte[] bytes) {
        WireMessage shown = new WireMessage.Shown(bytes);
        return kind == Kind.NATIVE ? BinaryEncoding.INSTANCE.control(shown) : TextEncoding.INSTANCE.control(shown);
    }

    private static byte[] value(int number, String key, Value value) {
        return DagCbor.encode(new Value.Sequence(List.of(new Value.Sequence(List.of(
                new Value.Int(0),
                new Value.Bytes(new byte[16]),
                new Value.Int(number),
                new Value.Text(key),
                new Value.Int(30_000),
                value)))));
    }

    private End open(Kind kind, Rights rights) {
        End end = new End(left, kind, true, 1 << 18, rights);
        end.session.open();
        return end;
    }

    /** However much there is to show, and however much time passes: beside data it gets a sixteenth of what that has got. */
    @ParameterizedTest
    @ValueSource(ints = {64 << 10, 1 << 18})
    void presenceNeverTakesMoreThanItsShareWhileDataWaits(int largest) {
        for (Kind kind : Kind.values()) {
            TestDb from = new EmbeddedDb();
            for (int i = 0; i < 12; i++) {
                from.put("doc " + i, Docs.bytes(200_000));
            }
            End a = new End(from, kind, true, largest, Rights.READ_WRITE);
            End b = new End(new EmbeddedDb(), kind, false, largest, Rights.READ_WRITE);
            for (int i = 0; i < 10; i++) {
                a.presence.set("k" + i, "v".repeat(500));
            }
            a.session.protocol.open(a.now);
            b.session.protocol.open(b.now);
            long data = 0;
            long presence = 0;
            long presenceWithData = 0;
            long missing = 0;
            int cursor = 0;
            List<Message> back = new ArrayList<>();
            for (int i = 0; i < 3_000 && (data < 2_400_000 || i < 200); i++) {
                a.pass(20 * MILLI);
                b.pass(20 * MILLI);
                a.presence.set("cursor", ++cursor);
                Message message = a.poll();
                if (message != null) {
                    if (isPresence(message)) {
                        presence += message.size();
                        assertThat(kind == Kind.SHIM && missing > 0)
                                .as("between the pieces of an alpha's message")
                                .isFalse();
                        if (data > 0 && data < 2_400_000) {
                            presenceWithData += message.size();
                            assertThat(presenceWithData)
                                    .as("%s: bytes of presence where %d of data were sent", kind, data)
                                    .isLessThanOrEqualTo(data / 16 * 4 / 3 + 100);
                        }
                    } else {
                        data += message.size();
                    }
                    if (message.kind() == Message.Kind.BINARY) {
                        missing = Math.max(0, missing - message.size());
                    } else {
                        Matcher begin = BEGIN.matcher(ascii(message));
                        missing = begin.find() ? Long.parseLong(begin.group(1)) : missing;
                    }
                    b.session.requested--;
                    b.session.protocol.received(message, b.now);
                }
                while (!b.session.commits.isEmpty()) {
                    b.session.commitOne();
                }
                for (Message m = b.poll(); m != null; m = b.poll()) {
                    back.add(m);
                }
                while (!back.isEmpty()) {
                    a.session.requested--;
                    a.session.protocol.received(back.remove(0), a.now);
                }
            }
            assertThat(a.session.failure).isNull();
            assertThat(b.session.failure).isNull();
            assertThat(presenceWithData)
                    .as("%s: it is not left out either", kind)
                    .isPositive();
            assertThat(presence).isGreaterThan(presenceWithData);
            assertThat(b.shown()).as("%s", kind).hasSize(11);
        }
    }

    @Test
    void whereDataWaitsForCreditPresenceDoesNot() {
        for (int i = 0; i < 60; i++) {
            left.put("doc " + i, Docs.bytes(200_000));
        }
        for (Kind kind : List.of(Kind.NATIVE, Kind.TEXTS)) {
            End a = new End(left, kind, true, 1 << 18, Rights.READ_WRITE);
            End b = new End(right, kind, false, 1 << 18, Rights.READ_WRITE);
            a.session.protocol.open(a.now);
            b.session.protocol.open(b.now);
            for (Message m = b.poll(); m != null; m = b.poll()) {
                a.session.protocol.received(m, a.now);
            }
            long sent = 0;
            for (Message m = a.poll(); m != null; m = a.poll()) {
                b.session.protocol.received(m, b.now);
                for (Message answer = b.poll(); answer != null; answer = b.poll()) {
                    boolean credit = kind == Kind.NATIVE
                            ? answer.payload()[0] == BinaryType.CREDIT
                            : ascii(answer).startsWith("{\"credit");
                    if (!credit) {
                        a.session.protocol.received(answer, a.now);
                    }
                }
                sent += m.size();
            }
            assertThat(sent).as("up to the credit").isBetween(3L << 20, 5L << 20);
            a.presence.set("cursor", 1);
            Message message = a.poll();
            assertThat(message).as("%s", kind).isNotNull();
            assertThat(isPresence(message)).isTrue();
        }
    }

    @Test
    void aMessageThatIsNoneEndsTheSessionAndSaysWhy() {
        for (Kind kind : Kind.values()) {
            End rubbish = open(kind, Rights.READ_WRITE);
            rubbish.session.deliver(message(kind, new byte[] {1, 2, 3}));
            assertThat(rubbish.session.failure.kind()).as("%s", kind).isEqualTo(ErrorKind.MALFORMED);
            End large = open(kind, Rights.READ_WRITE);
            large.session.deliver(message(kind, new byte[(16 << 10) + 1]));
            assertThat(large.session.failure.kind()).as("%s", kind).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
            assertThat(large.session.failure).hasMessageContaining("16385").hasMessageContaining("16384");
            End value = open(kind, Rights.READ_WRITE);
            value.session.deliver(message(kind, value(1, "k", new Value.Text("v".repeat(2_046)))));
            assertThat(value.session.failure.kind()).as("%s", kind).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        }
        End noBase64 = open(Kind.SHIM, Rights.READ_WRITE);
        noBase64.session.deliver(Message.text("{\"presence\":\"%%%\"}"));
        assertThat(noBase64.session.failure.kind()).isEqualTo(ErrorKind.MALFORMED);
    }

    @Test
    void whereItWasNotAgreedOnItIsIgnoredWhateverItIs() {
        for (Kind kind : Kind.values()) {
            Set<Feature> without = EnumSet.copyOf(features(kind));
            without.remove(Feature.PRESENCE);
            ManualSession session =
                    new ManualSession(left.replica(), ManualSession.config(without, ProtocolLimits.DEFAULT, 1 << 18));
            session.open();
            session.deliver(message(kind, new byte[] {1, 2, 3}));
            assertThat(session.failure).as("%s", kind).isNull();
        }
    }

    @Test
    void whatAFloodBringsIsDroppedAndTheSessionGoesOn() {
        for (Kind kind : Kind.values()) {
            End end = open(kind, Rights.READ_WRITE);
            for (int i = 1; i <= 5_000; i++) {
                end.session.deliver(message(kind, value(i, "k", new Value.Int(i))));
            }
            assertThat(end.session.failure).isNull();
            assertThat(end.presence.dropped())
                    .as("%s: messages over the rate", kind)
                    .isEqualTo(4_800);
            assertThat(end.shown()).isEqualTo(Map.of("k", 200L));
            end.pass(1_000 * MILLI);
            end.session.deliver(message(kind, value(6_000, "k", new Value.Int(6_000))));
            assertThat(end.shown()).isEqualTo(Map.of("k", 6_000L));
        }
    }

    /** Each name of a peer is made up: what one session may bring is bounded all the same. */
    @Test
    void peersThatAreMadeUpDoNotFillTheTable() {
        End end = open(Kind.NATIVE, Rights.READ_WRITE);
        int named = 0;
        for (int i = 0; i < 60; i++) {
            List<Value> updates = new ArrayList<>();
            for (int j = 0; j < 100; j++) {
                byte[] id = new byte[16];
                id[1] = (byte) (++named >>> 8);
                id[2] = (byte) named;
                id[3] = 1;
                updates.add(new Value.Sequence(List.of(
                        new Value.Int(0),
                        new Value.Bytes(id),
                        new Value.Int(1),
                        new Value.Text("k"),
                        new Value.Int(60_000),
                        new Value.Int(1))));
            }
            end.session.deliver(message(Kind.NATIVE, DagCbor.encode(new Value.Sequence(updates))));
        }
        assertThat(end.shown()).hasSize(1);
        assertThat(end.presence.entries()).hasSize(1_024);
        assertThat(end.presence.dropped()).isEqualTo(6_000 - 1_024);
        end.presence.set("own", 1);
        assertThat(end.presence.entries()).hasSize(1_025);
    }

    /** Somebody speaks in this peer's name, up to the last number there is. */
    @Test
    void whoeverSpeaksInAnothersNameIsContradicted() {
        for (long number : new long[] {2, 1L << 40, (1L << 53) - 1}) {
            End end = open(Kind.NATIVE, Rights.READ_WRITE);
            end.presence.set("name", "Ada");
            String before = end.presence.id();
            end.session.drain();
            byte[] id = Base64.getUrlDecoder().decode(before);
            for (String key : List.of("name", "another")) {
                end.session.deliver(message(
                        Kind.NATIVE,
                        DagCbor.encode(new Value.Sequence(List.of(new Value.Sequence(List.of(
                                new Value.Int(0),
                                new Value.Bytes(id),
                                new Value.Int(number),
                                new Value.Text(key),
                                new Value.Int(30_000),
                                new Value.Text("Eve"))))))));
            }
            // What was said under an id that it has given up is another's now.
            List<PresenceEntry> own =
                    end.presence.entries().stream().filter(PresenceEntry::own).toList();
            assertThat(own).extracting(PresenceEntry::value).containsExactly("Ada");
            assertThat(end.shown()).hasSize(number < 1L << 50 ? 0 : 1);
            assertThat(end.presence.id().equals(before)).isEqualTo(number < 1L << 50);
            end.pass(100 * MILLI);
            List<Message> said = end.session.drain().stream()
                    .filter(PresenceProtocolTest::isPresence)
                    .toList();
            assertThat(said).as("what it says to number %d", number).hasSize(1);
            End other = new End(right, Kind.NATIVE, false, 1 << 18, Rights.READ_WRITE);
            other.session.open();
            other.session.deliver(said.get(0));
            assertThat(other.shown()).containsEntry("name", "Ada");
        }
    }

    @Test
    void whatAPeerMayNotWriteOrReadIsNotTakenOrSaid() {
        for (Kind kind : List.of(Kind.NATIVE, Kind.TEXTS)) {
            End reads = open(kind, Rights.READ);
            reads.session.deliver(message(kind, value(1, "k", new Value.Int(1))));
            reads.session.deliver(message(kind, new byte[] {1, 2, 3}));
            assertThat(reads.session.failure).isNull();
            assertThat(reads.shown()).isEmpty();
            assertThat(reads.presence.dropped()).isEqualTo(2);
            End writes = open(kind, Rights.WRITE);
            writes.presence.set("secret", 1);
            writes.pass(100 * MILLI);
            assertThat(writes.session.drain()).noneMatch(PresenceProtocolTest::isPresence);
            writes.session.deliver(message(kind, value(1, "k", new Value.Int(1))));
            assertThat(writes.shown()).isEqualTo(Map.of("k", 1L));
        }
    }
}
