package dev.livesync.core.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A secret has to have room for 128 bits, whatever its characters are drawn from. */
class SecretTest {
    @ParameterizedTest
    @CsvSource({
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_, 22",
        "0123456789abcdef, 32",
        "0123456789ABCDEF, 32",
        "0123456789abcdefABCDEF, 32",
        "0123456789, 39"
    })
    void aSecretWithoutRoomFor128BitsIsRefused(String alphabet, int least) {
        Random random = new Random(1);
        String text = "";
        while (text.length() < least) {
            String shorter = text;
            SyncException failure = catchThrowableOfType(
                    SyncException.class, () -> Secret.parse("the secret", ErrorKind.CONFIGURATION, shorter));
            assertThat(failure).as("%s, of %d", shorter, least).isNotNull();
            assertThat(failure.kind()).isEqualTo(ErrorKind.CONFIGURATION);
            assertThat(failure.getMessage())
                    .startsWith("the secret has " + shorter.length() + " characters")
                    .contains("128 random bits");
            text = text + alphabet.charAt(random.nextInt(alphabet.length()));
        }
        assertThat(Secret.parse("the secret", ErrorKind.CONFIGURATION, text).text())
                .isEqualTo(text);
    }
}
