package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The scripts that start three nodes, and see to them: what was acknowledged survives each kill. */
@Tag("soak")
class PostgresNodesTest {
    @Test
    void whatWasAcknowledgedSurvivesEveryPrimaryThatIsKilled() throws Exception {
        Path directory;
        try (PostgresNodes nodes = PostgresNodes.start(3).supervised()) {
            directory = nodes.directory();
            nodes.query(nodes.primary(), "create table t (n int)");
            for (int n = 1; n <= 4; n++) {
                int killed = nodes.primary();
                nodes.query(killed, "insert into t values (" + n + ")");
                nodes.failover();
                assertThat(nodes.primary()).as("after kill %d", n).isNotEqualTo(killed);
                assertThat(nodes.query(nodes.primary(), "select count(*), max(n) from t"))
                        .as("rows after kill %d", n)
                        .isEqualTo(n + "|" + n);
                assertThat(nodes.query(killed, "select pg_is_in_recovery()"))
                        .as("what was killed is a standby")
                        .isEqualTo("t");
            }
        }
        assertThat(directory).doesNotExist();
    }
}
