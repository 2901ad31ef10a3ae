package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.tck.internal.Probe;
import dev.livesync.tck.internal.TestContext;
import java.util.List;
import java.util.function.Consumer;

/** The least that every transport can do, wherever it is. */
final class Conversation {
    private Conversation() {}

    /** Two new transports connect, talk, and say good-bye. */
    static void hold(TransportFixture kit, String where, Consumer<TestContext> prepared) throws Exception {
        Transport from = kit.open(kit.under(), kit.limits(), prepared);
        Transport to = kit.open(kit.peerUnder(), kit.limits(), prepared);
        Pair pair = kit.connect(from, to);
        Probe atNear = kit.probe(pair.near(), 10);
        Probe atFar = kit.probe(pair.far(), 10);
        List<Message> sent = List.of(Message.text("I\u0130\u0131i 1234 " + where), Message.binary(new byte[] {0, -1}));
        kit.sendAll(pair.near(), sent);
        kit.sendAll(pair.far(), sent);
        assertMessages(sent, atFar.await(sent.size()));
        assertMessages(sent, atNear.await(sent.size()));
        kit.get(pair.near().close());
        assertEquals(CloseReason.LOCAL, atNear.awaitClose(), "the reason at the side that closed, " + where);
        assertEquals(CloseReason.REMOTE, atFar.awaitClose(), "the reason at the peer, " + where);
    }
}
