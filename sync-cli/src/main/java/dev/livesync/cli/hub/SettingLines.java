package dev.livesync.cli.hub;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** Finds the line of each value in a text of JSON, by its JSON pointer; as far as the text is JSON. */
final class SettingLines {
    private final Map<String, Integer> lines = new HashMap<>();

    SettingLines(JsonMapper mapper, String text) {
        try (JsonParser parser = mapper.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.FIELD_NAME && !token.isStructEnd()) {
                    // Inside a structure the parser says where it begins to be its parent's.
                    String pointer = (token.isStructStart()
                                    ? parser.getParsingContext().getParent()
                                    : parser.getParsingContext())
                            .pathAsPointer()
                            .toString();
                    lines.putIfAbsent(pointer, parser.currentTokenLocation().getLineNr());
                }
            }
        } catch (IOException e) {
            // As far as it could be read.
        }
    }

    /** The line of a value, or of what it would stand in. */
    int of(String pointer) {
        for (String at = pointer; ; at = at.substring(0, Math.max(0, at.lastIndexOf('/')))) {
            Integer line = lines.get(at);
            if (line != null) {
                return line;
            }
            if (at.isEmpty()) {
                return 1;
            }
        }
    }
}
