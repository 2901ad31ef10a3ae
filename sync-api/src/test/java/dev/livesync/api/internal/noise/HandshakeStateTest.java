package dev.livesync.api.internal.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes wrong in a handshake. */
class HandshakeStateTest {
    private static final byte[] PROLOGUE = {1, 2, 3};
    private static final byte[] PAYLOAD = {4, 5, 6, 7};
    private static final SecureRandom RANDOM = new SecureRandom();
    // A pair takes longer than all the rest, and these tests need no fresh ones.
    private static final KeyPair ONE = X25519.generate(RANDOM);
    private static final KeyPair OTHER = X25519.generate(RANDOM);

    private static byte[] psk(int fill) {
        byte[] psk = new byte[CipherState.KEY_BYTES];
        Arrays.fill(psk, (byte) fill);
        return psk;
    }

    private static HandshakeState end(boolean initiator, byte[] prologue, byte[] psk) {
        return new HandshakeState(
                HandshakePattern.NN_PSK0, Aead.AES_GCM, initiator, prologue, null, initiator ? ONE : OTHER, psk);
    }

    private static SyncException failure(Runnable action) {
        return catchThrowableOfType(SyncException.class, action::run);
    }

    private static void isOver(HandshakeState state) {
        assertThat(state.isOurTurn()).isFalse();
        assertThatThrownBy(() -> state.read(PAYLOAD)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> state.write(PAYLOAD)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(state::split).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anotherPreSharedKeyIsAnAuthenticationFailure() {
        byte[] first = end(true, PROLOGUE, psk(1)).write(PAYLOAD);
        HandshakeState responder = end(false, PROLOGUE, psk(2));
        assertThat(failure(() -> responder.read(first)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        isOver(responder);
    }

    @Test
    void anotherPrologueIsAnAuthenticationFailure() {
        byte[] first = end(true, PROLOGUE, psk(1)).write(PAYLOAD);
        HandshakeState responder = end(false, new byte[] {1, 2}, psk(1));
        assertThat(failure(() -> responder.read(first)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        isOver(responder);
    }

    @Test
    void aBitFlippedAnywhereInEitherMessageIsAnAuthenticationFailure() {
        byte[] first = end(true, PROLOGUE, psk(1)).write(PAYLOAD);
        for (int bit = 0; bit < first.length * 8; bit++) {
            byte[] changed = flip(first, bit);
            HandshakeState responder = end(false, PROLOGUE, psk(1));
            assertThat(failure(() -> responder.read(changed)).kind())
                    .as("bit %d", bit)
                    .isEqualTo(ErrorKind.AUTHENTICATION);
        }
        HandshakeState responder = end(false, PROLOGUE, psk(1));
        responder.read(first);
        byte[] second = responder.write(PAYLOAD);
        for (int bit = 0; bit < second.length * 8; bit++) {
            byte[] changed = flip(second, bit);
            HandshakeState initiator = end(true, PROLOGUE, psk(1));
            initiator.write(PAYLOAD);
            assertThat(failure(() -> initiator.read(changed)).kind())
                    .as("bit %d", bit)
                    .isEqualTo(ErrorKind.AUTHENTICATION);
            isOver(initiator);
        }
    }

    private static byte[] flip(byte[] bytes, int bit) {
        byte[] changed = bytes.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        return changed;
    }

    @Test
    void aMessageOfAnyOtherLengthIsRefused() {
        byte[] first = end(true, PROLOGUE, psk(1)).write(PAYLOAD);
        for (int length = 0; length <= first.length + 1; length++) {
            byte[] cut = Arrays.copyOf(first, length);
            HandshakeState responder = end(false, PROLOGUE, psk(1));
            if (length == first.length) {
                assertThat(responder.read(cut)).isEqualTo(PAYLOAD);
            } else {
                ErrorKind expected =
                        length < X25519.BYTES + CipherState.TAG_BYTES ? ErrorKind.MALFORMED : ErrorKind.AUTHENTICATION;
                assertThat(failure(() -> responder.read(cut)).kind())
                        .as("%d bytes", length)
                        .isEqualTo(expected);
            }
        }
        HandshakeState responder = end(false, PROLOGUE, psk(1));
        assertThat(failure(() -> responder.read(new byte[HandshakeState.MAX_MESSAGE_BYTES + 1]))
                        .kind())
                .isEqualTo(ErrorKind.MALFORMED);
        isOver(responder);
    }

    @Test
    void thePayloadIsAsLongAsAMessageLeavesRoomForAndNoLonger() {
        int most = HandshakeState.MAX_MESSAGE_BYTES - X25519.BYTES - CipherState.TAG_BYTES;
        byte[] first = end(true, PROLOGUE, psk(1)).write(new byte[most]);
        assertThat(first).hasSize(HandshakeState.MAX_MESSAGE_BYTES);
        assertThat(end(false, PROLOGUE, psk(1)).read(first)).isEqualTo(new byte[most]);
        HandshakeState initiator = end(true, PROLOGUE, psk(1));
        assertThat(failure(() -> initiator.write(new byte[most + 1])).kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        isOver(initiator);
    }

    /** Its own first message comes back to the initiator. */
    @Test
    void aReflectedMessageIsAnAuthenticationFailure() {
        HandshakeState initiator = end(true, PROLOGUE, psk(1));
        byte[] first = initiator.write(PAYLOAD);
        assertThat(failure(() -> initiator.read(first)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        isOver(initiator);
    }

    @Test
    void anEphemeralKeyOfSmallOrderIsRefusedByBothEnds() {
        // An attacker who knows the key could otherwise leave the session without a secret of its own.
        for (byte[] point : X25519Test.smallOrder()) {
            byte[] psk = psk(1);
            SymmetricState attacker = new SymmetricState(Aead.AES_GCM, "Noise_NNpsk0_25519_AESGCM_SHA256");
            attacker.mixHash(PROLOGUE);
            attacker.mixKeyAndHash(psk);
            attacker.mixHash(point);
            attacker.mixKey(point);
            byte[] payload = attacker.encryptAndHash(PAYLOAD);
            byte[] first = Arrays.copyOf(point, point.length + payload.length);
            System.arraycopy(payload, 0, first, point.length, payload.length);
            HandshakeState responder = end(false, PROLOGUE, psk);
            assertThat(responder.read(first)).isEqualTo(PAYLOAD);
            assertThat(failure(() -> responder.write(PAYLOAD)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            isOver(responder);
            HandshakeState initiator = end(true, PROLOGUE, psk);
            initiator.write(PAYLOAD);
            byte[] second = Arrays.copyOf(point, first.length);
            assertThat(failure(() -> initiator.read(second)).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            isOver(initiator);
        }
    }

    @Test
    void nobodyActsOutOfTurn() {
        HandshakeState initiator = end(true, PROLOGUE, psk(1));
        HandshakeState responder = end(false, PROLOGUE, psk(1));
        assertThatThrownBy(() -> initiator.read(PAYLOAD)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> responder.write(PAYLOAD)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(initiator::split).isInstanceOf(IllegalStateException.class);
        responder.read(initiator.write(PAYLOAD));
        initiator.read(responder.write(PAYLOAD));
        assertThat(initiator.isDone()).isTrue();
        assertThat(responder.isDone()).isTrue();
        initiator.split();
        isOver(initiator);
    }

    /** The two patterns that are used: after each both ends have the same pair of keys, of which neither is the other. */
    @ParameterizedTest
    @EnumSource(Aead.class)
    void bothEndsComeToTheSameTwoKeys(Aead aead) {
        for (HandshakePattern pattern : new HandshakePattern[] {HandshakePattern.NN_PSK0, HandshakePattern.XX}) {
            byte[][] psks = pattern.equals(HandshakePattern.XX) ? new byte[0][] : new byte[][] {psk(1)};
            HandshakeState initiator = new HandshakeState(pattern, aead, true, PROLOGUE, ONE, OTHER, psks);
            HandshakeState responder = new HandshakeState(pattern, aead, false, PROLOGUE, OTHER, ONE, psks);
            while (!initiator.isDone()) {
                if (initiator.isOurTurn()) {
                    responder.read(initiator.write(PAYLOAD));
                } else {
                    initiator.read(responder.write(PAYLOAD));
                }
            }
            CipherState[] ofInitiator = initiator.split();
            CipherState[] ofResponder = responder.split();
            byte[] sent = ofInitiator[0].encrypt(new byte[0], PAYLOAD);
            assertThat(ofResponder[1].decrypt(new byte[0], sent)).isEqualTo(PAYLOAD);
            byte[] back = ofResponder[0].encrypt(new byte[0], PAYLOAD);
            assertThat(back).isNotEqualTo(sent);
            assertThat(ofInitiator[1].decrypt(new byte[0], back)).isEqualTo(PAYLOAD);
            byte[] reflected = ofInitiator[0].encrypt(new byte[0], PAYLOAD);
            assertThat(failure(() -> ofInitiator[1].decrypt(new byte[0], reflected))
                            .kind())
                    .isEqualTo(ErrorKind.AUTHENTICATION);
        }
    }
}
