package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * LiveSync's part of a signal, the member {@code livesync}. It shows that the other end is a LiveSync peer. An alpha ignores it.
 *
 * @param id the handle of the offer; its answer repeats it
 * @param transport which transport the exchange is for
 * @param secret this side's secret
 * @param features what this side can do, for people and logs: what counts is said in the handshake
 * @param address where to dial; null in answers and where the transport signals for itself
 */
public record Extension(
        String id,
        String transport,
        Secret secret,
        List<String> features,
        @Nullable String address) {
    private static final int MAX_ADDRESS = 2048;
    private static final Pattern TRANSPORT = Pattern.compile("[a-z0-9-]{1,64}");

    /** Copies the features. */
    public Extension {
        features = List.copyOf(features);
    }

    Map<String, @Nullable Object> toJson() {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("version", VersionAndFeatures.VERSION);
        json.put("id", id);
        json.put("transport", transport);
        json.put("secret", secret.text());
        json.put("features", features);
        if (address != null) {
            json.put("address", address);
        }
        return json;
    }

    static Extension fromJson(String what, @Nullable Object json) {
        if (!(json instanceof Map<?, ?> members)) {
            throw malformed(what, "is no object");
        }
        VersionAndFeatures.requireVersion(what, members.get("version"));
        String id = text(what, members, "id");
        if (!Tokens.isToken(id, VersionAndFeatures.HANDLE_BYTES)) {
            throw malformed(what, "has an id that is no handle");
        }
        String transport = text(what, members, "transport");
        if (!TRANSPORT.matcher(transport).matches()) {
            throw malformed(what, "names a transport that cannot be one");
        }
        Secret secret = Secret.parse(what + "'s secret", ErrorKind.MALFORMED, text(what, members, "secret"));
        String address = members.containsKey("address") ? text(what, members, "address") : null;
        if (address != null && (address.length() > MAX_ADDRESS || !isAddress(address))) {
            throw malformed(what, "has an address that cannot be one");
        }
        return new Extension(
                id, transport, secret, VersionAndFeatures.features(what, members.get("features")), address);
    }

    /** Whether the text is printable ASCII with a scheme and without query and fragment; no transport gets to see those. */
    private static boolean isAddress(String text) {
        return text.indexOf(':') > 0
                && text.chars().allMatch(c -> c > 0x20 && c < 0x7f && c != '#' && c != '?' && c != '"' && c != '\\');
    }

    private static String text(String what, Map<?, ?> members, String name) {
        if (members.get(name) instanceof String text) {
            return text;
        }
        throw malformed(what, "has no " + name);
    }

    private static SyncException malformed(String what, String problem) {
        return new SyncException(ErrorKind.MALFORMED, what + " " + problem);
    }
}
