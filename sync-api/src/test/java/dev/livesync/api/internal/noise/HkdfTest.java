package dev.livesync.api.internal.noise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** RFC 5869, appendix A. */
class HkdfTest {
    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] derive(String salt, String input, String info, int length) {
        return Hkdf.expand(Hkdf.extract(hex(salt), hex(input)), hex(info), length);
    }

    @Test
    void theFirstCaseIsThatOfTheRfc() {
        assertThat(derive("000102030405060708090a0b0c", "0b".repeat(22), "f0f1f2f3f4f5f6f7f8f9", 42))
                .isEqualTo(hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"));
    }

    @Test
    void noSaltIsASaltOfZeros() {
        assertThat(derive("", "0b".repeat(22), "", 42))
                .isEqualTo(hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"));
    }

    @Test
    void itMakesNoMoreThanTheRfcAllows() {
        assertThat(derive("", "0b", "", 8_160)).hasSize(8_160);
        assertThatThrownBy(() -> derive("", "0b", "", 8_161)).isInstanceOf(IllegalArgumentException.class);
    }
}
