package dev.livesync.bench.workload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DocumentsTest {
    private final Documents documents = new Documents(7);

    @Test
    void everyDocumentIsAnObjectOf185Bytes() throws Exception {
        ObjectMapper json = new ObjectMapper();
        for (int i = 0; i < 1_000; i++) {
            String text = documents.json(i, i % 3);
            assertThat(text.getBytes(StandardCharsets.UTF_8)).as(text).hasSize(Documents.USUAL_BYTES);
            assertThat(json.readTree(text).path("revision").asInt(-1)).as(text).isEqualTo(i % 3);
        }
    }

    @Test
    void aDocumentDependsOnSeedNumberAndRevisionAlone() {
        assertThat(documents.json(42)).isEqualTo(new Documents(7).json(42));
        Set<String> all = new HashSet<>();
        for (int number = 0; number < 100; number++) {
            for (int revision = 0; revision < 3; revision++) {
                all.add(documents.json(number, revision));
                all.add(new Documents(8).json(number, revision));
            }
        }
        assertThat(all).hasSize(600);
    }

    @Test
    void idsAscend() {
        assertThat(Documents.id(9)).isEqualTo("doc-0000009").isLessThan(Documents.id(10));
        assertThat(Documents.id(9_999_999)).isEqualTo("doc-9999999");
    }

    @Test
    void aSizeThatTheFieldsDoNotFitIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Documents(1, 50));
        assertThat(new Documents(1, 130).json(9_999_999, 1_000_000)).hasSize(130);
    }
}
