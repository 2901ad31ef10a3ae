package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Worlds find each planted defect: those of {@code docs/reliability.md}, each by the seed that is there. */
@ExtendWith(InWorlds.class)
class PlantedDefectsTest {
    private static final int WORLDS = 10_000;

    @Test
    void eachIsFoundByTheSeedOnThePage() throws IOException {
        if ("write".equals(System.getProperty("livesync.docs"))) {
            DefectTable.write(search());
        }
        List<DefectTable.Row> page = DefectTable.read();
        assertThat(page)
                .extracting(DefectTable.Row::name)
                .as("docs/reliability.md; -Dlivesync.docs=write writes the table anew")
                .containsExactlyElementsOf(
                        PlantedDefects.all().stream().map(Defect::name).toList());
        assertThat(page).hasSizeGreaterThanOrEqualTo(20);
        for (DefectTable.Row row : page) {
            Defect defect = PlantedDefects.all().stream()
                    .filter(each -> each.name().equals(row.name()))
                    .findFirst()
                    .orElseThrow();
            assertThat(DefectTable.at(defect, row.seed()))
                    .as("docs/reliability.md; -Dlivesync.docs=write writes the table anew")
                    .isEqualTo(row);
            assertThat(new WorldRun(row.seed()).failure())
                    .as("without a defect, seed %d", row.seed())
                    .isNull();
        }
    }

    private static List<DefectTable.Row> search() {
        List<DefectTable.Row> rows = new ArrayList<>();
        for (Defect defect : PlantedDefects.all()) {
            rows.add(Objects.requireNonNull(DefectTable.find(defect, WORLDS), () -> "never found: " + defect.name()));
        }
        return rows;
    }
}
