package dev.livesync.spring;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.deser.std.StdDeserializer;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.ser.std.StdSerializer;
import tools.jackson.databind.ser.std.ToStringSerializer;

/** Documents in and out of controllers, by Jackson 3. */
@AutoConfiguration
@ConditionalOnClass(JacksonModule.class)
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
class Jackson3DocumentsAutoConfiguration {
    private static final JsonFactory JSON = new JsonFactory();

    @Bean
    JacksonModule liveSyncJackson3Module() {
        return new SimpleModule("livesync")
                .addSerializer(Cid.class, ToStringSerializer.instance)
                .addSerializer(Document.class, new Writer())
                .addDeserializer(Document.class, new Reader());
    }

    private static final class Writer extends StdSerializer<Document> {
        Writer() {
            super(Document.class);
        }

        @Override
        public void serialize(Document document, JsonGenerator out, SerializationContext context) {
            try (JsonParser parsed = JSON.createParser(ObjectReadContext.empty(), DocumentJson.of(document))) {
                parsed.nextToken();
                out.copyCurrentStructure(parsed);
            }
        }
    }

    private static final class Reader extends StdDeserializer<Document> {
        Reader() {
            super(Document.class);
        }

        @Override
        public Document deserialize(JsonParser in, DeserializationContext context) {
            JsonNode tree = in.readValueAsTree();
            JsonNode id = tree == null ? null : tree.get(DocumentJson.ID);
            if (id == null || !id.isString()) {
                return context.reportInputMismatch(this, DocumentJson.NO_ID);
            }
            try {
                return Document.of(id.stringValue(), tree.toString());
            } catch (SyncException e) {
                return context.reportInputMismatch(this, "%s", e.getMessage());
            }
        }
    }
}
