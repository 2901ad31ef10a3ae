package dev.livesync.database.versions;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@link ConflictResolver} says. Immutable, as far as the map that it was given is; any thread. */
public final class Resolution {
    private static final Resolution DELETION = new Resolution(null, null, null, false);
    private static final Resolution UNDECIDED = new Resolution(null, null, null, true);

    private final @Nullable ConflictVersion version;
    private final @Nullable String json;
    private final @Nullable Map<String, ?> fields;
    private final boolean undecided;

    private Resolution(
            @Nullable ConflictVersion version,
            @Nullable String json,
            @Nullable Map<String, ?> fields,
            boolean undecided) {
        this.version = version;
        this.json = json;
        this.fields = fields;
        this.undecided = undecided;
    }

    /**
     * One of the versions as it is, a deletion among them.
     *
     * @param version one of those that the resolver was given
     * @return the resolution
     */
    public static Resolution take(ConflictVersion version) {
        return new Resolution(Objects.requireNonNull(version, "version"), null, null, false);
    }

    /**
     * A content of its own.
     *
     * @param json as {@link dev.livesync.database.Database#put(String, String)} takes it; a {@code _clock} counts for nothing
     * @return the resolution
     */
    public static Resolution put(String json) {
        return new Resolution(null, Objects.requireNonNull(json, "json"), null, false);
    }

    /**
     * A content of its own.
     *
     * @param fields as {@link dev.livesync.database.Database#put(String, Map)} takes them; not copied
     * @return the resolution
     */
    public static Resolution put(Map<String, ?> fields) {
        return new Resolution(null, null, Objects.requireNonNull(fields, "fields"), false);
    }

    /**
     * No document.
     *
     * @return the resolution
     */
    public static Resolution delete() {
        return DELETION;
    }

    /**
     * Nothing: the conflict stays, for somebody else to settle.
     *
     * @return the resolution
     */
    public static Resolution undecided() {
        return UNDECIDED;
    }

    /**
     * The version that was {@linkplain #take taken}.
     *
     * @return empty if none was
     */
    public Optional<ConflictVersion> version() {
        return Optional.ofNullable(version);
    }

    /**
     * The content as JSON.
     *
     * @return empty if it isn't {@link #put(String)}
     */
    public Optional<String> json() {
        return Optional.ofNullable(json);
    }

    /**
     * The content as a map.
     *
     * @return empty if it isn't {@link #put(Map)}
     */
    public Optional<Map<String, ?>> fields() {
        return Optional.ofNullable(fields);
    }

    /**
     * Whether the conflict stays.
     *
     * @return true for {@link #undecided()}
     */
    public boolean isUndecided() {
        return undecided;
    }

    @Override
    public String toString() {
        if (undecided) {
            return "undecided";
        }
        if (version != null) {
            return "take " + version.event();
        }
        return json == null && fields == null ? "delete" : "put";
    }
}
