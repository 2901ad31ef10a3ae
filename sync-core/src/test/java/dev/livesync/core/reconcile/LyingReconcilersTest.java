package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** Messages that are wrong: a clear error, or an end after which the next attempt puts it right. */
class LyingReconcilersTest {
    private record Histories(HistoryPool.Member a, HistoryPool.Member b, int more) {
        static Histories of(int common, int more, boolean names) {
            HistoryPool pool = new HistoryPool(40, common + more);
            HistoryPool.Member a = pool.member();
            HistoryPool.Member b = pool.member();
            a.write(common);
            b.take(a, Integer.MAX_VALUE);
            a.write(more);
            b.write(more);
            if (!names) {
                pool.withoutNames();
            }
            return new Histories(a, b, more);
        }

        int messages(int attempt) {
            return new Exchange(a.snapshot(), b.snapshot(), attempt)
                    .run()
                    .messages
                    .size();
        }

        /** Runs with lies, takes what is sent if it can be taken, and makes an honest attempt if that wasn't all. */
        void run(int attempt, BiFunction<Integer, byte[], byte[]> lies, String what) {
            Exchange exchange = new Exchange(a.snapshot(), b.snapshot(), attempt);
            try {
                exchange.run(lies);
            } catch (SyncException e) {
                assertThat(e.kind()).as(what).isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
                assertThat(e).as(what).hasMessageContaining("reconciliation");
                return;
            }
            List<Cid> fromA = sent(exchange.initiator);
            List<Cid> fromB = sent(exchange.responder);
            assertThat(fromA.size()).as(what).isLessThanOrEqualTo(a.size());
            assertThat(fromB.size()).as(what).isLessThanOrEqualTo(b.size());
            assertThat(exchange.bytes).as(what).isLessThan(3 * 8 * (a.size() + b.size()) + 3_000);
            // Each change is tried on the same two histories, so these are left as they are.
            Exchange honest = new Exchange(a.snapshot(), b.snapshot(), Math.min(2, attempt + 1)).run();
            assertThat(honest.isSettled()).as(what).isTrue();
            assertThat(Exchange.toSend(honest.initiator)).as(what).hasSize(more);
            assertThat(Exchange.toSend(honest.responder)).as(what).hasSize(more);
        }

        private static List<Cid> sent(Reconciliation end) {
            return end.peerHas() == null ? List.of() : Exchange.toSend(end);
        }
    }

    private static final List<Histories> HISTORIES = List.of(
            Histories.of(0, 5, true),
            Histories.of(40, 10, true),
            Histories.of(300, 50, true),
            Histories.of(300, 150, true),
            Histories.of(1_000, 40, false));

    @Test
    void aByteOfAnyMessageIsChanged() {
        for (Histories h : HISTORIES) {
            for (int attempt = 0; attempt < 3; attempt++) {
                int messages = h.messages(attempt);
                for (int n = 0; n < messages; n++) {
                    for (int i = 0; i < 30; i++) {
                        int seed = i;
                        Random random = new Random(seed);
                        int target = n;
                        h.run(
                                attempt,
                                (index, message) -> {
                                    byte[] copy = message.clone();
                                    if (index == target) {
                                        // Half of them near the start, where the counts are.
                                        int at = random.nextInt(seed % 2 == 0 ? Math.min(8, copy.length) : copy.length);
                                        copy[at] ^= (byte) (1 + random.nextInt(255));
                                    }
                                    return copy;
                                },
                                "attempt " + attempt + ", message " + n + ", seed " + seed);
                    }
                }
            }
        }
    }

    @Test
    void anyMessageIsCutAnywhereOrGoesOn() {
        for (Histories h : HISTORIES) {
            for (int attempt = 0; attempt < 3; attempt++) {
                List<byte[]> honest = new Exchange(h.a.snapshot(), h.b.snapshot(), attempt).run().messages;
                for (int n = 0; n < honest.size(); n++) {
                    int length = honest.get(n).length;
                    int step = Math.max(1, length / 15);
                    for (int cut = 0;
                            cut <= length + 1;
                            cut += cut == length ? 1 : Math.min(step, Math.max(1, length - cut))) {
                        if (cut == length) {
                            continue;
                        }
                        int target = n;
                        int size = cut;
                        Exchange exchange = new Exchange(h.a.snapshot(), h.b.snapshot(), attempt);
                        SyncException thrown = null;
                        try {
                            exchange.run((index, message) -> index == target ? Arrays.copyOf(message, size) : message);
                        } catch (SyncException e) {
                            thrown = e;
                        }
                        assertThat(thrown)
                                .as("attempt %d, message %d of %d bytes cut to %d", attempt, n, length, cut)
                                .isNotNull();
                        assertThat(thrown.kind()).isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
                    }
                }
            }
        }
    }

    @Test
    void messagesComeTwiceOrInAnotherState() {
        for (Histories h : HISTORIES) {
            List<byte[]> honest = new Exchange(h.a.snapshot(), h.b.snapshot(), 0).run().messages;
            for (int n = 0; n < honest.size(); n++) {
                for (byte[] other : honest) {
                    int target = n;
                    h.run(0, (index, message) -> index == target ? other : message, "message " + n + " replaced");
                }
            }
        }
    }

    @Test
    void poisonedSymbolsEndInTheListAndTheResultIsRight() {
        for (long seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Histories h = Histories.of(2_000, 40, false);
            Exchange exchange = new Exchange(h.a.snapshot(), h.b.snapshot(), 0).run((index, message) -> {
                byte[] copy = message.clone();
                if (copy[0] == MessageType.SYMBOLS || copy[0] == MessageType.REPLY) {
                    // In the sum of the last symbol.
                    copy[copy.length - 8] ^= (byte) (1 + random.nextInt(255));
                }
                return copy;
            });
            assertThat(exchange.isSettled()).as("seed " + seed).isTrue();
            assertThat(exchange.messages).hasSizeLessThan(60);
            assertThat(Exchange.toSend(exchange.initiator)).as("seed " + seed).hasSize(40);
            assertThat(Exchange.toSend(exchange.responder)).as("seed " + seed).hasSize(40);
        }
    }

    @Test
    void whatAMessageStatesMakesNobodyAllocate() {
        Histories h = HISTORIES.get(4);
        // 2^31 - 1 heads, of which 1,000 and a digest would have to follow.
        byte[] heads = {MessageType.OPENING, 0, 0, -1, -1, -1, -1, 7};
        // An event count of 2^31 - 1 and as many symbols.
        Reconciliation initiator = Reconciliations.initiator(
                h.a.snapshot(), Exchange.SALT, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED);
        assertThat(initiator.poll()).isNotNull();
        MessageOutput reply = new MessageOutput();
        reply.octet(MessageType.REPLY);
        reply.number(1);
        reply.cid(Cid.hash(Cid.DAG_CBOR, new byte[1]));
        reply.bytes(new byte[1]); // bits of the one head, since there are no names
        reply.octet(ReplyForm.SYMBOLS);
        reply.number(Integer.MAX_VALUE);
        reply.number(Integer.MAX_VALUE);
        assertThatThrownBy(() -> initiator.received(reply.toByteArray())).isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> Reconciliations.responder(
                                h.b.snapshot(), Exchange.SALT, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED)
                        .received(heads))
                .isInstanceOf(SyncException.class)
                .hasMessageContaining("ends where");
    }

    @Test
    void aResponderMakesNoMoreSymbolsThanAreWorthIt() {
        Histories h = Histories.of(1_000, 40, false);
        Reconciliation responder = Reconciliations.responder(
                h.b.snapshot(), Exchange.SALT, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED);
        Reconciliation initiator = Reconciliations.initiator(
                h.a.snapshot(), Exchange.SALT, 0, ReconcileLimits.DEFAULT, TableMemory.UNLIMITED);
        responder.received(initiator.poll());
        assertThat(responder.poll()).isNotNull();
        MessageOutput more = new MessageOutput();
        more.octet(MessageType.MORE);
        more.number(1_000);
        assertThatThrownBy(() -> responder.received(more.toByteArray()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
    }
}
