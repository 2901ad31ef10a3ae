package dev.livesync.spring;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.livesync.api.Cid;
import dev.livesync.database.Document;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A document as one JSON object, for controllers: {@code _id}, {@code _clock} where it has one, and its content. What comes back with its {@code
 * _clock} is refused if somebody has written the document meanwhile.
 */
final class DocumentJson {
    static final String ID = "_id";
    static final String NO_ID = "a document has its id as a string under _id";

    private DocumentJson() {}

    static String of(Document document) {
        StringBuilder json = new StringBuilder("{\"_id\":\"");
        JsonStringEncoder.getInstance().quoteAsString(document.id(), json);
        json.append('"');
        List<Cid> clock = document.clock().orElse(null);
        if (clock != null) {
            json.append(",\"_clock\":")
                    .append(clock.stream().map(cid -> "\"" + cid + "\"").collect(Collectors.joining(",", "[", "]")));
        }
        String content = document.json();
        return json.append(content.length() > 2 ? "," : "")
                .append(content, 1, content.length())
                .toString();
    }
}
