package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The version and the features, which offers and answers write. */
public final class VersionAndFeatures {
    /** The wire version that this build speaks. */
    public static final int VERSION = 1;

    /** Bytes of an offer's handle. */
    public static final int HANDLE_BYTES = 16;

    private static final int MAX_FEATURES = 64;
    private static final Pattern FEATURE = Pattern.compile("[a-z0-9-]{1,32}");

    private VersionAndFeatures() {}

    /**
     * Checks the version.
     *
     * @param what names the text in messages, such as {@code the offer}
     * @param json the member as read
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is none, {@link ErrorKind#UNSUPPORTED} if it is another one
     */
    public static void requireVersion(String what, @Nullable Object json) {
        if (!(json instanceof Long version)) {
            throw new SyncException(ErrorKind.MALFORMED, what + " has no version");
        }
        if (version != VERSION) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    what + " is of version " + version + " of the protocol; this build knows " + VERSION);
        }
    }

    /**
     * Reads a list of features, of which any may be unknown.
     *
     * @param what names the text in messages
     * @param json the member as read
     * @return the names, each once
     * @throws SyncException {@link ErrorKind#MALFORMED} if it is no list of names
     */
    public static List<String> features(String what, @Nullable Object json) {
        if (!(json instanceof List<?> items) || items.size() > MAX_FEATURES) {
            throw new SyncException(
                    ErrorKind.MALFORMED, what + " has no list of at most " + MAX_FEATURES + " features");
        }
        for (Object item : items) {
            if (!(item instanceof String name) || !FEATURE.matcher(name).matches()) {
                throw new SyncException(ErrorKind.MALFORMED, what + " has a feature that is no name");
            }
        }
        return items.stream().map(String.class::cast).distinct().toList();
    }
}
