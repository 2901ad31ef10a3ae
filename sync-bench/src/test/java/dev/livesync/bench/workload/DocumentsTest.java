package dev.livesync.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private final SampleDocuments documents = new SampleDocuments(7);

    @Test
    void everyDocumentIsAnObjectOf185Bytes() throws Exception {
        ObjectMapper json = new ObjectMapper();
        for (int i = 0; i < 1_000; i++) {
            String text = documents.json(i, i % 3);
            assertThat(text.getBytes(StandardCharsets.UTF_8)).as(text).hasSize(SampleDocuments.USUAL_BYTES);
            assertThat(json.readTree(text).path("revision").asInt(-1)).as(text).isEqualTo(i % 3);
        }
    }

    @Test
    void aDocumentDependsOnSeedNumberAndRevisionAlone() {
        assertThat(documents.json(42)).isEqualTo(new SampleDocuments(7).json(42));
        Set<String> all = new HashSet<>();
        for (int number = 0; number < 100; number++) {
            for (int revision = 0; revision < 3; revision++) {
                all.add(documents.json(number, revision));
                all.add(new SampleDocuments(8).json(number, revision));
            }
        }
        assertThat(all).hasSize(600);
    }

    @Test
    void idsAscend() {
        assertThat(SampleDocuments.id(9)).isEqualTo("doc-0000009").isLessThan(SampleDocuments.id(10));
        assertThat(SampleDocuments.id(9_999_999)).isEqualTo("doc-9999999");
    }

    @Test
    void aSizeThatTheFieldsDoNotFitIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SampleDocuments(1, 50));
        assertThat(new SampleDocuments(1, 130).json(9_999_999, 1_000_000)).hasSize(130);
    }
}
