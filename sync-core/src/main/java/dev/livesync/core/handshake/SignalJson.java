package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The transport's part of a signal as members of a JSON object, as a browser's RTCSessionDescription has it. */
final class SignalJson {
    private static final int MAX_NAME = 64;

    private SignalJson() {}

    /** The members, in order; the caller's own. */
    static Map<String, @Nullable Object> write(Signal signal) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("type", name(signal.kind()));
        json.putAll(signal.fields());
        return json;
    }

    /** Takes the type away; fails as MALFORMED if it is another one. */
    static void requireType(String what, Signal.Kind expected, Map<String, @Nullable Object> json) {
        if (!name(expected).equals(json.remove("type"))) {
            Signal.Kind other = expected == Signal.Kind.OFFER ? Signal.Kind.ANSWER : Signal.Kind.OFFER;
            throw new SyncException(
                    ErrorKind.MALFORMED, what + " is none: it does not say so, and may be an " + name(other));
        }
    }

    /** The rest. What is no text, which no transport writes, is left out, and so is our part. */
    static Signal signal(Signal.Kind kind, Map<String, @Nullable Object> json) {
        Map<String, String> fields = new LinkedHashMap<>();
        json.forEach((name, value) -> {
            if (value instanceof String s && !name.isEmpty() && name.length() <= MAX_NAME && !name.equals("livesync")) {
                fields.put(name, s);
            }
        });
        return new Signal(kind, fields);
    }

    static String name(Signal.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
