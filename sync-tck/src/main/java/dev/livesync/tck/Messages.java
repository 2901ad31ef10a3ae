package dev.livesync.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.transport.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

    /** Empty ones, tiny ones, sizes around powers of two, and characters of two to four bytes, at random. */
    static List<Message> mixed(SplittableRandom random, int count, int most) {
        List<Message> mixed = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int near = (1 << random.nextInt(15)) + random.nextInt(-2, 3);
            int size = Math.max(0, Math.min(most, random.nextInt(4) == 0 ? near : random.nextInt(12)));
            mixed.add(
                    switch (random.nextInt(4)) {
                        case 0 -> random.nextBoolean() ? Message.text("") : Message.binary(new byte[0]);
                        case 1 -> Message.text("a\u00e9\u20ac\ud83d\ude00".repeat(size / 10));
                        default -> random(random, size);
                    });
        }
        return mixed;
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

    /** Of more messages than anybody wants to see. */
    static void assertSame(List<Message> expected, List<Message> actual, String where) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            String what = "message " + i + " of " + expected.size() + " (" + where + ")";
            assertEquals(expected.get(i).kind(), actual.get(i).kind(), "the kind of " + what);
            assertBytes(expected.get(i), actual.get(i), what);
        }
        assertEquals(expected.size(), actual.size(), "how many messages came (" + where + ")");
    }

    static void assertBytes(Message expected, Message actual, String what) {
        assertEquals(expected.size(), actual.size(), "the size of " + what);
        int at = Arrays.mismatch(expected.payload(), actual.payload());
        assertEquals(-1, at, "where the bytes of " + what + " first differ");
    }
}
