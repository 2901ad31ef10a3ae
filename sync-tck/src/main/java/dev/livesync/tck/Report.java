package dev.livesync.tck;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a run has shown: for people as Markdown, and for programs as JSON, whose form is in {@code docs/formats.md}. The JSON ends with a
 * digest of all before, so that whoever is given the file notices when it is not the kit's any more.
 */
final class Report {
    /** Of the JSON's form; another one where a reader has to know. */
    private static final int FORMAT = 1;

    private Report() {}

    static void write(Run run, Path directory) {
        long millis = run.millis();
        try {
            Files.createDirectories(directory);
            String name = run.testClass().getName();
            Files.write(directory.resolve(name + ".md"), utf8(markdown(run, millis)));
            Files.write(directory.resolve(name + ".json"), json(run, millis));
        } catch (IOException e) {
            throw new UncheckedIOException("the kit's report cannot be written to " + directory.toAbsolutePath(), e);
        }
    }

    /** With a question mark for what has no form in UTF-8: messages may hold anything. */
    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String wellFormed(String text) {
        return new String(utf8(text), StandardCharsets.UTF_8);
    }

    private static String markdown(Run run, long millis) {
        RunEnvironment environment = run.environment();
        StringBuilder text = new StringBuilder(4096);
        text.append("# ").append(run.line()).append("\n\nRun by JUnit ").append(environment.junit());
        run.facts()
                .forEach((name, fact) ->
                        text.append("; ").append(name).append(": ").append(fact));
        text.append(".\n\nKit ").append(environment.kit()).append(", ").append(run.began());
        text.append(", ").append(millis / 1_000).append(" s on ").append(environment.machine());
        text.append(", timeouts × ").append(environment.scale());
        text.append(", seeds × ").append(environment.seeds());
        text.append(".\n\n| rule | level | outcome | test | |\n|---|---|---|---|---|\n");
        run.worst().forEach((rule, outcome) -> {
            Spec.Entry entry = Spec.of(rule).find(rule);
            String waiver = run.waivers().get(rule);
            text.append("| ").append(rule).append(" | ");
            text.append(entry == null ? "" : entry.level()).append(" | ");
            text.append(outcome.status()).append(" | ").append(outcome.test()).append(" | ");
            text.append(cell(waiver != null ? waiver : outcome.message())).append(" |\n");
        });
        run.missing().forEach(rule -> text.append("| ").append(rule).append(" | | did not run | | |\n"));
        run.staleWaivers().forEach(line -> text.append("\n").append(line).append("\n"));
        return text.toString();
    }

    private static String cell(@Nullable String message) {
        return message == null ? "" : message.replace("|", "\\|").replace("\n", "<br>");
    }

    private static byte[] json(Run run, long millis) throws IOException {
        return json(run, millis, Digest.of(json(run, millis, null)));
    }

    /** Without a digest in the form that one is made of. */
    private static byte[] json(Run run, long millis, @Nullable String digest) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            if (digest != null) {
                json.setPrettyPrinter(new DefaultPrettyPrinter());
            }
            json.writeStartObject();
            json.writeNumberField("format", FORMAT);
            run.environment().writeTo(json);
            json.writeStringField("class", run.testClass().getName());
            json.writeStringField("subject", wellFormed(run.subject()));
            json.writeStringField("began", run.began().toString());
            json.writeNumberField("millis", millis);
            json.writeStringField("verdict", run.verdict());
            json.writeStringField("line", wellFormed(run.line()));
            texts(json, "facts", run.facts());
            texts(json, "waivers", run.waivers());
            rules(json, run);
            strings(json, "missing", run.missing());
            strings(json, "stale", run.staleWaivers());
            if (digest != null) {
                json.writeStringField("digest", digest);
            }
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static void rules(JsonGenerator json, Run run) throws IOException {
        json.writeArrayFieldStart("rules");
        for (Run.Outcome outcome : run.worst().values()) {
            json.writeStartObject();
            json.writeStringField("rule", outcome.rule());
            json.writeStringField("test", outcome.test());
            json.writeStringField("outcome", outcome.status().toString());
            if (outcome.message() != null) {
                json.writeStringField("message", wellFormed(outcome.message()));
            }
            json.writeNumberField("millis", outcome.millis());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void strings(JsonGenerator json, String name, Iterable<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(wellFormed(value));
        }
        json.writeEndArray();
    }

    private static void texts(JsonGenerator json, String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            json.writeStringField(wellFormed(entry.getKey()), wellFormed(entry.getValue()));
        }
        json.writeEndObject();
    }
}
