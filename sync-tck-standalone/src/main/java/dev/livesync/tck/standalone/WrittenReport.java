package dev.livesync.tck.standalone;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the launcher needs of the report that the kit has written.
 *
 * @param line the kit's line
 * @param verdict the verdict alone
 * @param rules by id, what became of each rule that was run, with the reason where it does not apply
 */
record WrittenReport(String line, String verdict, Map<String, String> rules) {
    static WrittenReport read(Path file) throws IOException {
        Map<String, String> texts = new HashMap<>();
        Map<String, String> rules = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            json.nextToken();
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals("rules")) {
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        addRule(json, rules);
                    }
                } else if (value == JsonToken.VALUE_STRING) {
                    texts.put(name, json.getText());
                } else {
                    json.skipChildren();
                }
            }
        }
        return new WrittenReport(texts.getOrDefault("line", ""), texts.getOrDefault("verdict", ""), rules);
    }

    private static void addRule(JsonParser json, Map<String, String> rules) throws IOException {
        Map<String, String> texts = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            texts.put(name, json.getText());
        }
        String outcome = texts.getOrDefault("outcome", "");
        String reason = outcome.equals("does not apply") ? " (" + texts.getOrDefault("message", "") + ")" : "";
        rules.put(texts.getOrDefault("rule", ""), outcome + reason);
    }
}
