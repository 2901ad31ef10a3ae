package dev.livesync.bench.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ScaleModelTest {
    private static final Path PAGE = Path.of("../docs/scale.md");
    private static final String BEGIN = "<!-- ./livesync bench scale -->\n";
    private static final String END = "<!-- end -->";

    @Test
    void thePageHasWhatTheModelSays() throws Exception {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        int to = page.indexOf(END);
        assertThat(from).isBetween(BEGIN.length(), to);
        if ("write".equals(System.getProperty("livesync.docs"))) {
            page = page.substring(0, from) + ScaleModel.MILLION.page() + page.substring(to);
            Files.writeString(PAGE, page);
            to = page.indexOf(END);
        }
        assertThat(page.substring(from, to)).isEqualTo(ScaleModel.MILLION.page());
    }

    @Test
    void threeHubsCarryTwoAndAHalfTimesTheSessionsOfOne() {
        for (double puts : new double[] {1, 10, 50, 200}) {
            for (double millis : new double[] {30, 50, 100}) {
                assertThat(ScaleModel.gain(3, puts, millis))
                        .as("%s puts/s, p99 %s ms", puts, millis)
                        .isBetween(2.5, 3.0);
            }
        }
    }

    @Test
    void whatThePageSaysOfOtherLoadsIsSo() throws Exception {
        for (boolean together : new boolean[] {false, true}) {
            int twice = new ScaleModel(2_000_000, 20_000, 6, 20_000).hubs(together);
            assertThat(ScaleModel.MILLION.hubs(together)).isPositive();
            assertThat(twice).isGreaterThan(ScaleModel.MILLION.hubs(together));
        }
        ScaleModel longer = new ScaleModel(1_000_000, 10_000, 6, 200_000);
        assertThat(Files.readString(PAGE))
                .contains("ten times the history takes " + longer.hubs(false) + " hubs, or " + longer.hubs(true)
                        + " where a database's clients are together");
    }
}
