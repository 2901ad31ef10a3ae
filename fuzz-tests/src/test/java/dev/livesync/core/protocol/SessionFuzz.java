package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Whole sessions, one end of them: recorded messages, damaged, repeated, left out, in another order, and others in between. However
 * it goes, the session ends in order, no snapshot stays open, and what is stored is complete or known to be incomplete.
 */
public final class SessionFuzz {
    private static final ProtocolLimits LIMITS =
            new ProtocolLimits(30_000, 50_000, 100, 60, 2_000, 2_000, 1_500, ProtocolLimits.DEFAULT.blocks());

    private static final int MOST_STEPS = 40;
    private static final int MESSAGE_BYTES = 30_000;

    private static final Map<String, Set<Feature>> DIALECTS =
            new TreeMap<>(Map.of("alpha", Set.of(), "extended", ManualSession.ALL, "native", ManualSession.NATIVE));

    private SessionFuzz() {}

    /**
     * The targets.
     *
     * @return one for each dialect
     */
    public static List<FuzzedReader> all() {
        return DIALECTS.entrySet().stream()
                .map(dialect -> {
                    List<Message> recorded = record(dialect.getValue());
                    return FuzzedReader.small(
                                    "session-" + dialect.getKey(),
                                    FuzzedReader.PEERS_FAULT,
                                    input -> session(dialect.getValue(), recorded, new Choices(input)),
                                    () -> seeds(recorded.size()))
                            .allocating(30_000);
                })
                .toList();
    }

    /** What a peer with a few documents and a live change sends. */
    private static List<Message> record(Set<Feature> features) {
        TestDb left = Docs.fill(new NaiveReplica(), 6);
        left.put("large", Docs.bytes(2_500));
        SessionPair pair = new SessionPair(left, new NaiveReplica(), features, LIMITS, MESSAGE_BYTES).run();
        left.put("live", Docs.number(1));
        left.delete("doc000001");
        pair.run();
        return List.copyOf(pair.fromA);
    }

    private static void session(Set<Feature> features, List<Message> recorded, Choices choices) {
        NaiveReplica db = new NaiveReplica();
        if (choices.flag()) {
            Docs.fill(db, 3);
        }
        ManualSession session = new ManualSession(db, ManualSession.config(features, LIMITS, MESSAGE_BYTES));
        session.open();
        int next = 0;
        for (int i = 0; i < MOST_STEPS && !choices.isEmpty() && !session.ended; i++) {
            Message honest = recorded.get(Math.min(next, recorded.size() - 1));
            Message message = null;
            switch (choices.below(10)) {
                case 0, 1, 2 -> {
                    message = honest;
                    next++;
                }
                case 3, 4 -> {
                    message = new Message(honest.kind(), choices.damage(honest.payload()));
                    next++;
                }
                case 5 -> message = new Message(Message.Kind.TEXT, choices.piece());
                case 6 -> message = Message.binary(choices.piece());
                case 7 -> session.pass(choices.octet() * 4_000_000L);
                case 8 -> next = choices.below(recorded.size());
                default -> {
                    db.put("own" + i, Docs.number(i));
                    session.settle();
                }
            }
            if (message != null && session.requested > 0) {
                session.deliver(message);
            }
        }
        SyncException failure = session.failure;
        if (failure == null && !session.ended) {
            session.protocol.channelClosed(CloseReason.REMOTE, session.now);
            session.settle();
        }
        assertThat(session.ended).isTrue();
        assertThat(session.backlogDone || session.backlogFailure != null).isTrue();
        assertThat(db.openSnapshots()).isZero();
        if (failure != null
                && !failure.getMessage().contains("ended the session")
                && !failure.getMessage().contains("answer")) {
            throw failure;
        }
    }

    private static List<byte[]> seeds(int messages) {
        byte[] whole = new byte[1 + messages];
        byte[] both = new byte[1 + messages];
        both[0] = 1;
        byte[] damaged = new byte[12];
        Arrays.fill(damaged, 1, 4, (byte) 1);
        damaged[4] = 3;
        damaged[5] = 1;
        return List.of(
                whole,
                both,
                damaged,
                Seeds.of(0, 0, 5, "{\"ok\":true}".getBytes(StandardCharsets.US_ASCII), 9, 0, 0, 7, 90, 0, 0, 0));
    }
}
