package dev.livesync.spring;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import java.io.IOException;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** Documents in and out of controllers, by Jackson 2. */
@AutoConfiguration
@ConditionalOnClass(Module.class)
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
class Jackson2DocumentsAutoConfiguration {
    private static final JsonFactory JSON = new JsonFactory();

    @Bean
    Module liveSyncJackson2Module() {
        return new SimpleModule("livesync")
                .addSerializer(Cid.class, ToStringSerializer.instance)
                .addSerializer(Document.class, new Writer())
                .addDeserializer(Document.class, new Reader());
    }

    private static final class Writer extends StdSerializer<Document> {
        private static final long serialVersionUID = 1L;

        Writer() {
            super(Document.class);
        }

        @Override
        public void serialize(Document document, JsonGenerator out, SerializerProvider provider) throws IOException {
            // Parsed, not raw: the application may write another format than JSON, or print it prettily.
            try (JsonParser parsed = JSON.createParser(DocumentJson.of(document))) {
                parsed.nextToken();
                out.copyCurrentStructure(parsed);
            }
        }
    }

    private static final class Reader extends StdDeserializer<Document> {
        private static final long serialVersionUID = 1L;

        Reader() {
            super(Document.class);
        }

        @Override
        public Document deserialize(JsonParser in, DeserializationContext context) throws IOException {
            JsonNode tree = in.readValueAsTree();
            JsonNode id = tree == null ? null : tree.get(DocumentJson.ID);
            if (id == null || !id.isTextual()) {
                return context.reportInputMismatch(this, DocumentJson.NO_ID);
            }
            try {
                return Document.of(id.textValue(), tree.toString());
            } catch (SyncException e) {
                return context.reportInputMismatch(this, "%s", e.getMessage());
            }
        }
    }
}
