package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The digest in {@code tck-report.json} is Python's. */
class TckReportTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    Path directory;

    private Path file;
    private ObjectNode report;
    private final Shell shell = new Shell();

    @BeforeEach
    void read() throws Exception {
        file = directory.resolve("report.json");
        try (InputStream in = TckReportTest.class.getResourceAsStream("tck-report.json")) {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        report = (ObjectNode) MAPPER.readTree(file.toFile());
    }

    private int run() {
        return shell.run("tck-report", file);
    }

    /** Changes the report and gives it the digest that it then should have. */
    private void change(Consumer<ObjectNode> change) throws Exception {
        change.accept(report);
        report.remove("digest");
        byte[] sha = MessageDigest.getInstance("SHA-256")
                .digest(MAPPER.writeValueAsString(report).getBytes(StandardCharsets.UTF_8));
        report.put("digest", "sha256:" + HexFormat.of().formatHex(sha));
        Files.writeString(file, MAPPER.writeValueAsString(report));
    }

    @Test
    void aReportIsCheckedAndPrinted() {
        assertThat(run()).as(shell.err()).isZero();
        assertThat(shell.out())
                .contains("TCK T (tcp): 2 of 2 rules ran, 1 do not apply: WITH WAIVERS")
                .contains("example.T, kit 0.1.0, JUnit 5.13.4")
                .contains("2026-11-29T05:54:29Z, 11 s, Java 17, Linux 6 amd64, 2 processors, timeouts × 1.0, seeds × 1")
                .contains("shape: dialling")
                .contains("waived: T1.2, upstream issue 1")
                .contains("digest and verdict are right; of another version's specification");
        assertThat(shell.run("tck-report", file, "--json")).isZero();
        assertThat(shell.out()).contains("\"ok\":true").contains("\"verdict\":\"WITH WAIVERS\"");
    }

    @Test
    void whatTheKitDidNotWriteIsNoticed() throws Exception {
        String text = Files.readString(file);
        for (List<String> edit : List.of(
                List.of("WITH WAIVERS", "CONFORMANT"),
                List.of("upstream issue 1", "none"),
                List.of("\"passed\"", "\"waived\""),
                List.of("11869", "11868"),
                List.of("tést", "test"))) {
            Files.writeString(file, text.replace(edit.get(0), edit.get(1)));
            assertThat(run()).as("%s", edit).isEqualTo(1);
            assertThat(shell.err()).contains("it was changed after the kit wrote it");
        }
        Files.writeString(file, text.replace("\n", "\n    ").replace("\\n    ", "\\n"));
        assertThat(run()).as("white space is nobody's: " + shell.err()).isZero();
    }

    @Test
    void aVerdictFollowsFromTheOutcomes() throws Exception {
        change(all -> all.put("verdict", "CONFORMANT"));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("the verdict is CONFORMANT, but the outcomes say WITH WAIVERS");
        for (var list : List.of(Map.entry("missing", "NO VERDICT"), Map.entry("stale", "NOT CONFORMANT"))) {
            read();
            change(all -> ((ArrayNode) all.get(list.getKey())).add("T1.9"));
            assertThat(run()).as(list.getKey()).isEqualTo(1);
            assertThat(shell.err()).contains("the outcomes say " + list.getValue());
        }
        read();
        change(all -> {
            ((ArrayNode) all.get("missing")).add("T1.9");
            all.put("verdict", "NO VERDICT");
        });
        assertThat(run()).as("a right report of a selection").isEqualTo(1);
        assertThat(shell.err()).doesNotContain("relied");
        read();
        change(all -> {
            ((ObjectNode) all.get("rules").get(0)).put("outcome", "failed");
            all.put("verdict", "NOT CONFORMANT");
        });
        assertThat(run()).as("a right report of what is wrong").isEqualTo(1);
        assertThat(shell.err()).doesNotContain("relied");
        assertThat(shell.out()).contains("failed: T1.1").contains("digest and verdict are right");
        read();
        change(all -> ((ArrayNode) all.get("rules")).add(all.get("rules").get(0)));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("a rule has two outcomes");
    }

    @Test
    void allRulesOfThisVersionAreNamed() throws Exception {
        RuleList known = RuleList.of("T");
        assertThat(known.rules()).contains("T1.1", "T8.7").doesNotHaveDuplicates();
        assertThat(RuleList.of("R").rules()).contains("R1.1").doesNotContainAnyElementsOf(known.rules());
        change(all -> all.put("specification", known.digest()));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("rules of this kit are not named: ").contains("T4.1");
        change(all -> {
            ArrayNode rules = (ArrayNode) all.get("rules");
            known.rules().stream()
                    .filter(rule -> !rules.findValuesAsText("rule").contains(rule))
                    .forEach(rule -> rules.addObject()
                            .put("rule", rule)
                            .put("test", "x")
                            .put("outcome", "passed")
                            .put("millis", 1));
        });
        assertThat(run()).as(shell.err()).isZero();
        assertThat(shell.out()).contains("all " + known.rules().size() + " rules of this version's specification");
    }

    @Test
    void anOutcomeThatTheKitDoesNotKnowIsNone() throws Exception {
        change(all -> {
            ((ObjectNode) all.get("rules").get(1)).put("outcome", "splendid");
            all.put("verdict", "CONFORMANT");
        });
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("is no report of the kit").contains("splendid");
        read();
        change(all -> ((ObjectNode) all.get("rules").get(0)).remove("rule"));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("is no report of the kit");
    }

    @Test
    void aReplicasReportIsHeldAgainstTheReplicasRules() throws Exception {
        RuleList known = RuleList.of("R");
        change(all -> {
            all.put("specification", known.digest());
            all.put("verdict", "NOT CONFORMANT");
            ArrayNode rules = all.putArray("rules");
            known.rules()
                    .forEach(rule -> rules.addObject()
                            .put("rule", rule)
                            .put("test", "x")
                            .put("outcome", "failed")
                            .put("millis", 1));
        });
        assertThat(run()).isEqualTo(1);
        assertThat(shell.out()).contains("all " + known.rules().size() + " rules of this version's specification");
    }

    @Test
    void whatIsNoReportIsSaid() throws Exception {
        for (String text : List.of("", "nonsense", "[]", "{}", "{\"format\":1}", "{\"format\":\"1\"}", "{} {}")) {
            Files.writeString(file, text);
            assertThat(run()).as(text).isEqualTo(1);
            assertThat(shell.err()).as(text).contains("is no report of the kit");
        }
        change(all -> all.put("format", 2));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("has format 2");
        read();
        change(all -> all.replace("rules", MAPPER.createObjectNode()));
        assertThat(run()).isEqualTo(1);
        assertThat(shell.err()).contains("is not the list");
        for (String field : List.of("verdict", "digest", "specification")) {
            read();
            report.replace(field, MAPPER.createArrayNode());
            Files.writeString(file, MAPPER.writeValueAsString(report));
            assertThat(run()).isEqualTo(1);
            assertThat(shell.err()).contains("it has no text \"" + field + "\"");
        }
        assertThat(shell.run("tck-report", directory.resolve("none.json"))).isEqualTo(1);
        assertThat(shell.err()).contains("none.json");
    }
}
