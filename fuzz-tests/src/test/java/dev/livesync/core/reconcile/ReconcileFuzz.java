package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Both ends of a reconciliation, its opening, and sketches. */
public final class ReconcileFuzz {
    private static final Set<ErrorKind> REFUSALS = Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
    private static final ReconcileLimits LIMITS = new ReconcileLimits(4_096, 8, 400);
    private static final int MOST_MESSAGES = 12;

    private static final HistoryPool POOL = new HistoryPool(40, 1);
    private static final HistoryPool.Member A = POOL.member();
    private static final HistoryPool.Member B = POOL.member();

    static {
        A.write(120);
        B.take(A, Integer.MAX_VALUE);
        A.write(25);
        B.write(30);
        B.writeRoots(3);
    }

    /** What each end says in honest exchanges, attempt by attempt. */
    private static final List<List<byte[]>> FROM_A = new ArrayList<>();

    private static final List<List<byte[]>> FROM_B = new ArrayList<>();

    static {
        for (int attempt = 0; attempt < Reconciliations.ATTEMPTS; attempt++) {
            Reconciliation a = a(attempt);
            Reconciliation b = b(attempt);
            List<byte[]> fromA = new ArrayList<>();
            List<byte[]> fromB = new ArrayList<>();
            for (boolean moved = true; moved; ) {
                moved = false;
                for (byte[] m = a.poll(); m != null; m = a.poll()) {
                    fromA.add(m);
                    b.received(m);
                    moved = true;
                }
                for (byte[] m = b.poll(); m != null; m = b.poll()) {
                    fromB.add(m);
                    a.received(m);
                    moved = true;
                }
            }
            FROM_A.add(fromA);
            FROM_B.add(fromB);
        }
    }

    private ReconcileFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                        "reconcile-opening",
                        REFUSALS,
                        ReconcileFuzz::opening,
                        () -> FROM_A.stream().map(messages -> messages.get(0)).toList()),
                FuzzedReader.small("reconcile-responder", REFUSALS, ReconcileFuzz::responder, ReconcileFuzz::honest)
                        .allocating(600),
                FuzzedReader.small("reconcile-initiator", REFUSALS, ReconcileFuzz::initiator, ReconcileFuzz::honest)
                        .allocating(600),
                FuzzedReader.small("sketch", REFUSALS, ReconcileFuzz::sketch, ReconcileFuzz::sketches)
                        .allocating(500));
    }

    private static Reconciliation a(int attempt) {
        return Reconciliations.initiator(A.snapshot(), Exchange.SALT, attempt, LIMITS, TableMemory.UNLIMITED);
    }

    private static Reconciliation b(int attempt) {
        return Reconciliations.responder(B.snapshot(), Exchange.SALT, attempt, LIMITS, TableMemory.UNLIMITED);
    }

    private static void opening(byte[] input) {
        MessageInput in = new MessageInput(input);
        if (in.octet() != MessageType.OPENING) {
            return;
        }
        assertThat(OpeningMessage.read(in).toByteArray()).isEqualTo(input);
    }

    private static void responder(byte[] input) {
        Choices choices = new Choices(input);
        int attempt = choices.below(Reconciliations.ATTEMPTS);
        try (Reconciliation end = b(attempt)) {
            run(choices, end, FROM_A.get(attempt), B.size());
        }
    }

    private static void initiator(byte[] input) {
        Choices choices = new Choices(input);
        int attempt = choices.below(Reconciliations.ATTEMPTS);
        try (Reconciliation end = a(attempt)) {
            poll(end, A.size());
            run(choices, end, FROM_B.get(attempt), A.size());
        }
    }

    /** The honest messages one after another, some of them changed, and others in between. */
    private static void run(Choices choices, Reconciliation end, List<byte[]> honest, int events) {
        int next = 0;
        for (int i = 0; i < MOST_MESSAGES && !choices.isEmpty(); i++) {
            byte[] expected = honest.get(Math.min(next++, honest.size() - 1));
            switch (choices.below(6)) {
                case 0, 1 -> end.received(expected);
                case 2 -> end.received(choices.damage(expected));
                case 3 -> end.received(choices.piece());
                case 4 -> end.received(honest.get(0));
                default -> next++;
            }
            poll(end, events);
        }
        PeerHas has = end.peerHas();
        if (has != null) {
            assertThat(Exchange.toSend(end)).hasSizeLessThanOrEqualTo(events);
        }
    }

    /** It never says more than what it has would take. */
    private static void poll(Reconciliation end, int events) {
        int said = 0;
        for (byte[] message = end.poll(); message != null; message = end.poll()) {
            said += message.length;
            assertThat(message.length).isLessThanOrEqualTo(LIMITS.messageBytes() + 100);
        }
        assertThat(said).isLessThan(40 * events + 1_000);
    }

    private static List<byte[]> honest() {
        List<byte[]> inputs = new ArrayList<>();
        for (int attempt = 0; attempt < Reconciliations.ATTEMPTS; attempt++) {
            byte[] input = new byte[1 + MOST_MESSAGES];
            input[0] = (byte) attempt;
            inputs.add(input);
        }
        inputs.add(new byte[] {0, 0, 2, 1, 0, 3, 3, 1, 7});
        return inputs;
    }

    /** Any symbols. What they tell is at most one id for each, and, if that is everything, these symbols are of these ids. */
    private static void sketch(byte[] input) {
        Choices choices = new Choices(input);
        ShortIds shortIds = new ShortIds(Exchange.SALT, 0);
        long[] ours = ids(choices.below(4));
        Sketch own = new Sketch(shortIds, ours, ours.length, TableMemory.UNLIMITED);
        SketchDecoder decoder = new SketchDecoder(shortIds, own);
        long[] theirs = ids(choices.below(6));
        Sketch honest = new Sketch(shortIds, theirs, theirs.length, TableMemory.UNLIMITED);
        int good = choices.below(64);
        if (good > 0) {
            honest.require(good);
        }
        for (int i = 0; i < good; i++) {
            decoder.add(honest.sum(i), honest.check(i), honest.count(i));
        }
        boolean strange = !choices.isEmpty();
        MessageInput in = new MessageInput(choices.rest());
        int symbols = 0;
        try {
            for (; symbols < 200; symbols++) {
                SymbolBytes.read(in, decoder, theirs.length);
            }
        } catch (dev.livesync.api.SyncException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED);
        }
        boolean all = decoder.size() > 0 && decoder.decode();
        long[] new1 = decoder.found(true);
        long[] gone = decoder.found(false);
        assertThat(new1.length + gone.length).isLessThanOrEqualTo(decoder.size());
        if (decoder.size() > 0) {
            assertThat(decoder.estimate()).isNotNaN();
        }
        if (all && !strange) {
            Set<Long> set = new HashSet<>();
            Arrays.stream(ours).forEach(set::add);
            Arrays.stream(gone).forEach(set::remove);
            Arrays.stream(new1).forEach(set::add);
            assertThat(set)
                    .containsExactlyInAnyOrderElementsOf(
                            Arrays.stream(theirs).boxed().toList());
        }
    }

    private static long[] ids(int count) {
        long[] ids = new long[count * 3];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = (i + 1) * 0x9e3779b97f4a7c15L;
        }
        return ids;
    }

    private static List<byte[]> sketches() {
        ShortIds shortIds = new ShortIds(Exchange.SALT, 0);
        long[] theirs = ids(5);
        Sketch sketch = new Sketch(shortIds, theirs, theirs.length, TableMemory.UNLIMITED);
        sketch.require(16);
        MessageOutput out = new MessageOutput();
        for (int i = 0; i < 12; i++) {
            SymbolBytes.write(out, sketch, theirs.length, i);
        }
        byte[] symbols = out.toByteArray();
        byte[] input = Arrays.copyOf(new byte[] {3, 5, 0}, 3 + symbols.length);
        System.arraycopy(symbols, 0, input, 3, symbols.length);
        return List.of(input, Seeds.of(2, 4, 40));
    }
}
