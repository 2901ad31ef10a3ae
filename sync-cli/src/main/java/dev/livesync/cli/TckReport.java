package dev.livesync.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A report of the kit's, as {@code docs/formats.md} has it, and what is wrong with it: a digest that is another one, a verdict that does not
 * follow from the outcomes, rules that are not there. It shows a file that was changed by accident or without care; it proves
 * nothing about who ran the kit.
 */
final class TckReport {
    private static final int FORMAT = 1;

    /** The longest that is read. A report has some 30 KB; messages of failures are longer than most. */
    static final int MAX_BYTES = 16 << 20;

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private static final List<String> TEXTS =
            List.of("kit", "specification", "junit", "scale", "class", "subject", "began", "verdict", "line", "digest");

    private static final Set<String> OUTCOMES = Set.of("passed", "does not apply", "waived", "failed");

    private final ObjectNode json;

    private TckReport(ObjectNode json) {
        this.json = json;
    }

    /**
     * Reads one.
     *
     * @param name of the file, for messages
     * @throws SyncException {@link ErrorKind#MALFORMED} if this is no report, {@link ErrorKind#UNSUPPORTED} for a format that came later
     */
    static TckReport read(String name, byte[] bytes) {
        ObjectNode json;
        try {
            if (!(MAPPER.readTree(bytes) instanceof ObjectNode object)) {
                throw malformed(name, "it is no JSON object");
            }
            json = object;
        } catch (JsonProcessingException e) {
            throw malformed(name, "it is no JSON: " + e.getOriginalMessage());
        } catch (java.io.IOException e) {
            throw malformed(name, e.toString());
        }
        if (!json.path("format").isInt()) {
            throw malformed(name, "it has no number \"format\"");
        }
        if (json.path("format").asInt() != FORMAT) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    name + " has format " + json.path("format") + ", this command reads " + FORMAT
                            + "; use the one that came with its kit");
        }
        for (String field : TEXTS) {
            if (!json.path(field).isTextual()) {
                throw malformed(name, "it has no text \"" + field + "\"");
            }
        }
        TckReport report = new TckReport(json);
        if (!json.path("rules").isArray()
                || !json.path("missing").isArray()
                || !json.path("stale").isArray()
                || report.outcomes().containsKey("")) {
            throw malformed(name, "\"rules\", \"missing\" or \"stale\" is not the list that it should be");
        }
        for (String outcome : report.outcomes().values()) {
            if (!OUTCOMES.contains(outcome)) {
                throw malformed(name, "a rule has the outcome \"" + outcome + "\"");
            }
        }
        return report;
    }

    private static SyncException malformed(String name, String why) {
        return new SyncException(
                ErrorKind.MALFORMED, name + " is no report of the kit: " + why + "; give the .json of target/tck");
    }

    String text(String field) {
        return json.path(field).asText();
    }

    /** The rules of this version for what was tested. */
    RuleList known() {
        return RuleList.of(Stream.concat(outcomes().keySet().stream(), list("missing").stream())
                .findFirst()
                .orElse("T"));
    }

    /** Rules and how they fared, in the file's order. */
    private Map<String, String> outcomes() {
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (JsonNode rule : json.path("rules")) {
            outcomes.put(rule.path("rule").asText(), rule.path("outcome").asText());
        }
        return outcomes;
    }

    List<String> rules(String outcome) {
        return outcomes().entrySet().stream()
                .filter(entry -> entry.getValue().equals(outcome))
                .map(Map.Entry::getKey)
                .toList();
    }

    List<String> list(String field) {
        return StreamSupport.stream(json.path(field).spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }

    /** Reasons by rule, or properties of what was tested. */
    Map<String, String> map(String field) {
        Map<String, String> map = new LinkedHashMap<>();
        json.path(field)
                .properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }

    /** Where it ran and for how long. */
    String run() {
        JsonNode where = json.path("environment");
        return text("began") + ", " + json.path("millis").asLong() / 1_000 + " s, Java "
                + where.path("java").asText() + ", " + where.path("os").asText() + " "
                + where.path("arch").asText() + ", " + where.path("processors").asText() + " processors, timeouts × "
                + text("scale") + ", seeds × " + json.path("seeds").asText();
    }

    /** Whether the rules are those of this command's own specification. */
    boolean isOfThisVersion(RuleList known) {
        return text("specification").equals(known.digest());
    }

    /**
     * What is wrong with the report, whatever its verdict.
     *
     * @param known the rules of this version, against which those of the same version are held
     */
    List<String> problems(RuleList known) {
        List<String> problems = new ArrayList<>();
        String digest = digest();
        if (!digest.equals(text("digest"))) {
            problems.add("the digest is " + text("digest") + ", but the report's own is " + digest
                    + ": it was changed after the kit wrote it");
        }
        if (outcomes().size() != json.path("rules").size()) {
            problems.add("a rule has two outcomes");
        }
        String verdict = verdict();
        if (!verdict.equals(text("verdict"))) {
            problems.add("the verdict is " + text("verdict") + ", but the outcomes say " + verdict);
        }
        if (isOfThisVersion(known)) {
            Set<String> absent = new LinkedHashSet<>(known.rules());
            absent.removeAll(outcomes().keySet());
            list("missing").forEach(absent::remove);
            if (!absent.isEmpty()) {
                problems.add("rules of this kit are not named: " + String.join(", ", absent));
            }
        }
        return problems;
    }

    private String verdict() {
        Map<String, String> outcomes = outcomes();
        if (outcomes.containsValue("failed") || !list("stale").isEmpty()) {
            return "NOT CONFORMANT";
        }
        if (outcomes.isEmpty() || !list("missing").isEmpty()) {
            return "NO VERDICT";
        }
        return outcomes.containsValue("waived") ? "WITH WAIVERS" : "CONFORMANT";
    }

    /** Of the report as one line, without the digest. */
    private String digest() {
        ObjectNode rest = json.deepCopy();
        rest.remove("digest");
        try {
            return Sha256.named(MAPPER.writeValueAsBytes(rest));
        } catch (JsonProcessingException e) {
            throw new SyncException(ErrorKind.INTERNAL, "the report has no digest", e);
        }
    }
}
