package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Message;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InboxTest {
    @Test
    void whatWentInComesOutInOrder() {
        for (long seed = 1; seed <= 20; seed++) {
            Random random = new Random(seed);
            Inbox inbox = new Inbox();
            Deque<Message> expected = new ArrayDeque<>();
            for (int i = 0; i < 2_000; i++) {
                if (random.nextInt(100) < 55) {
                    byte[] payload = new byte[random.nextInt(4) == 0 ? random.nextInt(3_000) : random.nextInt(40)];
                    random.nextBytes(payload);
                    Message message =
                            new Message(random.nextBoolean() ? Message.Kind.TEXT : Message.Kind.BINARY, payload);
                    expected.addLast(message);
                    inbox.add(message.kind(), ByteBuffer.wrap(payload));
                } else {
                    requireSame(expected.pollFirst(), inbox.poll(), seed);
                }
            }
            assertThat(inbox.messages()).as("messages, seed %d", seed).isEqualTo(expected.size());
            assertThat(inbox.bytes())
                    .as("bytes, seed %d", seed)
                    .isEqualTo(expected.stream().mapToLong(Message::size).sum());
            while (!expected.isEmpty()) {
                requireSame(expected.pollFirst(), inbox.poll(), seed);
            }
            assertThat(inbox.isEmpty()).isTrue();
        }
    }

    private static void requireSame(Message expected, Message actual, long seed) {
        if (expected == null) {
            assertThat(actual).as("of an empty one, seed %d", seed).isNull();
        } else {
            assertThat(actual.kind()).as("the kind, seed %d", seed).isEqualTo(expected.kind());
            assertThat(actual.payload()).as("the payload, seed %d", seed).isEqualTo(expected.payload());
        }
    }

    @Test
    void manyTinyMessagesCostLittleMoreThanTheirBytes() {
        Inbox inbox = new Inbox();
        for (int i = 0; i < 1_000_000; i++) {
            inbox.add(Message.Kind.BINARY, ByteBuffer.wrap(new byte[i % 2]));
        }
        assertThat(inbox.cost()).isLessThan(3_000_000);
        inbox.clear();
        assertThat(inbox.poll()).isNull();
    }
}
