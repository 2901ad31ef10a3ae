package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {
    private static final String SECRET = "AAAAAAAAAAAAAAAAAAAA-AAAAAAAAAAAA_AAAAAAAAA";

    @TempDir
    private Path directory;

    private final Console console = Console.system();

    private static String read(String text) throws IOException {
        return Secrets.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), "there");
    }

    @Test
    void takesTheSecretAloneOrTheWholeAddress() throws IOException {
        assertThat(read(SECRET)).isEqualTo(SECRET);
        assertThat(read(SECRET + "\r\nmore")).isEqualTo(SECRET);
        assertThat(read("ws://127.0.0.1:9000/#" + SECRET + "\n")).isEqualTo(SECRET);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "ws://127.0.0.1:9000/", "hunter2", "ws://127.0.0.1:9000/#hunter2"})
    void whatIsNoneIsRefusedAndNotQuoted(String text) {
        assertThatThrownBy(() -> read(text))
                .hasMessageStartingWith("no secret in there: ")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void aHugeLineIsNotRead() {
        assertThatThrownBy(() -> read("x".repeat(1 << 20))).hasMessageStartingWith("no secret in there: ");
    }

    @Test
    void aNewFileGetsANewSecretThatOnlyItsOwnerCanRead() throws IOException {
        Path file = directory.resolve("secret");
        String secret = Secrets.readOrCreate(file, console);
        assertThat(secret).hasSize(43);
        assertThat(Secrets.readOrCreate(file, console)).isEqualTo(secret);
        assertThat(Secrets.read(file, console)).isEqualTo(secret);
        assertThat(Secrets.readOrCreate(directory.resolve("other"), console)).isNotEqualTo(secret);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }
}
