package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.condition.OS.LINUX;

import dev.livesync.test.program.LibrariesProgram;
import dev.livesync.test.program.WithoutLibrariesProgram;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;

/** In a process of its own: what is loaded once stays. */
@EnabledOnOs(LINUX)
class SystemLibrariesTest {
    @Test
    void aLibraryThatIsMissingIsReplacedAndOneThatIsThereIsNot() throws Exception {
        ChildProcess.Result result = ChildProcess.run(ChildProcess.onClassPath(LibrariesProgram.class, List.of()));
        assertThat(result.said()).isEqualTo("""
                        libc.so.6 is there
                        liblivesync-test-nowhere.so.9 is missing
                        liblivesync-test-nowhere.so.9 is there
                        """);
        assertThat(result.exit()).isZero();
    }

    @Test
    void withEmptyOnesInTheirPlaceAConnectionCarriesMessages() throws Exception {
        ChildProcess.Result result =
                ChildProcess.run(ChildProcess.onClassPath(WithoutLibrariesProgram.class, List.of()));
        assertThat(result.said()).isEqualTo("""
                        unnamed module: hello, no output but this
                        loaded: []
                        """);
        assertThat(result.exit()).isZero();
    }
}
