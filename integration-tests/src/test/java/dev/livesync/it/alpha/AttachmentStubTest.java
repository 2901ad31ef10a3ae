package dev.livesync.it.alpha;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.erasure.Erasures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A document that names an attachment, in an unmodified alpha: an object like any other, which it stores, edits and sends as it is. */
class AttachmentStubTest {
    private static final byte[] CONTENT = new byte[300_000];

    static {
        new Random(9).nextBytes(CONTENT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.8.0", "0.7.2", "0.6.6"})
    void anAlphaReadsEditsAndPassesOnWhatNamesAnAttachment(String version) throws Exception {
        try (Bench bench = Bench.open(version, 4)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            alpha.put("theirs", 1);
            Attachment photo = hub.database().attachments().put(new ByteArrayInputStream(CONTENT), "image/jpeg");
            hub.write(batch -> batch.put("photo", Map.of("title", "The sea", "image", photo.stub())));
            bench.get(bench.join(alpha, hub).session().backlog());
            bench.pass(Duration.ofSeconds(1));

            ObjectNode read = get(alpha, "photo");
            assertThat(read.path("image"))
                    .isEqualTo(NodeProcess.JSON.readTree(NodeProcess.JSON.writeValueAsString(photo.stub())));

            // An edit, a copy under another id, and a document that names it no more.
            alpha.bench().ask(alpha.command("put").set("doc", read.put("title", "The sea, edited")));
            ObjectNode copy = NodeProcess.JSON.createObjectNode().put("_id", "album");
            copy.set("cover", read.path("image"));
            alpha.bench().ask(alpha.command("put").set("doc", copy));
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.failures()).isEmpty();
            assertThat(hub.database().get("photo").orElseThrow().toMap()).containsEntry("title", "The sea, edited");
            assertContent(hub.database(), "photo", "image");
            assertContent(hub.database(), "album", "cover");

            alpha.bench().ask(alpha.command("put").set("doc", read.deepCopy().without("image")));
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.database().attachments().collect()).isZero();
            assertContent(hub.database(), "album", "cover");
            alpha.del("photo");
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.failures()).isEmpty();
            assertThat(hub.all().keySet()).isEqualTo(alpha.all().keySet()).containsExactlyInAnyOrder("album", "theirs");

            fetchedFrom(hub.database());
        }
    }

    /** To an alpha a record of an erasure is a document. It may delete it, name the content again, or write one itself: what is erased stays so. */
    @ParameterizedTest
    @ValueSource(strings = {"0.8.0", "0.7.2", "0.6.6"})
    void anAlphaTakesWhatIsErasedForDocuments(String version) throws Exception {
        try (Bench bench = Bench.open(version, 5)) {
            Alpha alpha = bench.alpha("alpha");
            Hub hub = bench.hub("hub");
            Database database = hub.database();
            Attachment photo = database.attachments().put(new ByteArrayInputStream(CONTENT), "image/jpeg");
            Attachment other = database.attachments().put(new ByteArrayInputStream(new byte[] {1, 2, 3}), "image/png");
            hub.write(batch -> batch.put("photo", Map.of("title", "The sea", "image", photo.stub()))
                    .put("other", Map.of("image", other.stub())));
            bench.get(bench.join(alpha, hub).session().backlog());
            bench.pass(Duration.ofSeconds(1));
            ObjectNode before = get(alpha, "photo");

            hub.run(() -> database.erasures().erase(List.of("photo")));
            bench.pass(Duration.ofSeconds(1));
            String record = Erasures.IDS + photo.root();
            assertThat(alpha.all().keySet()).containsExactlyInAnyOrder("other", record);
            assertThat(database.erasures().remaining()).isZero();

            alpha.del(record);
            alpha.bench().ask(alpha.command("put").set("doc", before));
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.failures()).isEmpty();
            assertThat(hub.all().keySet()).isEqualTo(alpha.all().keySet()).containsExactlyInAnyOrder("other", "photo");
            assertThat(database.erasures().isErased(photo)).isTrue();
            assertThat(database.attachments().missing(photo)).isEqualTo(CONTENT.length);
            assertThatThrownBy(() -> database.attachments().put(new ByteArrayInputStream(CONTENT), "image/jpeg"))
                    .isInstanceOf(SyncException.class);

            ObjectNode forged = NodeProcess.JSON
                    .createObjectNode()
                    .put("_id", Erasures.IDS + other.root())
                    .put("by", "an alpha");
            alpha.bench().ask(alpha.command("put").set("doc", forged));
            bench.pass(Duration.ofSeconds(1));
            assertThat(hub.failures()).isEmpty();
            assertThat(database.erasures().isErased(other)).isTrue();
            assertThat(hub.all().keySet()).isEqualTo(alpha.all().keySet());
        }
    }

    /** A peer of ours that gets the alpha's document gets the content with it. */
    private static void fetchedFrom(Database there) throws Exception {
        try (Database here = Database.inMemory();
                Sync a = new Sync(here);
                Sync b = new Sync(there)) {
            Session session =
                    a.connect(b.accept(a.offer("memory").join()).join()).get(60, TimeUnit.SECONDS);
            session.backlog().get(60, TimeUnit.SECONDS);
            assertContent(here, "album", "cover");
        }
    }

    private static ObjectNode get(Alpha alpha, String id) {
        JsonNode document = alpha.bench().ask(alpha.command("get").put("id", id));
        return (ObjectNode) document;
    }

    private static void assertContent(Database database, String id, String field) throws IOException {
        Attachment named =
                Attachment.in(database.get(id).orElseThrow().value(), field).orElseThrow();
        try (InputStream in = database.attachments().open(named)) {
            assertThat(in.readAllBytes()).isEqualTo(CONTENT);
        }
    }
}
