package dev.livesync.api.internal.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CipherStateTest {
    private static final byte[] NOTHING = {};
    private static final byte[] PLAIN = "a message of some length".getBytes(StandardCharsets.US_ASCII);

    private static byte[] key() {
        byte[] key = new byte[CipherState.KEY_BYTES];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) (i * 7);
        }
        return key;
    }

    private static ErrorKind kind(Runnable action) {
        return catchThrowableOfType(SyncException.class, action::run).kind();
    }

    @ParameterizedTest
    @EnumSource(Aead.class)
    void allWaysToEncryptAreTheSame(Aead aead) {
        byte[] expected = new CipherState(aead, key()).encrypt(NOTHING, PLAIN);
        byte[] out = new byte[3 + expected.length];
        assertThat(new CipherState(aead, key()).encrypt(Arrays.copyOf(PLAIN, 50), PLAIN.length, out, 3))
                .isEqualTo(expected.length);
        assertThat(Arrays.copyOfRange(out, 3, out.length)).isEqualTo(expected);
        byte last = PLAIN[PLAIN.length - 1];
        assertThat(new CipherState(aead, key()).encrypt(Arrays.copyOf(PLAIN, PLAIN.length - 1), last))
                .isEqualTo(expected);
        byte[] plain = new byte[50];
        assertThat(new CipherState(aead, key()).decrypt(Arrays.copyOf(expected, 90), expected.length, plain))
                .isEqualTo(PLAIN.length);
        assertThat(Arrays.copyOf(plain, PLAIN.length)).isEqualTo(PLAIN);
    }

    @ParameterizedTest
    @EnumSource(Aead.class)
    void onlyTheNextMessageIsDecryptedAndAfterAnyOtherNone(Aead aead) {
        CipherState sending = new CipherState(aead, key());
        byte[] associated = {1};
        byte[] first = sending.encrypt(associated, PLAIN);
        byte[] second = sending.encrypt(associated, PLAIN);
        CipherState receiving = new CipherState(aead, key());
        assertThat(receiving.decrypt(associated, first)).isEqualTo(PLAIN);
        assertThat(receiving.decrypt(associated, second)).isEqualTo(PLAIN);
        assertThat(receiving.count()).isEqualTo(2);
        refuses(receiving, associated, second);
        refuses(new CipherState(aead, key()), associated, second);
        refuses(new CipherState(aead, key()), NOTHING, first);
        refuses(new CipherState(aead, key()), associated, new byte[CipherState.TAG_BYTES - 1]);
    }

    private static void refuses(CipherState receiving, byte[] associated, byte[] ciphertext) {
        assertThat(kind(() -> receiving.decrypt(associated, ciphertext))).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThatThrownBy(() -> receiving.decrypt(associated, ciphertext)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @EnumSource(Aead.class)
    void noNonceIsUsedTwiceWhenTheyAreUsedUp(Aead aead) {
        CipherState sending = new CipherState(aead, key(), Long.MAX_VALUE - 1);
        byte[] last = sending.encrypt(NOTHING, PLAIN);
        assertThat(kind(() -> sending.encrypt(NOTHING, PLAIN))).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(kind(() -> sending.encrypt(PLAIN, (byte) 0))).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        CipherState receiving = new CipherState(aead, key(), Long.MAX_VALUE - 1);
        assertThat(receiving.decrypt(NOTHING, last)).isEqualTo(PLAIN);
        assertThat(kind(() -> receiving.decrypt(NOTHING, last))).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        sending.rekey();
        assertThat(kind(() -> sending.encrypt(NOTHING, PLAIN))).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
    }

    @ParameterizedTest
    @EnumSource(Aead.class)
    void aNewKeyIsWhatTheOldOneMakesOfZerosWithTheLastNonce(Aead aead) throws GeneralSecurityException {
        Cipher cipher = aead.cipher();
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key(), aead.keyAlgorithm()), aead.nonce(-1));
        byte[] next = Arrays.copyOf(cipher.doFinal(new byte[CipherState.KEY_BYTES]), CipherState.KEY_BYTES);
        CipherState sending = new CipherState(aead, key());
        sending.encrypt(NOTHING, PLAIN);
        sending.rekey();
        assertThat(sending.encrypt(NOTHING, PLAIN)).isEqualTo(new CipherState(aead, next, 1).encrypt(NOTHING, PLAIN));
    }

    @ParameterizedTest
    @EnumSource(Aead.class)
    void anErasedKeyIsOfNoUse(Aead aead) {
        CipherState sending = new CipherState(aead, key());
        sending.destroy();
        sending.destroy();
        assertThatThrownBy(() -> sending.encrypt(NOTHING, PLAIN)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(sending::rekey).isInstanceOf(IllegalStateException.class);
    }
}
