package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two databases with one beginning, written apart, then together. */
class HistoryCommandsTest {
    private final Shell shell = new Shell();

    @TempDir
    private Path directory;

    private Path db = Path.of("");

    @BeforeEach
    void write() {
        db = directory.resolve("db");
        Path other = directory.resolve("other");
        Path car = directory.resolve("db.car");
        shell.lines("put", db, "doc", "{\"text\":\"base\"}");
        shell.lines("export", "--car", car, db);
        shell.lines("import", other, car);
        shell.lines("put", db, "doc", "{\"text\":\"here\"}");
        shell.lines("put", other, "doc", "{\"text\":\"there\"}");
        Path back = directory.resolve("other.car");
        shell.lines("export", "--car", back, other);
        shell.lines("import", db, back);
    }

    private List<String> without(List<String> lines, int characters) {
        return lines.stream().map(line -> line.substring(characters)).toList();
    }

    @Test
    void aLogSaysWhatHoldsAndWhatLost() {
        assertThat(without(
                        shell.lines("log", db), Cid.parse(event(0)).toString().length()))
                .containsExactlyInAnyOrder(" put \"doc\" holds", " put \"doc\" lost", " put \"doc\"");
        assertThat(shell.lines("log", "--limit", 1, db)).hasSize(1);
        assertThat(shell.lines("log", db, "doc")).last().asString().endsWith(" put \"doc\" {\"text\":\"base\"}");
        assertThat(shell.run("log", db, "none")).isEqualTo(1);
        assertThat(shell.err()).contains("there never was a document \"none\"").hasLineCount(1);
        assertThat(shell.run("log", "--graph", db, "doc")).isEqualTo(1);
        assertThat(shell.run("log", "--limit", 0, db)).isEqualTo(2);
    }

    @Test
    void whoIsKnownToHaveWhat() throws Exception {
        assertThat(shell.lines("log", "--acks", "--limit", 1, db))
                .allMatch(line -> line.endsWith(" acknowledged by nobody"));
        try (Database database = Database.open(db)) {
            PeerFrontiers peers = database.replica().peerFrontiers().orElseThrow();
            peers.remember(7, "hub\u001b[2J", List.of(Cid.parse(event(0))));
            peers.remember(8, List.of(Cid.parse(event(2))));
        }
        String both = " acknowledged by database 0000000000000008, hub\\u001b[2J";
        List<String> lines = shell.lines("log", "--acks", db);
        assertThat(lines.get(0)).endsWith(" acknowledged by hub\\u001b[2J");
        assertThat(lines.get(1)).endsWith(" acknowledged by nobody");
        assertThat(lines.get(2)).endsWith(both);
        assertThat(shell.lines("log", "--acks", "--graph", db).get(0)).endsWith(" acknowledged by hub\\u001b[2J");
        JsonNode first = new JsonMapper()
                .readTree(shell.lines("log", "--acks", "--json", db).get(2));
        assertThat(first.get("acknowledgedBy").get(0).get("database").asText()).isEqualTo("0000000000000008");
        assertThat(first.get("acknowledgedBy").get(1).get("name").asText()).isEqualTo("hub\u001b[2J");
        assertThat(shell.lines("status", db))
                .anyMatch(line -> line.startsWith("peer database 0000000000000008 may lack 2 events, known since "))
                .anyMatch(line -> line.startsWith("peer hub\\u001b[2J may lack 1 event, known since "));
        JsonNode status = new JsonMapper().readTree(String.join("", shell.lines("status", "--json", db)));
        assertThat(status.get("peers").get(1).get("lacks").asInt()).isEqualTo(1);
    }

    private String event(int line) {
        String text = shell.lines("log", db).get(line);
        return text.substring(0, text.indexOf(' '));
    }

    @Test
    void aLogForPrograms() throws Exception {
        List<String> lines = shell.lines("log", "--json", db, "doc");
        JsonNode first = new JsonMapper().readTree(lines.get(2));
        assertThat(first.get("did").asText()).isEqualTo("put");
        assertThat(first.get("state").asText()).isEqualTo("overwritten");
        assertThat(first.get("document").get("text").asText()).isEqualTo("base");
        assertThat(first.get("parents")).isEmpty();
        JsonNode second = new JsonMapper().readTree(lines.get(1));
        assertThat(second.get("parents").get(0).asText())
                .isEqualTo(first.get("event").asText());
    }

    @Test
    void aDocumentAsItWas() {
        String first = event(2);
        assertThat(shell.lines("get", "--at", first, db, "doc")).containsExactly("{\"_id\":\"doc\",\"text\":\"base\"}");
        assertThat(shell.lines("get", "--at", event(0) + "," + event(1), db, "doc"))
                .isEqualTo(shell.lines("get", db, "doc"));
        assertThat(shell.run("get", "--at", first, db, "none")).isEqualTo(1);
        assertThat(shell.err()).contains("no document \"none\"", "at that moment");
        assertThat(shell.run("get", "--at", Cid.hash(Cid.DAG_CBOR, new byte[1]), db, "doc"))
                .isEqualTo(1);
        assertThat(shell.err()).contains("isn't here").hasLineCount(1);
    }

    @Test
    void aConflictIsSettledByTheVersionThatIsTaken() throws Exception {
        List<String> lines = shell.lines("conflicts", db);
        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).isEqualTo("\"doc\"");
        assertThat(lines.get(1)).contains(" holds, weight 0 {\"text\":\"");
        assertThat(lines.get(2)).contains(" lost, weight 0 {\"text\":\"");
        JsonNode conflict = new JsonMapper()
                .readTree(shell.lines("conflicts", "--json", db, "doc").get(0));
        JsonNode lost = conflict.get("versions").get(1);
        assertThat(lost.get("weight").asLong()).isZero();
        assertThat(shell.lines(
                        "conflicts", db, "doc", "--take", lost.get("event").asText()))
                .containsExactly("settled doc");
        assertThat(shell.lines("get", db, "doc"))
                .containsExactly("{\"_id\":\"doc\",\"text\":\""
                        + lost.get("document").get("text").asText() + "\"}");
        assertThat(shell.lines("conflicts", db)).isEmpty();
        assertThat(shell.err()).contains("no conflicts");
        assertThat(shell.run("conflicts", db, "doc", "--take", event(0))).isEqualTo(1);
        assertThat(shell.err()).contains("isn't in conflict").hasLineCount(1);
        assertThat(shell.run("conflicts", db, "--take", event(0))).isEqualTo(1);
        assertThat(shell.lines("log", "--graph", db).stream().map(line -> line.replaceFirst(" *bafy.*", "")))
                .containsExactly("●", "├─╮", "● │", "│ ●", "├─╯", "●");
    }

    @Test
    void anEventThatIsNoVersionOfTheConflictIsRefused() {
        assertThat(shell.run("conflicts", db, "doc", "--take", event(2))).isEqualTo(1);
        assertThat(shell.err()).contains("none of the versions").hasLineCount(1);
    }

    @Test
    void anUndoIsRefusedInAConflictAndWorksOtherwise() {
        assertThat(shell.run("revert", db, event(0))).isEqualTo(1);
        assertThat(shell.err()).contains("changed since").hasLineCount(1);
        shell.lines("put", db, "doc", "{\"text\":\"settled\"}");
        shell.lines("put", db, "doc", "{\"text\":\"mistaken\"}");
        String mistake = event(0);
        assertThat(shell.lines("revert", db, mistake)).containsExactly("reverted " + mistake);
        assertThat(shell.lines("get", db, "doc")).containsExactly("{\"_id\":\"doc\",\"text\":\"settled\"}");
    }

    @Test
    void thePictureIsXmlWithANodeForEachEvent() throws Exception {
        shell.lines("put", db, "<&>", "{}");
        Path picture = directory.resolve("clock.svg");
        shell.lines("log", "--svg", picture, db);
        assertThat(shell.err()).contains("drew the newest 4 events");
        var svg = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(picture));
        assertThat(svg.getElementsByTagName("circle").getLength()).isEqualTo(4);
        assertThat(svg.getElementsByTagName("path").getLength()).isEqualTo(4);
        assertThat(svg.getElementsByTagName("text").item(0).getTextContent()).endsWith("put \"<&>\" holds");
    }
}
