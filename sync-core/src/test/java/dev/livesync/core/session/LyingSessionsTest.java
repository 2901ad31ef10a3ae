package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Message;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.core.message.BinaryParser;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.session.MeasuredPeers.Cost;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/**
 * What somebody says of his own events in a reconciliation is not true. Nobody loses anything: the session mends itself, or ends as the liar's fault, and the
 * next one puts it right. Who claims to have what he lacks costs the other end at most twice the honest bytes and a round trip or two more; who claims to lack
 * what he has gets it once more, as if he were empty.
 */
class LyingSessionsTest {
    private static final byte OPENING = 1;
    private static final byte REPLY = 2;
    private static final byte SYMBOLS = 4;
    private static final byte HAVE = 6;
    private static final byte WANT = 7;

    /** Two histories: something in common, and something new at each end. */
    private record Histories(String name, List<Event> dialler, List<Event> listener) {
        static Histories of(String name, int common, int ofDialler, int ofListener) {
            try (PromptDatabase base = PromptDatabase.inMemory()) {
                base.fill("common", common, 1);
                List<Event> events = base.events();
                return new Histories(name, fork(events, "d", ofDialler), fork(events, "l", ofListener));
            }
        }

        /** Events of which each stands for itself alone, so that naming some says nothing of the others. */
        static Histories withoutNames(String name, int common, int each) {
            List<Event> roots = new ArrayList<>();
            for (int i = 0; i < common; i++) {
                roots.add(Events.put(
                        Keys.ofId("common" + i),
                        Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(i)))),
                        Cid.hash(Cid.DAG_CBOR, new byte[] {1}),
                        List.of()));
            }
            return new Histories(name, fork(roots, "d", each), fork(roots, "l", each));
        }

        private static List<Event> fork(List<Event> common, String name, int more) {
            try (PromptDatabase fork = PromptDatabase.of(common)) {
                fork.fill(name, more, 1);
                return fork.events();
            }
        }

        Map<String, Value> union() {
            try (PromptDatabase both = PromptDatabase.of(dialler)) {
                both.take(listener);
                return both.documents();
            }
        }
    }

    /** In four forms of a reply: what comes unasked, a short list, symbols, and symbols that end in a list. */
    private static final Histories UNASKED = Histories.of("unasked", 300, 10, 10);

    private static final Histories LISTED = Histories.of("a list", 300, 90, 90);
    private static final Histories SKETCHED = Histories.withoutNames("symbols", 600, 10);
    private static final Histories LISTED_AFTER_ALL = Histories.of("symbols and a list", 40, 160, 300);
    private static final List<Histories> HISTORIES = List.of(UNASKED, LISTED, SKETCHED, LISTED_AFTER_ALL);

    /** Runs one connection, with what becomes of each message of the first reconciliation; then an honest one. */
    private static Cost run(Histories histories, BiFunction<Integer, byte[], byte[]> lie, String what) {
        Map<String, Value> expected = histories.union();
        try (PromptDatabase dialler = PromptDatabase.of(histories.dialler());
                PromptDatabase listener = PromptDatabase.of(histories.listener());
                MeasuredPeers peers = new MeasuredPeers(dialler, "dialler", listener, "listener")) {
            int[] index = {0};
            peers.tamper((side, number, message) -> List.of(changed(message, bytes -> lie.apply(index[0]++, bytes))));
            Cost cost = peers.sync();
            if (cost.failure() == null) {
                assertThat(dialler.documents()).as(what).isEqualTo(expected);
                assertThat(listener.documents()).as(what).isEqualTo(expected);
                return cost;
            }
            assertThat(cost.failure()).as(what).isInstanceOf(SyncException.class);
            assertThat(((SyncException) cost.failure()).kind())
                    .as("%s: %s", what, cost.failure())
                    .isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED);
            peers.tamper((side, number, message) -> List.of(message));
            assertThat(peers.sync().failure()).as(what).isNull();
            assertThat(dialler.documents()).as(what).isEqualTo(expected);
            assertThat(listener.documents()).as(what).isEqualTo(expected);
            return cost;
        }
    }

    private static Message changed(Message message, java.util.function.UnaryOperator<byte[]> change) {
        byte[] bytes = message.payload();
        if (message.kind() != Message.Kind.BINARY || bytes.length < 3 || bytes[0] != BinaryType.RECONCILE) {
            return message;
        }
        WireMessage.Reconcile reconcile = (WireMessage.Reconcile) BinaryParser.parse(bytes);
        if (reconcile.number() != 1) {
            return message;
        }
        byte[] said = change.apply(reconcile.bytes());
        int head = bytes.length - reconcile.bytes().length;
        byte[] whole = Arrays.copyOf(bytes, head + said.length);
        System.arraycopy(said, 0, whole, head, said.length);
        return Message.binary(whole);
    }

    private static Cost honest(Histories histories, List<byte[]> messages) {
        return run(
                histories,
                (index, bytes) -> {
                    messages.add(bytes);
                    return bytes;
                },
                "honest");
    }

    /** What a peer costs that has nothing at all: whoever says that he has nothing gets as much. */
    private static long bytesOfAll(Histories histories) {
        long bytes = 0;
        for (Histories one : List.of(
                new Histories("", List.of(), histories.listener()),
                new Histories("", histories.dialler(), List.of()))) {
            bytes += honest(one, new ArrayList<>()).bytes();
        }
        return bytes;
    }

    @Test
    void oneMessageIsChangedAnywhere() {
        for (Histories histories : HISTORIES) {
            List<byte[]> messages = new ArrayList<>();
            Cost honest = honest(histories, messages);
            long most = 2 * honest.bytes() + bytesOfAll(histories);
            for (int target = 0; target < messages.size(); target++) {
                for (int seed = 0; seed < 8; seed++) {
                    String what = histories.name() + ", message " + target + ", seed " + seed;
                    Random random = new Random(seed);
                    int which = target;
                    Cost cost = run(histories, (index, bytes) -> index == which ? damaged(bytes, random) : bytes, what);
                    assertThat(cost.bytes()).as(what).isLessThanOrEqualTo(most);
                    if (cost.failure() == null) {
                        assertThat(cost.roundTrips()).as(what).isBetween(0.0, most(histories, honest, 3));
                    }
                }
            }
        }
    }

    /** One byte, or some in a row as if nothing or everything were there. */
    private static byte[] damaged(byte[] bytes, Random random) {
        byte[] copy = bytes.clone();
        int at = random.nextInt(copy.length);
        switch (random.nextInt(3)) {
            case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> Arrays.fill(copy, at, Math.min(copy.length, at + 1 + random.nextInt(8)), (byte) 0);
            default -> Arrays.fill(copy, at, Math.min(copy.length, at + 1 + random.nextInt(8)), (byte) 0xff);
        }
        return copy;
    }

    /** How many round trips symbols take depends on the salt, which a database's number makes another one each time: at most so many. */
    private static double most(Histories histories, Cost honest, int more) {
        return histories.name().equals(SKETCHED.name()) ? 12 : honest.roundTrips() + more;
    }

    private static void assertCheap(
            Histories histories, int more, BiFunction<Integer, byte[], byte[]> lie, String what) {
        Cost honest = honest(histories, new ArrayList<>());
        Cost cost = run(histories, lie, what);
        assertThat(cost.failure()).as("%s, %s", histories.name(), what).isNull();
        assertThat(cost.bytes())
                .as("%s, %s: bytes, honest %s", histories.name(), what, honest)
                .isLessThanOrEqualTo(2 * honest.bytes());
        assertThat(cost.roundTrips())
                .as("%s, %s: round trips, honest %s", histories.name(), what, honest)
                .isBetween(0.0, most(histories, honest, more));
    }

    /** Only the responder can notice, whose wish that it may be told again takes a round trip more. */
    @Test
    void aResponderClaimsToHaveWhatIsNamed() {
        for (Histories histories : HISTORIES) {
            assertCheap(histories, 2, (index, bytes) -> bytes[0] == REPLY ? withAllBits(bytes) : bytes, "all bits set");
        }
    }

    /** The bits follow the responder's clock of one head; that of the initiator's head stays. */
    private static byte[] withAllBits(byte[] reply) {
        assertThat(reply[1]).as("heads").isEqualTo((byte) 1);
        byte[] copy = reply.clone();
        copy[2 + 32] |= (byte) 0xfe;
        return copy;
    }

    @Test
    void anEndClaimsToHaveWhatIsListed() {
        int[] lies = {0};
        assertCheap(
                LISTED,
                1,
                (index, bytes) -> {
                    byte[] copy = bytes.clone();
                    if (bytes[0] == HAVE) {
                        lies[0]++;
                        Arrays.fill(copy, 1, copy.length - 1, (byte) 0xff);
                    }
                    return copy;
                },
                "has all that is listed");
        assertThat(lies[0]).isPositive();
    }

    @Test
    void anEndWantsNothing() {
        int[] lies = {0};
        assertCheap(
                SKETCHED,
                1,
                (index, bytes) -> {
                    lies[0] += bytes[0] == WANT ? 1 : 0;
                    return bytes[0] == WANT ? new byte[] {WANT, 1, 0} : bytes;
                },
                "wants nothing");
        assertThat(lies[0]).isPositive();
    }

    /** Nobody can tell that at once: symbols are asked for as long as they may only have been unlucky, then the list. */
    @Test
    void symbolsArePoisoned() {
        for (Histories histories : List.of(SKETCHED, LISTED_AFTER_ALL)) {
            for (int seed = 0; seed < 6; seed++) {
                Random random = new Random(seed);
                assertCheap(
                        histories,
                        1,
                        (index, bytes) -> {
                            byte[] copy = bytes.clone();
                            if (bytes[0] == SYMBOLS || bytes[0] == REPLY) {
                                copy[copy.length - 8] ^= (byte) (1 + random.nextInt(255));
                            }
                            return copy;
                        },
                        "poisoned by seed " + seed);
            }
        }
    }

    /** Names that belong to nothing: the responder finds fewer of them, and so there is more to compare. */
    @Test
    void anInitiatorNamesEventsThatDoNotExist() {
        for (Histories histories : HISTORIES) {
            assertCheap(
                    histories,
                    1,
                    (index, bytes) -> {
                        byte[] copy = bytes.clone();
                        if (bytes[0] == OPENING) {
                            Random random = new Random(1);
                            for (int at = copy.length - 6 * 4; at < copy.length; at++) {
                                copy[at] = (byte) random.nextInt();
                            }
                        }
                        return copy;
                    },
                    "names nothing");
        }
    }
}
