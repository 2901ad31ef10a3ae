package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** In which order messages of several databases go. */
class MessageTurnsTest {
    private final MessageTurns turns = new MessageTurns();

    private List<String> next() {
        return turns.next().stream().map(MessageTurns.WaitingMessage::payload).toList();
    }

    @Test
    void oneThatSaysMuchHasOneTurnAsTheOthers() {
        for (int i = 0; i < 4; i++) {
            turns.add("much", "much " + i);
        }
        turns.add("little", "little");
        assertThat(next()).containsExactly("much 0", "little");
        turns.add("late", "late");
        assertThat(next()).containsExactly("much 1", "late");
        assertThat(next()).containsExactly("much 2");
        assertThat(next()).containsExactly("much 3");
        assertThat(turns.isEmpty()).isTrue();
        assertThat(next()).isEmpty();
    }

    /** However many there are, nobody comes twice before somebody else has come once. */
    @Test
    void whatIsTooMuchForOneTransactionGoesWithTheNextOnesInTurn() {
        String long8K = "x".repeat(8_000);
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 20; i++) {
                turns.add("db " + i, i + " " + round + " " + long8K);
            }
        }
        List<String> order = new ArrayList<>();
        for (List<String> some = next(); !some.isEmpty(); some = next()) {
            assertThat(some.stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(64 << 10);
            some.forEach(payload -> order.add(payload.substring(0, payload.indexOf(' '))));
        }
        assertThat(order).hasSize(60);
        for (int i = 0; i < 60; i++) {
            assertThat(order.get(i)).isEqualTo(Integer.toString(i % 20));
        }
    }

    @Test
    void soManyOfADatabaseWaitAndNoMore() {
        for (int i = 0; i < 16; i++) {
            turns.add("much", "much " + i);
        }
        CompletableFuture<Void> refused = turns.add("much", "one more").toCompletableFuture();
        assertThatThrownBy(refused::join)
                .hasCauseInstanceOf(SyncException.class)
                .satisfies(
                        e -> assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED));
        turns.add("little", "little");
        assertThat(next()).containsExactly("much 0", "little");
    }
}
