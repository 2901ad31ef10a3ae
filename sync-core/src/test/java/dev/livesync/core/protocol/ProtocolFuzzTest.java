package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.WireMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A real session's messages, damaged: bits, bytes, lengths, order, kind, repetition. Whatever comes, the protocol fails with a
 * kind that says whose fault it is, or goes on; it never throws, never keeps a snapshot, never holds more than its limits.
 */
class ProtocolFuzzTest {
    private static final int ROUNDS = 4_000;
    private static final Set<ErrorKind> PEERS_FAULT =
            EnumSet.of(ErrorKind.MALFORMED, ErrorKind.HASH_MISMATCH, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED);
    private static final ProtocolLimits LIMITS =
            new ProtocolLimits(60_000, 200_000, 500, 60, 2_000, 4_000, 3_000, ProtocolLimits.DEFAULT.blocks());

    @Test
    void damagedSessionsEndInOrder() {
        List<List<Message>> recorded = new ArrayList<>();
        List<Set<Feature>> dialects = List.of(
                Set.of(), ManualSession.ALL, EnumSet.of(Feature.HELLO, Feature.FRAGMENTS), ManualSession.NATIVE);
        for (Set<Feature> features : dialects) {
            recorded.add(record(features));
        }
        int failures = 0;
        int survivals = 0;
        for (long seed = 1; seed <= ROUNDS; seed++) {
            int dialect = (int) (seed % dialects.size());
            try {
                if (round(new Random(seed), dialects.get(dialect), recorded.get(dialect))) {
                    survivals++;
                } else {
                    failures++;
                }
            } catch (RuntimeException | Error e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        assertThat(failures).isGreaterThan(ROUNDS / 3);
        assertThat(survivals).isGreaterThan(ROUNDS / 20);
    }

    /** What a peer with some documents and some live changes sends. */
    private static List<Message> record(Set<Feature> features) {
        TestDb left = Docs.fill(new NaiveReplica(), 40);
        left.put("large", Docs.bytes(9_000));
        SessionPair pair = new SessionPair(left, new NaiveReplica(), features, LIMITS, 30_000).run();
        left.put("live", Docs.number(1));
        left.delete("doc000001");
        pair.run().assertEqual();
        return pair.fromA;
    }

    /** True if the session survived. */
    private static boolean round(Random random, Set<Feature> features, List<Message> recorded) {
        NaiveReplica db = new NaiveReplica();
        if (random.nextBoolean()) {
            Docs.fill(db, 10);
        }
        ManualSession s = new ManualSession(db, ManualSession.config(features, LIMITS, 30_000));
        s.open();
        List<Message> messages = new ArrayList<>(recorded);
        int damage = 1 + random.nextInt(3);
        for (int i = 0; i < damage; i++) {
            damage(random, messages);
        }
        for (Message m : messages) {
            if (s.ended) {
                break;
            }
            if (s.requested > 0) {
                s.deliver(m);
            }
            if (random.nextInt(10) == 0) {
                s.pass(random.nextInt(1_000_000_000));
            }
        }
        boolean survived = s.failure == null;
        if (!survived && !s.failure.getMessage().contains("ended the session")) {
            assertThat(s.failure.kind()).as(s.failure.getMessage()).isIn(PEERS_FAULT);
            assertThat(s.failure.getMessage())
                    .contains("peer test:")
                    .hasSizeLessThan(1_000)
                    .doesNotContain("\n");
        }
        if (survived) {
            s.protocol.channelClosed(CloseReason.REMOTE, s.now);
            s.settle();
        }
        assertThat(s.ended).isTrue();
        assertThat(s.backlogDone || s.backlogFailure != null).isTrue();
        assertThat(db.openSnapshots()).isZero();
        return survived;
    }

    private static void damage(Random random, List<Message> messages) {
        int at = random.nextInt(messages.size());
        Message m = messages.get(at);
        byte[] bytes = m.payload().clone();
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> {
                if (bytes.length > 0) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                messages.set(at, new Message(m.kind(), bytes));
            }
            case 3 ->
                messages.set(
                        at, new Message(m.kind(), java.util.Arrays.copyOf(bytes, random.nextInt(bytes.length + 1))));
            case 4 ->
                messages.set(
                        at,
                        new Message(m.kind(), java.util.Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(50))));
            case 5 ->
                messages.set(
                        at,
                        new Message(m.kind() == Message.Kind.TEXT ? Message.Kind.BINARY : Message.Kind.TEXT, bytes));
            case 6 -> messages.remove(at);
            case 7 -> messages.add(random.nextInt(messages.size()), m);
            case 8 -> java.util.Collections.swap(messages, at, random.nextInt(messages.size()));
            case 9 -> messages.add(at, control(random));
            case 10 -> messages.set(at, number(random, m));
            default -> {
                byte[] noise = new byte[random.nextInt(300)];
                random.nextBytes(noise);
                messages.add(at, new Message(random.nextBoolean() ? Message.Kind.TEXT : Message.Kind.BINARY, noise));
            }
        }
        if (messages.isEmpty()) {
            messages.add(m);
        }
    }

    private static Message control(Random random) {
        long number = random.nextBoolean() ? random.nextInt(1_000) : random.nextLong();
        return switch (random.nextInt(8)) {
            case 0 -> ControlText.begin(Message.Kind.TEXT, number);
            case 1 -> ControlText.begin(Message.Kind.BINARY, number);
            case 2 -> ControlText.credit(number);
            case 3 -> ControlText.ack(WireMessage.Ack.of(number, List.of(), true));
            case 4 -> ControlText.ping(number);
            case 5 -> ControlText.error(ErrorKind.MALFORMED, "x");
            case 6 -> Message.text("{\"clock\":[],\"cids\":[]}");
            default -> Message.text("{\"ok\":true}");
        };
    }

    /** Changes the first number of a text. */
    private static Message number(Random random, Message m) {
        if (m.kind() != Message.Kind.TEXT) {
            return m;
        }
        String text = new String(m.payload(), StandardCharsets.UTF_8);
        return Message.text(text.replaceFirst("[0-9]+", String.valueOf(random.nextLong())));
    }
}
