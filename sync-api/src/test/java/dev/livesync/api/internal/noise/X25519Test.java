package dev.livesync.api.internal.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class X25519Test {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    /** Those below 2^255 with which every private key agrees on zero, and again with the highest bit, which is ignored. */
    static List<byte[]> smallOrder() {
        return Stream.of(
                        "0000000000000000000000000000000000000000000000000000000000000000",
                        "0100000000000000000000000000000000000000000000000000000000000000",
                        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
                .map(X25519Test::hex)
                .flatMap(point -> {
                    byte[] high = point.clone();
                    high[31] |= (byte) 0x80;
                    return Stream.of(point, high);
                })
                .toList();
    }

    /** RFC 7748, section 6.1. */
    @Test
    void theAgreementIsThatOfTheRfc() {
        KeyPair alice = X25519.pair(hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
        KeyPair bob = X25519.pair(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
        byte[] ofAlice = X25519.raw(alice.getPublic());
        byte[] ofBob = X25519.raw(bob.getPublic());
        assertThat(ofAlice).isEqualTo(hex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"));
        assertThat(ofBob).isEqualTo(hex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"));
        byte[] shared = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
        assertThat(X25519.agree(alice.getPrivate(), ofBob)).isEqualTo(shared);
        assertThat(X25519.agree(bob.getPrivate(), ofAlice)).isEqualTo(shared);
    }

    @Test
    void keysOfSmallOrderAreRefused() {
        KeyPair ours = X25519.generate(new SecureRandom());
        for (byte[] point : smallOrder()) {
            assertThat(catchThrowableOfType(SyncException.class, () -> X25519.agree(ours.getPrivate(), point))
                            .kind())
                    .isEqualTo(ErrorKind.AUTHENTICATION);
        }
    }
}
