package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.json.Json;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The first message of either side.
 *
 * @param role who says it
 * @param nonce 32 random bytes as base64url
 * @param features what the side can do
 * @param window the first grant of credit, in bytes
 * @param binding which connection the side sees itself at the end of, as {@link SeenBinding} writes it; null if it doesn't say
 * @param offer the handle of the offer that the acceptor took up; null in the proposer's, and where an address was dialled
 * @param answer the SHA-256 of the answer's text as base64url; null as above
 */
public record Hello(
        Role role,
        String nonce,
        List<String> features,
        long window,
        @Nullable String binding,
        @Nullable String offer,
        @Nullable String answer) {
    /** The longest hello, in bytes. */
    public static final int MAX_BYTES = 4096;

    private static final long MAX_WINDOW = 1L << 53;

    /** Copies the features. */
    public Hello {
        features = List.copyOf(features);
    }

    byte[] write() {
        Map<String, @Nullable Object> hello = new LinkedHashMap<>();
        hello.put("version", VersionAndFeatures.VERSION);
        hello.put("role", role.word());
        hello.put("nonce", nonce);
        hello.put("features", features);
        hello.put("window", window);
        if (binding != null) {
            hello.put("binding", binding);
        }
        if (offer != null) {
            hello.put("offer", offer);
        }
        if (answer != null) {
            hello.put("answer", answer);
        }
        return Json.write(Map.of("hello", hello)).getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads a hello. Fails with {@link ErrorKind#MALFORMED} if it isn't one, with {@link ErrorKind#UNSUPPORTED} if it has a later version. */
    static Hello read(byte[] message) {
        if (message.length > MAX_BYTES) {
            throw malformed("the hello has " + message.length + " bytes; at most " + MAX_BYTES + " are read");
        }
        if (!(Json.read("the hello", utf8(message)).get("hello") instanceof Map<?, ?> hello)) {
            throw malformed("the message is no hello");
        }
        VersionAndFeatures.requireVersion("the hello", hello.get("version"));
        if (!(hello.get("nonce") instanceof String nonce) || !Tokens.isToken(nonce, Tokens.BYTES)) {
            throw malformed("the hello has no nonce");
        }
        if (!(hello.get("window") instanceof Long window) || window < 0 || window > MAX_WINDOW) {
            throw malformed("the hello has no window");
        }
        return new Hello(
                role(hello.get("role")),
                nonce,
                VersionAndFeatures.features("the hello", hello.get("features")),
                window,
                binding(hello.get("binding")),
                token(hello, "offer", VersionAndFeatures.HANDLE_BYTES),
                token(hello, "answer", Tokens.BYTES));
    }

    private static Role role(@Nullable Object word) {
        for (Role role : Role.values()) {
            if (role.word().equals(word)) {
                return role;
            }
        }
        throw malformed("the hello has no role");
    }

    private static @Nullable String binding(@Nullable Object value) {
        if (value == null || (value instanceof String text && SeenBinding.isOne(text))) {
            return (String) value;
        }
        throw malformed("the hello's binding is none");
    }

    private static @Nullable String token(Map<?, ?> hello, String name, int bytes) {
        Object value = hello.get(name);
        if (value == null) {
            return null;
        }
        if (value instanceof String text && Tokens.isToken(text, bytes)) {
            return text;
        }
        throw malformed("the hello's " + name + " is none");
    }

    static String utf8(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw malformed("the message is not UTF-8");
        }
    }

    private static SyncException malformed(String message) {
        return new SyncException(ErrorKind.MALFORMED, message);
    }
}
