package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.TransportFixture.require;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.internal.Probe;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** T9: who is there, and what guards the wire. */
interface IdentityRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    private Pair started() throws Exception {
        Pair pair = kit().connect();
        kit().probe(pair.near(), 1);
        kit().probe(pair.far(), 1);
        return pair;
    }

    private static PeerIdentity identity(Channel channel) {
        PeerIdentity identity = channel.peer().orElse(null);
        PeerIdentity known =
                require(identity, "PEER_IDENTITY is a feature, but peer() of " + channel.remote() + " is empty");
        assertFalse(known.scheme().isBlank() || known.name().isBlank(), "a blank in " + known);
        return known;
    }

    @Rule(
            value = "T9.1",
            check = "Channel.peer(): the other side's authenticated identity, not one's own; the same every time")
    @Where(with = TransportFeature.PEER_IDENTITY)
    default void peersAreTheSameEveryTimeAndNotEachOther() throws Exception {
        Pair one = started();
        Pair other = started();
        PeerIdentity ofFar = identity(one.near());
        PeerIdentity ofNear = identity(one.far());
        assertEquals(ofFar, identity(other.near()), "who listens, seen a second time");
        assertEquals(ofNear, identity(other.far()), "who dials, seen a second time");
        if (kit().peerUnder() != kit().under()) {
            assertNotEquals(ofFar, ofNear, "the identities of two peers that have different ones");
            // Who talks to one of his own sees himself; who shows himself instead of the peer is found out.
            Pair own =
                    kit().connect(kit().open(kit().under(), kit().limits()), kit().open(kit().under(), kit().limits()));
            kit().probe(own.near(), 1);
            kit().probe(own.far(), 1);
            assertEquals(ofNear, identity(own.near()), "the identity that the far side saw before, seen by its like");
            // Whoever goes the other way is still who he is.
            Pair back = kit().connect(
                            kit().open(kit().peerUnder(), kit().limits()), kit().open(kit().under(), kit().limits()));
            kit().probe(back.near(), 1);
            kit().probe(back.far(), 1);
            assertEquals(ofNear, identity(back.near()), "who dialled before, now listening");
            assertEquals(ofFar, identity(back.far()), "who listened before, now dialling");
        }
    }

    @Rule(value = "T9.2", check = "claim PEER_IDENTITY, or leave peer() empty")
    @Where(without = TransportFeature.PEER_IDENTITY)
    default void whoHasNoIdentityShowsNone() throws Exception {
        Pair pair = started();
        assertTrue(pair.near().peer().isEmpty(), "PEER_IDENTITY is no feature, but peer() is present");
        assertTrue(pair.far().peer().isEmpty(), "PEER_IDENTITY is no feature, but peer() is present");
    }

    @Rule(
            value = "T9.3",
            check = "Channel.binding(): the same bytes at both ends, 16 to 1,024 of them, a new array each time")
    @Where(with = TransportFeature.CHANNEL_BINDING)
    default void bothEndsAgreeOnTheBinding() throws Exception {
        Pair pair = started();
        if (!kit().asksForEncryption()) {
            assertEquals(
                    pair.near().binding().isPresent(),
                    pair.far().binding().isPresent(),
                    "whether there is a binding, at both ends");
            return;
        }
        byte[] near =
                require(pair.near().binding().orElse(null), "CHANNEL_BINDING is a feature, but binding() is empty");
        byte[] far = require(pair.far().binding().orElse(null), "CHANNEL_BINDING is a feature, but binding() is empty");
        assertArrayEquals(near, far, "the binding at both ends");
        assertTrue(near.length >= 16 && near.length <= 1024, "a binding of " + near.length + " bytes");
        byte[] again = pair.near().binding().orElseThrow();
        assertNotSame(near, again, "the array, asked for again");
        assertArrayEquals(near, again, "the binding, asked for again");
    }

    @Rule(value = "T9.4", check = "claim CHANNEL_BINDING, or leave binding() empty")
    @Where(without = TransportFeature.CHANNEL_BINDING)
    default void whoHasNoBindingShowsNone() throws Exception {
        Pair pair = started();
        assertTrue(pair.near().binding().isEmpty(), "CHANNEL_BINDING is no feature, but binding() is present");
        assertTrue(pair.far().binding().isEmpty(), "CHANNEL_BINDING is no feature, but binding() is present");
    }

    @Rule(value = "T9.5", check = "ENCRYPTED: what passes the proxy must not be readable", needs = "T4.1")
    @Where(with = TransportFeature.ENCRYPTED)
    default void whatIsEncryptedCannotBeReadOnTheWire() throws Exception {
        if (!kit().asksForEncryption() || kit().wire().seen().isEmpty()) {
            return; // nothing was promised for this address, or nobody can read along
        }
        Pair pair = kit().connectThrough(kit().wire());
        kit().probe(pair.near(), 1);
        Probe atFar = kit().probe(pair.far(), 1);
        String secret = "attack at dawn, ".repeat(20);
        kit().get(pair.near().send(Message.text(secret)));
        assertMessages(List.of(Message.text(secret)), atFar.await(1));
        String seen = new String(kit().wire().seen().orElseThrow(), StandardCharsets.ISO_8859_1);
        assertFalse(seen.isEmpty(), "nothing was seen on the wire: the connection went another way");
        assertFalse(seen.contains("attack at dawn"), "ENCRYPTED is a feature, but the message can be read on the wire");
    }

    @Rule(value = "T9.6", check = "Channel.remote(): an address or a name, for messages to people")
    default void theRemoteHasAName() throws Exception {
        Pair pair = started();
        for (Channel channel : List.of(pair.near(), pair.far())) {
            String remote = channel.remote();
            assertFalse(remote.isBlank(), "remote() is blank");
            assertFalse(remote.contains("\n"), "remote() has several lines");
            assertEquals(remote, channel.remote(), "remote(), asked again");
            kit().get(channel.close());
            assertEquals(remote, channel.remote(), "remote(), asked after the end");
        }
    }
}
