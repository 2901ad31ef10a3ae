package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.database.erasure.ErasableText;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A text goes with its key. */
@ExtendWith(Quiet.class)
class ErasableTextTest {
    private static final String TEXT = "what somebody may want to have unsaid, \u00e4\ud83d\ude00";

    @TempDir
    private Path root;

    private static String open(Database db, String id) {
        return ErasableText.open(db.attachments(), db.get(id).orElseThrow().value(), "note");
    }

    @Test
    void itIsReadUntilItsKeyIsErased() {
        Path directory = root.resolve("db");
        byte[] key = new byte[32];
        new Random(1).nextBytes(key);
        try (Database db = Database.open(directory)) {
            db.put("n", Map.of("note", ErasableText.seal(db.attachments(), TEXT, new Random(1))));
            assertThat(open(db, "n")).isEqualTo(TEXT);
            assertThat(Remains.in(directory, key)).isEqualTo(4);
            assertThat(Remains.in(directory, TEXT.getBytes(StandardCharsets.UTF_8)))
                    .isZero();
            Document document = db.get("n").orElseThrow();
            db.erasures().erase(List.of("n"));
            assertThat(Remains.in(directory, key)).isZero();
            assertKind(ErrorKind.NOT_FOUND, () -> ErasableText.open(db.attachments(), document.value(), "note"));
        }
    }

    /** Whoever has no LiveSync can read it, given the key. */
    @Test
    void itIsAesInGcm() throws Exception {
        byte[] key = new byte[32];
        new Random(2).nextBytes(key);
        try (Database db = Database.inMemory()) {
            String sealed = (String)
                    ErasableText.seal(db.attachments(), TEXT, new Random(2)).get("_sealed");
            Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, new byte[12]));
            assertThat(new String(cipher.doFinal(Base64.getDecoder().decode(sealed)), StandardCharsets.UTF_8))
                    .isEqualTo(TEXT);
        }
    }

    @Test
    void whatIsNoneIsSaid() {
        try (Database db = Database.inMemory()) {
            Map<String, Object> one = ErasableText.seal(db.attachments(), TEXT, new Random(3));
            Map<String, Object> other = ErasableText.seal(db.attachments(), TEXT, new Random(4));
            db.put("mixed", Map.of("note", Map.of("_sealed", one.get("_sealed"), "key", other.get("key"))));
            db.put("text", Map.of("note", Map.of("_sealed", "no base64", "key", one.get("key"))));
            db.put("keyless", Map.of("note", Map.of("_sealed", one.get("_sealed"))));
            db.put("plain", Map.of("note", TEXT));
            assertKind(ErrorKind.MALFORMED, () -> open(db, "mixed"));
            assertKind(ErrorKind.MALFORMED, () -> open(db, "text"));
            assertKind(ErrorKind.MALFORMED, () -> open(db, "keyless"));
            assertKind(ErrorKind.NOT_FOUND, () -> open(db, "plain"));
        }
    }
}
