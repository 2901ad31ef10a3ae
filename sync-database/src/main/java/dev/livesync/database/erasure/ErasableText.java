package dev.livesync.database.erasure;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.attachments.Attachments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.random.RandomGenerator;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A text in a document that can be erased though events can't: it is encrypted with a key of its own, and the key is an attachment. Who may read the document and fetch attachments can
 * read it. When the key is {@linkplain Erasures erased} nobody can.
 *
 * <pre>{@code {"_sealed":"…base64…","key":{"_attachment":"bafkrei…","size":32,"type":"application/octet-stream"}}}</pre>
 *
 * <p>AES-256 in GCM. A key encrypts one text, so the nonce is zero. The length of the text can be seen. To change the text, seal it anew.
 *
 * <p>Static and stateless; any thread.
 */
public final class ErasableText {
    /** The member that holds the encrypted text. */
    public static final String SEALED = "_sealed";

    private static final String KEY = "key";
    private static final String TYPE = "application/octet-stream";
    private static final int KEY_BYTES = 32;
    private static final int TAG_BITS = 128;
    private static final byte[] NONCE = new byte[12];

    private ErasableText() {}

    /**
     * Encrypts a text, and stores the key.
     *
     * @param attachments of the database where the document goes
     * @param text what to encrypt
     * @param random where the key comes from: a {@link java.security.SecureRandom}, for whoever guesses the key reads the text
     * @return what to put into a document, under any field; immutable
     * @throws SyncException as {@link Attachments#put(InputStream, String)}
     */
    public static Map<String, Object> seal(Attachments attachments, String text, RandomGenerator random) {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key).doFinal(text.getBytes(StandardCharsets.UTF_8));
            Attachment stored = attachments.put(new ByteArrayInputStream(key), TYPE);
            return Map.of(SEALED, Base64.getEncoder().encodeToString(sealed), KEY, stored.stub());
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "this JVM has no AES/GCM", e);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.STORAGE, "cannot store a key", e);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * Reads a text. A key that isn't here is fetched from peers.
     *
     * @param attachments of the database that the document is from
     * @param document the content, as {@link dev.livesync.database.Document#value()} has it
     * @param field where the text is
     * @return the text
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is no such field, it holds no sealed text, or the key is erased or nowhere; {@link ErrorKind#MALFORMED} if key and text don't belong together; as {@link Attachments#open}
     */
    public static String open(Attachments attachments, Value.Mapping document, String field) {
        if (!(document.entries().get(field) instanceof Value.Mapping sealed)
                || !(sealed.entries().get(SEALED) instanceof Value.Text text)) {
            throw new SyncException(ErrorKind.NOT_FOUND, "there is no sealed text under \"" + field + "\"");
        }
        Attachment key = Attachment.in(sealed, KEY)
                .filter(found -> found.size() == KEY_BYTES)
                .orElseThrow(() ->
                        new SyncException(ErrorKind.MALFORMED, "the sealed text under \"" + field + "\" names no key"));
        byte[] bytes = new byte[0];
        try (InputStream in = attachments.open(key)) {
            bytes = in.readNBytes(KEY_BYTES);
            byte[] opened = cipher(Cipher.DECRYPT_MODE, bytes)
                    .doFinal(Base64.getDecoder().decode(text.value()));
            return new String(opened, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new SyncException(
                    ErrorKind.MALFORMED, "the sealed text under \"" + field + "\" is none of its key's", e);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.STORAGE, "cannot read a key", e);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static Cipher cipher(int mode, byte[] key) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BITS, NONCE));
        return cipher;
    }
}
