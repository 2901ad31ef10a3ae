package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.SyncException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrantCommandsTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();

    @Test
    void aSecretIsPrintedOnceAndListedNever() {
        Path db = directory.resolve("db");
        List<String> secret = shell.lines("grant", db, "alice", "--read-only");
        assertThat(secret).singleElement().asString().matches("[A-Za-z0-9_-]{43}");
        assertThat(shell.lines("grant", db, "bob", "--write-only", "--expires", "2999-01-01T00:00:00Z"))
                .hasSize(1);
        assertThat(shell.lines("grant", db, "carol", "--peer", "12D3KooWA", "--peer", "12D3KooWB"))
                .hasSize(1);
        assertThat(shell.lines("grants", db))
                .containsExactly(
                        "alice: read",
                        "bob: write, until 2999-01-01T00:00:00Z",
                        "carol: read and write, only for libp2p:12D3KooWA, libp2p:12D3KooWB");
        assertThat(shell.lines("revoke", db, "bob")).containsExactly("revoked bob");
        assertThat(shell.lines("grants", db)).hasSize(2);
        assertThat(shell.lines("put", db, "a", "{}")).containsExactly("stored a");
        assertThat(shell.lines("verify", db)).hasSize(1);
    }

    /** Where the transport knows who calls, a list of peers is enough. */
    @Test
    void aListOfPeersIsAGrantWithoutASecret() {
        Path db = directory.resolve("db");
        assertThat(shell.lines("grant", db, "laptops", "--no-secret", "--peer", "12D3KooWA", "--peer", "12D3KooWB"))
                .containsExactly("laptops");
        assertThat(shell.lines("grants", db))
                .containsExactly("laptops: read and write, without a secret for libp2p:12D3KooWA, libp2p:12D3KooWB");
        assertThat(shell.run("grant", db, "all", "--no-secret")).isEqualTo(1);
        assertThat(shell.err()).contains("needs a secret, or else peers");
        assertThat(shell.run("grant", db, "more", "--no-secret", "--peer", "12D3KooWB"))
                .isEqualTo(1);
        assertThat(shell.err()).contains("grants laptops and more").contains("libp2p:12D3KooWB");
        assertThat(shell.lines("revoke", db, "laptops")).hasSize(1);
        assertThat(shell.lines("grants", db)).isEmpty();
    }

    @Test
    void theRightToEraseIsGivenByItself() throws Exception {
        Path db = directory.resolve("db");
        shell.lines("grant", db, "alice");
        shell.lines("grant", db, "keeper", "--erase");
        assertThat(shell.lines("grants", db)).containsExactly("alice: read and write", "keeper: read, write and erase");
        assertThat(shell.lines("grants", "--json", db).get(1)).contains("\"write\":true,\"erase\":true");
        assertThat(shell.run("grant", db, "x", "--read-only", "--erase")).isEqualTo(2);
    }

    @Test
    void asJson() throws Exception {
        Path db = directory.resolve("db");
        JsonNode made = new JsonMapper()
                .readTree(shell.lines("grant", "--json", db, "alice", "--read-only")
                        .get(0));
        assertThat(made.get("secret").asText()).hasSize(43);
        JsonNode listed =
                new JsonMapper().readTree(shell.lines("grants", "--json", db).get(0));
        assertThat(listed.has("secret")).isFalse();
        assertThat(listed.get("name").asText()).isEqualTo("alice");
        assertThat(listed.get("read").asBoolean()).isTrue();
        assertThat(listed.get("write").asBoolean()).isFalse();
        assertThat(listed.get("expired").asBoolean()).isFalse();
    }

    @Test
    void whatCannotBeIsRefusedInOneLine() throws Exception {
        Path db = directory.resolve("db");
        assertThat(shell.run("grants", db)).isEqualTo(1);
        assertThat(shell.err()).contains("no database at");
        shell.lines("grant", db, "alice");
        assertThat(shell.run("grant", db, "alice")).isEqualTo(1);
        assertThat(shell.err()).contains("there is a grant alice");
        assertThat(shell.run("grant", db, "a/b")).isEqualTo(1);
        assertThat(shell.err()).contains("1 to 64 characters");
        assertThat(shell.run("grant", db, "x", "--read-only", "--write-only")).isEqualTo(2);
        assertThat(shell.run("revoke", db, "nobody")).isEqualTo(1);
        assertThat(shell.err()).contains("there is no grant nobody");
        Files.writeString(db.resolve("livesync.grants"), "rubbish\n");
        assertThat(shell.run("grants", db)).isEqualTo(1);
        assertThat(shell.err()).contains("livesync.grants, line 1 (offset 0)");
    }

    /** An offer gives no more than the grant that it is made with, so there has to be one. */
    @Test
    void anOfferIsMadeWithAGrantThatLasts() {
        Path db = directory.resolve("db");
        shell.lines("grant", db, "alice", "--read-only");
        assertThat(shell.run("offer", db, "--transport", "websocket", "--grant", "nobody"))
                .isEqualTo(1);
        assertThat(shell.err()).contains("there is no grant nobody");
        assertThat(shell.run("offer", db, "--transport", "websocket", "--grant", "alice"))
                .as("no answer comes")
                .isEqualTo(1);
        assertThat(shell.out()).as("the offer").hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "90s,2030-01-01T00:01:30Z",
        "90m,2030-01-01T01:30:00Z",
        "12h,2030-01-01T12:00:00Z",
        "30d,2030-01-31T00:00:00Z",
        "2w,2030-01-15T00:00:00Z",
        "2030-12-31,2030-12-31T00:00:00Z",
        "2030-12-31T18:00:00Z,2030-12-31T18:00:00Z"
    })
    void aTimeADateOrAMoment(String text, String end) {
        assertThat(Expiry.parse(text, NOW, ZoneOffset.UTC)).isEqualTo(Instant.parse(end));
    }

    @Test
    void aDateIsItsBeginningHere() {
        assertThat(Expiry.parse("2030-12-31", NOW, ZoneId.of("Asia/Tokyo")))
                .isEqualTo(Instant.parse("2030-12-30T15:00:00Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "12", "-1h", "0s", "2029-12-31", "2030-01-01", "2030-02-30", "9999999999d"})
    void whatIsNoneOrInThePastIsRefused(String text) {
        assertThatThrownBy(() -> Expiry.parse(text, NOW, ZoneOffset.UTC))
                .isInstanceOf(SyncException.class)
                .hasMessageStartingWith("--expires");
    }
}
