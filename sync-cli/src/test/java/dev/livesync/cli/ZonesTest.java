package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.database.Document;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZonesTest {
    private static List<Document> parse(String text) throws IOException {
        return Zones.parse(new BufferedReader(new StringReader(text)));
    }

    @Test
    void theShippedTableBecomesOneDocumentPerZone() throws IOException {
        List<Document> zones = Zones.shipped();
        assertThat(zones).hasSizeGreaterThan(300);
        assertThat(zones.stream().map(Document::id)).doesNotHaveDuplicates();
        // The runtime's own table may be older; none of these has gone since.
        assertThat(zones.stream().map(Document::id).filter(ZoneId.getAvailableZoneIds()::contains))
                .hasSizeGreaterThan(300);
        assertThat(zones).allSatisfy(zone -> {
            assertThat((Double) number(zone, "latitude")).isBetween(-90.0, 90.0);
            assertThat((Double) number(zone, "longitude")).isBetween(-180.0, 180.0);
        });
    }

    private static double number(Document zone, String field) {
        return ((Number) zone.toMap().get(field)).doubleValue();
    }

    @Test
    void readsMinutesAndSeconds() throws IOException {
        assertThat(parse("#comment\nCH,DE,LI\t+4723+00832\tEurope/Zurich\tBüsingen\nAQ\t-720041-0023206\tX/Y\n"))
                .containsExactly(
                        Document.of(
                                "Europe/Zurich",
                                Map.of(
                                        "countries",
                                        List.of("CH", "DE", "LI"),
                                        "coordinates",
                                        "+4723+00832",
                                        "latitude",
                                        47.3833,
                                        "longitude",
                                        8.5333,
                                        "comments",
                                        "Büsingen")),
                        Document.of(
                                "X/Y",
                                Map.of(
                                        "countries",
                                        List.of("AQ"),
                                        "coordinates",
                                        "-720041-0023206",
                                        "latitude",
                                        -72.0114,
                                        "longitude",
                                        -2.535)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"CH", "CH\t+4723+00832", "CH\t4723+00832\tX", "CH\t+4723+00832\tX\ty\tz"})
    void aBadRowIsNamed(String row) {
        assertThatThrownBy(() -> parse("# head\n" + row)).hasMessageContaining("line 2: not a row");
    }
}
