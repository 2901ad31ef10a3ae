package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.ByteArrayOutputStream;
import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Both sides of the handshake without a network: what is wrong is refused, by whom, and before anything else is said. */
class SecureHandshakeTest {
    private final SecureRandom random = new SecureRandom();
    private final Identity alice = Identity.generate(random);
    private final Identity bob = Identity.generate(random);

    /** One side, and the messages that it wants sent. */
    private final class Side {
        final Deque<byte[]> out = new ArrayDeque<>();
        final SecureHandshake handshake;

        Side(boolean dialler, StaticKey key, @Nullable PeerId expected, Set<PeerId> allowed) {
            handshake = new SecureHandshake(dialler, key, random, expected, allowed, out::add);
            handshake.begin();
        }

        byte[] says() {
            return out.remove();
        }
    }

    private Side dialler(StaticKey key, @Nullable PeerId expected) {
        return new Side(true, key, expected, Set.of());
    }

    private Side listener(StaticKey key) {
        return new Side(false, key, null, Set.of());
    }

    private StaticKey key(Identity identity) {
        return StaticKey.generate(identity, random);
    }

    @Test
    void bothLearnWhoTheOtherIs() {
        Side dialler = dialler(key(alice), bob.peerId());
        Side listener = listener(key(bob));
        listener.handshake.receive(dialler.says());
        dialler.handshake.receive(listener.says());
        listener.handshake.receive(dialler.says());
        assertThat(dialler.handshake.peer()).isEqualTo(bob.peerId());
        assertThat(listener.handshake.peer()).isEqualTo(alice.peerId());
        byte[] sent = dialler.handshake.ciphers()[0].encrypt(new byte[0], new byte[] {1, 2, 3});
        assertThat(listener.handshake.ciphers()[1].decrypt(new byte[0], sent)).containsExactly(1, 2, 3);
    }

    /** Keys are slow to make, and whoever has only proposed Noise may be one of thousands who say no more. */
    @Test
    void aListenerMakesNoKeyBeforeTheFirstMessage() {
        AtomicInteger draws = new AtomicInteger();
        SecureRandom counting = new SecureRandom() {
            @Override
            public void nextBytes(byte[] bytes) {
                draws.incrementAndGet();
                super.nextBytes(bytes);
            }
        };
        SecureHandshake listener = new SecureHandshake(false, key(bob), counting, null, Set.of(), message -> {});
        listener.begin();
        assertThat(draws).hasValue(0);
        listener.receive(dialler(key(alice), null).says());
        assertThat(draws).hasPositiveValue();
    }

    @Test
    void anotherPeerThanTheAddressNamesDoesNotLearnWhoWeAre() {
        Identity other = Identity.generate(random);
        Side dialler = dialler(key(alice), bob.peerId());
        Side listener = listener(key(other));
        listener.handshake.receive(dialler.says());
        refuses(
                dialler,
                listener.says(),
                ErrorKind.AUTHENTICATION,
                other.peerId().toString(),
                bob.peerId().toString());
    }

    @Test
    void aDiallerWhoIsNotAllowedIsRefusedByName() {
        Side dialler = dialler(key(alice), null);
        Side listener = new Side(false, key(bob), null, Set.of(bob.peerId()));
        listener.handshake.receive(dialler.says());
        dialler.handshake.receive(listener.says());
        refuses(
                listener,
                dialler.says(),
                ErrorKind.AUTHENTICATION,
                alice.peerId().toString(),
                "allowedPeers");
    }

    @Test
    void whatDoesNotProveAnIdentityIsRefusedOnBothSides() {
        StaticKey stolen = new StaticKey(key(bob).pair(), key(bob).payload());
        refusedOnBothSides(
                stolen, ErrorKind.AUTHENTICATION, "signature", bob.peerId().toString());
        refusedOnBothSides(withIdentityKey(IdentityKey.SECP256K1, 33), ErrorKind.AUTHENTICATION, "secp256k1");
        refusedOnBothSides(withIdentityKey(17, 32), ErrorKind.AUTHENTICATION, "17");
        refusedOnBothSides(new StaticKey(key(bob).pair(), new byte[0]), ErrorKind.MALFORMED, "lacks");
    }

    private StaticKey withIdentityKey(long type, int bytes) {
        ByteArrayOutputStream publicKey = new ByteArrayOutputStream();
        Protobuf.write(publicKey, 1, type);
        Protobuf.write(publicKey, 2, new byte[bytes]);
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        Protobuf.write(payload, 1, publicKey.toByteArray());
        Protobuf.write(payload, 2, new byte[64]);
        return new StaticKey(key(bob).pair(), payload.toByteArray());
    }

    private void refusedOnBothSides(StaticKey bad, ErrorKind kind, String... says) {
        Side dialler = dialler(key(alice), null);
        Side badListener = listener(bad);
        badListener.handshake.receive(dialler.says());
        refuses(dialler, badListener.says(), kind, says);

        Side badDialler = dialler(bad, null);
        Side listener = listener(key(alice));
        listener.handshake.receive(badDialler.says());
        badDialler.handshake.receive(listener.says());
        refuses(listener, badDialler.says(), kind, says);
    }

    @Test
    void aMessageFromAnotherHandshakeIsRefused() {
        StaticKey ours = key(alice);
        List<byte[]> recorded = new ArrayList<>();
        for (int attempt = 0; attempt < 2; attempt++) {
            Side dialler = dialler(ours, null);
            Side listener = listener(key(bob));
            listener.handshake.receive(dialler.says());
            byte[] second = listener.says();
            if (attempt == 1) {
                refuses(dialler(ours, null), recorded.get(0), ErrorKind.AUTHENTICATION, "authenticate");
                refuses(listener, recorded.get(1), ErrorKind.AUTHENTICATION, "authenticate");
                return;
            }
            dialler.handshake.receive(second);
            recorded.add(second);
            recorded.add(dialler.says());
        }
    }

    @Test
    void aCutMessageIsRefusedWhereverItIsCut() {
        for (int cut = 0; cut < 10; cut++) {
            byte[] first = dialler(key(alice), null).says();
            refuses(
                    listener(key(bob)),
                    Arrays.copyOf(first, first.length * cut / 10),
                    ErrorKind.MALFORMED,
                    "too short");
            Side dialler = dialler(key(alice), null);
            Side listener = listener(key(bob));
            listener.handshake.receive(dialler.says());
            byte[] second = listener.says();
            refusesAnyhow(dialler, Arrays.copyOf(second, second.length * cut / 10));
            Side patient = dialler(key(alice), null);
            Side other = listener(key(bob));
            other.handshake.receive(patient.says());
            patient.handshake.receive(other.says());
            byte[] third = patient.says();
            refusesAnyhow(other, Arrays.copyOf(third, third.length * cut / 10));
        }
    }

    private static void refusesAnyhow(Side side, byte[] message) {
        SyncException refusal = refusal(() -> side.handshake.receive(message));
        assertThat(refusal.kind()).isIn(ErrorKind.MALFORMED, ErrorKind.AUTHENTICATION);
        saidNothingAfter(side);
    }

    private static void refuses(Side side, byte[] message, ErrorKind kind, String... says) {
        side.out.clear();
        SyncException refusal = refusal(() -> side.handshake.receive(message));
        assertThat(refusal).returns(kind, SyncException::kind).hasMessageContainingAll(says);
        saidNothingAfter(side);
    }

    private static void saidNothingAfter(Side side) {
        assertThat(side.out).as("said after the refusal").isEmpty();
        assertThat(catchThrowableOfType(NullPointerException.class, side.handshake::peer))
                .as("no peer")
                .isNotNull();
    }

    private static SyncException refusal(Executable what) {
        return catchThrowableOfType(SyncException.class, what::execute);
    }
}
