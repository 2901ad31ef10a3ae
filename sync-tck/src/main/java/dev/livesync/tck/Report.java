package dev.livesync.tck;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Writes what a run has shown, for people and for programs. */
final class Report {
    private Report() {}

    static void write(Run run, Path directory) {
        try {
            Files.createDirectories(directory);
            String name = run.testClass().getName();
            Files.writeString(directory.resolve(name + ".md"), markdown(run));
            try (Writer out = Files.newBufferedWriter(directory.resolve(name + ".json"))) {
                json(run, out);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the kit's report cannot be written to " + directory.toAbsolutePath(), e);
        }
    }

    /** The version of JUnit that ran the kit. */
    static String junit() {
        String version = Test.class.getPackage().getImplementationVersion();
        if (version == null) {
            version = Test.class.getModule().getDescriptor().rawVersion().orElse("unknown");
        }
        return version;
    }

    private static String markdown(Run run) {
        StringBuilder text = new StringBuilder(4096);
        text.append("# ").append(run.line()).append("\n\nRun by JUnit ").append(junit());
        run.facts()
                .forEach((name, fact) ->
                        text.append("; ").append(name).append(": ").append(fact));
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

    private static String cell(@org.jspecify.annotations.Nullable String message) {
        return message == null ? "" : message.replace("|", "\\|").replace("\n", "<br>");
    }

    private static void json(Run run, Writer out) throws IOException {
        try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeStringField("class", run.testClass().getName());
            json.writeStringField("subject", run.subject());
            json.writeStringField("junit", junit());
            json.writeStringField("verdict", run.verdict());
            json.writeStringField("line", run.line());
            texts(json, "facts", run.facts());
            texts(json, "waivers", run.waivers());
            json.writeArrayFieldStart("rules");
            for (Run.Outcome outcome : run.worst().values()) {
                json.writeStartObject();
                json.writeStringField("rule", outcome.rule());
                json.writeStringField("test", outcome.test());
                json.writeStringField("outcome", outcome.status().toString());
                if (outcome.message() != null) {
                    json.writeStringField("message", outcome.message());
                }
                json.writeNumberField("millis", outcome.millis());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayFieldStart("missing");
            for (String rule : run.missing()) {
                json.writeString(rule);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
    }

    private static void texts(JsonGenerator json, String name, Map<String, String> texts) throws IOException {
        json.writeObjectFieldStart(name);
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
    }
}
