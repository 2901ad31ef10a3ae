package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.transport.Message;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Messages to send, and whether those that came are the same. */
final class Messages {
    private Messages() {}

    static List<Message> texts(String prefix, int count) {
        return IntStream.range(0, count).mapToObj(i -> Message.text(prefix + i)).toList();
    }

    static Message random(SplittableRandom random, int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return Message.binary(bytes);
    }

    static List<String> show(List<Message> messages) {
        return messages.stream()
                .map(message -> message.size() <= 24
                        ? new String(message.payload(), StandardCharsets.UTF_8)
                        : message.toString())
                .toList();
    }

    static void assertMessages(List<Message> expected, List<Message> actual) {
        assertEquals(show(expected), show(actual), "the messages");
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i).kind(), actual.get(i).kind(), "the kind of message " + i);
            assertBytes(expected.get(i), actual.get(i), "message " + i);
        }
    }

    static void assertBytes(Message expected, Message actual, String what) {
        assertEquals(expected.size(), actual.size(), "the size of " + what);
        int at = Arrays.mismatch(expected.payload(), actual.payload());
        assertEquals(-1, at, "where the bytes of " + what + " first differ");
    }
}
