package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertBytes;
import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.Messages.random;
import static dev.livesync.tck.Messages.show;
import static dev.livesync.tck.Messages.texts;
import static dev.livesync.tck.TransportFixture.MAX;
import static dev.livesync.tck.TransportFixture.most;
import static dev.livesync.tck.TransportFixture.require;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.tck.internal.Probe;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** T4: what travels. */
interface MessageRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T4.1", check = "the framing: a message's bytes, all of them and no others, both ways")
    default void bytesArriveAsTheyWereSent() throws Exception {
        Pair pair = kit().connect();
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        SplittableRandom random = new SplittableRandom(1);
        int count = 0;
        for (int stated : new int[] {1, 9, 100, 4_000, 17_000, 40_000}) {
            int size = Math.min(stated, most(pair));
            Message message = random(random, size);
            kit().get(pair.near().send(message));
            kit().get(pair.far().send(message));
            count++;
            assertBytes(message, atFar.await(count).get(count - 1), "a message of " + size + " bytes");
            assertBytes(message, atNear.await(count).get(count - 1), "a message of " + size + " bytes");
        }
    }

    @Rule(value = "T4.2", check = "retransmissions and queues: each message goes to the listener once", needs = "T4.1")
    default void everyMessageArrivesOnce() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        kit().probe(pair.near(), 1);
        List<Message> sent = texts("once ", 200);
        kit().sendAll(pair.near(), sent);
        kit().get(pair.near().send(Message.text("end")));
        kit().eventually(
                        "the last message arrived", () -> show(atFar.messages()).contains("end") || atFar.isClosed());
        assertEquals(
                new TreeSet<>(show(sent)).size() + 1,
                atFar.messages().size(),
                "how many messages came; their order is another rule's");
    }

    @Rule(
            value = "T4.3",
            check = "one queue a direction; nothing overtakes",
            needs = {"T4.1", "T4.2"})
    default void messagesArriveInOrder() throws Exception {
        Pair pair = kit().connect();
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        SplittableRandom random = new SplittableRandom(3);
        List<Message> sent = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            // Sizes differ, as small ones are the first to overtake.
            int length = random.nextInt(10) == 0 ? random.nextInt(30_000) : 3;
            sent.add(Message.text(i + " " + "x".repeat(Math.min(length, most(pair) - 4))));
        }
        kit().sendAll(pair.near(), sent);
        kit().sendAll(pair.far(), sent);
        assertEquals(numbers(sent), numbers(atFar.await(sent.size())), "the order of arrival");
        assertEquals(numbers(sent), numbers(atNear.await(sent.size())), "the order of arrival");
    }

    private static List<String> numbers(List<Message> messages) {
        return messages.stream()
                .map(message -> new String(message.payload(), java.nio.charset.StandardCharsets.UTF_8))
                .map(text -> text.substring(0, Math.max(0, text.indexOf(' '))))
                .toList();
    }

    @Rule(value = "T4.4", check = "a message sent is a message received: neither merged nor split", needs = "T4.1")
    default void boundariesSurvive() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        kit().probe(pair.near(), 1);
        List<Integer> sizes = Stream.of(10, 20_000, 20, 30, 30_000, 40, 1, 1, 1, 50_000, 2)
                .map(size -> Math.min(size, most(pair)))
                .toList();
        int total = 0;
        for (int size : sizes) {
            kit().get(pair.near().send(Message.binary(new byte[size])));
            total += size;
        }
        int all = total;
        kit().eventually("all bytes arrived", () -> bytes(atFar) >= all || atFar.isClosed());
        assertEquals(
                sizes, atFar.messages().stream().map(Message::size).toList(), "the sizes of the messages that arrived");
    }

    private static int bytes(Probe probe) {
        return probe.messages().stream().mapToInt(Message::size).sum();
    }

    @Rule(value = "T4.5", check = "Message.kind() has to travel: a frame's type, a flag", needs = "T4.3")
    default void theKindSurvives() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 6);
        Probe atNear = kit().probe(pair.near(), 6);
        List<Message> sent = List.of(
                Message.text("text"),
                Message.binary(new byte[] {1, 2}),
                Message.text("\u00e9\ud83d\ude00"),
                Message.text(""),
                Message.binary(new byte[0]),
                Message.binary("text".getBytes(java.nio.charset.StandardCharsets.US_ASCII)));
        kit().sendAll(pair.near(), sent);
        kit().sendAll(pair.far(), sent);
        List<Message.Kind> kinds = sent.stream().map(Message::kind).toList();
        assertEquals(kinds, atFar.await(6).stream().map(Message::kind).toList(), "the kinds");
        assertEquals(kinds, atNear.await(6).stream().map(Message::kind).toList(), "the kinds");
    }

    @Rule(
            value = "T4.6",
            check = "the frame's length field at its edges: nothing, and maxMessageBytes()",
            needs = {"T4.1", "T4.3"})
    default void everySizeTravelsFromNothingToTheMaximum() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), Long.MAX_VALUE);
        Probe atNear = kit().probe(pair.near(), Long.MAX_VALUE);
        Set<Integer> sizes = new TreeSet<>();
        int max = most(pair);
        IntStream powers = IntStream.range(0, 31).map(i -> 1 << i);
        IntStream.concat(IntStream.of(0, 126, 1_200), powers)
                .flatMap(edge -> IntStream.rangeClosed(edge - 2, edge + 2))
                .filter(size -> size >= 0 && size <= max)
                .forEach(sizes::add);
        sizes.add(max - 1);
        sizes.add(max);
        SplittableRandom random = new SplittableRandom(6);
        int count = 0;
        for (int size : sizes) {
            Message message = random(random, size);
            kit().get(pair.near().send(message));
            kit().get(pair.far().send(message));
            count++;
            assertBytes(message, atFar.await(count).get(count - 1), "a message of " + size + " bytes");
            assertBytes(message, atNear.await(count).get(count - 1), "a message of " + size + " bytes");
        }
    }

    @Rule(value = "T4.7", check = "send(): compare with maxMessageBytes() before anything is written", needs = "T4.9")
    default void aMessageOverTheMaximumIsRefusedAndTheChannelLivesOn() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 10);
        kit().probe(pair.near(), 10);
        int max = pair.near().maxMessageBytes();
        SyncException refused = kit().failure(pair.near().send(Message.binary(new byte[max + 1])));
        assertEquals(ErrorKind.LIMIT_EXCEEDED, refused.kind(), "sending " + (max + 1) + " bytes of " + max);
        assertTrue(
                String.valueOf(refused.getMessage()).contains(Integer.toString(max)),
                "the message does not name the limit: " + refused.getMessage());
        kit().get(pair.near().send(Message.text("after")));
        assertMessages(List.of(Message.text("after")), atFar.await(1));
    }

    @Rule(
            value = "T4.8",
            check =
                    "what arrives is held against TransportContext.maxMessageBytes, by its stated length, before it is kept",
            needs = "T7.8")
    default void aPeerThatSendsMoreThanWeTakeIsCutOff() throws Exception {
        Transport narrow = kit().open(kit().peerUnder(), kit().limits(1024));
        Pair pair = kit().connect(kit().near(), narrow);
        Channel wide = pair.near();
        Probe atSender = kit().probe(wide, 1);
        Probe atReceiver = kit().probe(pair.far(), 10);
        kit().get(wide.send(Message.binary(new byte[1024])));
        atReceiver.await(1);
        if (wide.maxMessageBytes() < 1025) {
            return; // the peers have told each other: nothing too large can be sent
        }
        var unused = wide.send(Message.binary(new byte[1025]));
        CloseReason reason = atReceiver.awaitClose();
        assertEquals(CloseReason.Initiator.FAILURE, reason.initiator(), "who ended it, at the receiver: " + reason);
        assertEquals(
                ErrorKind.LIMIT_EXCEEDED,
                require(reason.failure(), "a failure in " + reason).kind(),
                "why, at the receiver");
        assertEquals(1, atReceiver.messages().size(), "messages delivered, of which one was over the limit");
        atSender.awaitClose();
    }

    @Rule(value = "T4.9", check = "Channel.maxMessageBytes(): the smaller of your limit and the context's, for ever")
    default void theMaximumIsFixedAndWithinTheContexts() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        kit().probe(pair.far(), 1);
        for (Channel channel : List.of(pair.near(), pair.far())) {
            int max = channel.maxMessageBytes();
            assertTrue(max >= 1024 && max <= MAX, max + " is not between 1,024 and the context's " + MAX);
            kit().get(channel.send(Message.text("x")));
            assertEquals(max, channel.maxMessageBytes(), "the maximum, asked again");
        }
        int max = pair.near().maxMessageBytes();
        kit().get(pair.near().close());
        assertEquals(max, pair.near().maxMessageBytes(), "the maximum, asked after the close");
    }

    @Rule(
            value = "T4.10",
            check = "don't write into a message's array on the way out (masking, encrypting in place, pooling)")
    default void aSentMessageIsNotWrittenInto() throws Exception {
        Pair pair = kit().connect();
        Probe atFar = kit().probe(pair.far(), 100);
        kit().probe(pair.near(), 100);
        SplittableRandom random = new SplittableRandom(2);
        List<Message> sent = IntStream.range(0, 50)
                .mapToObj(i -> random(random, 1000 + i % 24))
                .toList();
        List<byte[]> copies =
                sent.stream().map(message -> message.payload().clone()).toList();
        kit().sendAll(pair.near(), sent);
        atFar.await(50);
        for (int i = 0; i < 50; i++) {
            assertArrayEquals(copies.get(i), sent.get(i).payload(), "the sender's bytes of message " + i);
        }
    }

    @Rule(
            value = "T4.11",
            check = "deliver an array of its own for each message; never one that is used again",
            needs = "T4.1")
    default void aReceivedMessageStaysAsItCame() throws Exception {
        Pair pair = kit().connect();
        List<byte[]> copies = new java.util.concurrent.CopyOnWriteArrayList<>();
        Probe atFar = kit().probe(
                        pair.far(), 100, message -> copies.add(message.payload().clone()));
        kit().probe(pair.near(), 100);
        SplittableRandom random = new SplittableRandom(4);
        for (int i = 0; i < 50; i++) {
            kit().get(pair.near().send(random(random, 1000)));
        }
        List<Message> received = atFar.await(50);
        kit().eventually("all were copied", () -> copies.size() == 50);
        for (int i = 0; i < 50; i++) {
            assertArrayEquals(copies.get(i), received.get(i).payload(), "the receiver's bytes of message " + i);
        }
    }
}
