package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InputFileTest {
    @TempDir
    private Path directory;

    private static InputFile of(byte[] bytes) throws IOException {
        return InputFile.open("-", new ByteArrayInputStream(bytes));
    }

    private static InputFile of(String text) throws IOException {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 7, 100, 500})
    void aCarIsOneWhateverTheLengthOfItsHeader(int roots) throws IOException {
        List<Cid> cids = new ArrayList<>();
        for (int i = 0; i < roots; i++) {
            cids.add(Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        Block block = Block.of(Cid.DAG_CBOR, new byte[] {(byte) 0xa0});
        try (InputFile file = of(CarWriter.encode(cids, List.of(block)))) {
            assertThat(file.format()).isEqualTo(InputFile.Format.CAR);
            assertThat(file.stream().readAllBytes()).isEqualTo(CarWriter.encode(cids, List.of(block)));
        }
    }

    private static String text(InputFile file) throws IOException {
        StringBuilder text = new StringBuilder();
        try (Reader reader = file.text()) {
            for (int c = reader.read(); c >= 0; c = reader.read()) {
                text.append((char) c);
            }
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[{}]", " \r\n\t[{}]", "{}", "\n{}", "", " ", "{"})
    void textThatBeginsAsJsonIsJson(String text) throws IOException {
        InputFile file = of(text);
        assertThat(file.format()).isEqualTo(InputFile.Format.JSON);
        assertThat(text(file)).isEqualTo(text);
    }

    @Test
    void aByteOrderMarkIsSkipped() throws IOException {
        InputFile file = of("\uFEFF[{}]");
        assertThat(file.format()).isEqualTo(InputFile.Format.JSON);
        assertThat(text(file)).isEqualTo("[{}]");
    }

    @Test
    void positionAndSizeFollowAFile() throws IOException {
        Path path = Files.writeString(directory.resolve("f"), "{}\n".repeat(100_000));
        try (InputFile file = InputFile.open(path.toString(), InputStream.nullInputStream())) {
            assertThat(file.size()).isEqualTo(300_000);
            assertThat(file.format()).isEqualTo(InputFile.Format.JSON);
            assertThat(file.position()).isBetween(1L, 299_999L);
            assertThat(text(file)).hasSize(300_000);
            assertThat(file.position()).isEqualTo(300_000);
        }
    }

    @Test
    void whatIsNoFileIsSaidToBeNone() {
        assertThatThrownBy(() -> InputFile.open(directory.toString(), InputStream.nullInputStream()))
                .isInstanceOf(SyncException.class)
                .hasMessage("not a file but a directory: " + directory);
        assertThatThrownBy(() -> InputFile.open(directory.resolve("x").toString(), InputStream.nullInputStream()))
                .isInstanceOf(NoSuchFileException.class);
    }
}
