package dev.livesync.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each target over what is kept of it: seeds from real encodings, inputs that reached something, and those that once found a
 * defect. {@code scripts/fuzz seeds} writes the seeds anew.
 */
class CorpusTest {
    private static final Path RESOURCES =
            Path.of(System.getProperty("basedir", ".")).resolve("src/test/resources/corpus");

    static Stream<String> targets() {
        return FuzzedReaders.ALL.stream().map(FuzzedReader::name);
    }

    @ParameterizedTest
    @MethodSource("targets")
    void nothingKeptFindsAnything(String name) throws IOException {
        FuzzedReader reader = FuzzedReaders.named(name);
        List<Path> inputs = inputs(reader);
        int taken = 0;
        for (Path input : inputs) {
            try {
                taken += Verdicts.isRefused(reader, Files.readAllBytes(input)) ? 0 : 1;
            } catch (RuntimeException | Error e) {
                throw new AssertionError(input.toString(), e);
            }
        }
        assertThat(inputs).as("inputs of " + name).isNotEmpty();
        assertThat(taken).as("inputs of %s that were taken", name).isPositive();
    }

    /** A seed that is not what the encoding gives today would hide what is not reached any more. */
    @ParameterizedTest
    @MethodSource("targets")
    void seedsAreWhatIsWrittenToday(String name) throws IOException {
        FuzzedReader reader = FuzzedReaders.named(name);
        int number = 0;
        for (byte[] seed : reader.seeds().get()) {
            assertThat(Files.readAllBytes(RESOURCES.resolve(name).resolve(FuzzProgram.SEED + number++)))
                    .isEqualTo(seed);
        }
    }

    @Test
    void nothingIsKeptOfATargetThatIsGone() throws IOException {
        try (Stream<Path> folders = Files.list(RESOURCES)) {
            assertThat(folders.map(folder -> folder.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(targets().toList());
        }
    }

    @Test
    void whatAReaderMustNotDoIsSeen() {
        byte[] length =
                ByteBuffer.allocate(8).putInt(0x6c697665).putInt(0xff_ffff).array();
        assertThatThrownBy(() -> Verdicts.isRefused(PlantedReaders.LENGTH, length))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("allocated too much");
        assertThatThrownBy(() -> Verdicts.isRefused(PlantedReaders.KIND, length))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("refused with INTERNAL");
        assertThatThrownBy(() -> Verdicts.isRefused(PlantedReaders.WORDS, length))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("more than a line");
        assertThatThrownBy(() -> Verdicts.isRefused(PlantedReaders.INDEX, length))
                .isInstanceOf(IndexOutOfBoundsException.class)
                .isNotInstanceOf(SyncException.class);
    }

    private static List<Path> inputs(FuzzedReader reader) throws IOException {
        try (Stream<Path> files = Files.list(RESOURCES.resolve(reader.name()))) {
            return new ArrayList<>(files.sorted().toList());
        }
    }
}
