package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.message.Feature;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.seal.HandshakePayload;
import dev.livesync.core.seal.SealedHandshake;
import dev.livesync.core.seal.Seals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;

/** A peer that knows the secret, and says what a test wants it to say. */
public final class SealedPeer implements AutoCloseable {
    private final World world;
    public final ScriptedPeer wire;
    public final Seals seals;
    private int opened = 1;
    private final List<Message> heard = new ArrayList<>();

    private SealedPeer(World world, ScriptedPeer wire, Seals seals) {
        this.world = world;
        this.wire = wire;
        this.seals = seals;
    }

    /** Dials, and proves the secret that the address ends with. */
    public static SealedPeer dial(World world, String addressWithSecret) {
        int hash = addressWithSecret.indexOf('#');
        String address = addressWithSecret.substring(0, hash);
        String secret = addressWithSecret.substring(hash + 1);
        return dial(
                world,
                world.network.provider(),
                address,
                Credential.address(Secret.parse("the secret", ErrorKind.MALFORMED, secret), ""));
    }

    /** Dials over a transport, and proves what the credential takes; says that it sees no binding. */
    public static SealedPeer dial(World world, TransportProvider provider, String address, Credential credential) {
        SealedHandshake handshake = SealedHandshake.initiator(
                address,
                credential,
                () -> new HandshakePayload(
                        Feature.bits(EnumSet.complementOf(EnumSet.of(Feature.NATIVE))),
                        1 << 20,
                        new byte[0],
                        new byte[0],
                        new byte[0]),
                world.random);
        ScriptedPeer wire = ScriptedPeer.dial(world, provider, address);
        wire.say(handshake.begin().get(0));
        wire.say(handshake.receive(wire.received.get(0)).get(0));
        return new SealedPeer(world, wire, handshake.result().seals().orElseThrow());
    }

    public SealedPeer say(Message message) {
        wire.say(seals.sealer().seal(message));
        return this;
    }

    public SealedPeer say(String text) {
        return say(Message.text(text));
    }

    /** The texts so far; whatever is binary as its size. */
    public List<String> heard() {
        world.settle();
        while (opened < wire.received.size()) {
            Message message = seals.opener().open(wire.received.get(opened++));
            if (message != null) {
                heard.add(message);
            }
        }
        return heard.stream()
                .map(m -> m.kind() == Message.Kind.TEXT
                        ? new String(m.payload(), StandardCharsets.UTF_8)
                        : m.size() + " bytes")
                .toList();
    }

    @Override
    public void close() {
        wire.close();
    }
}
