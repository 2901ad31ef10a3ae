package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.VersionState;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** How a version of a document is printed. */
final class VersionLines {
    /** Under this id the events are told that change no document. */
    private static final String MERGES = "_livesync/bridge";

    private VersionLines() {}

    /** What it did: a word. */
    static String verb(DocumentVersion version) {
        if (version.id().equals(MERGES)) {
            return "merge";
        }
        return version.isDeletion() ? "delete" : "put";
    }

    /** The event, what it did, and to which document; and a word where that isn't history. */
    static String line(DocumentVersion version) {
        String verb = verb(version);
        return version.event() + " " + verb
                + (verb.equals("merge") ? "" : " " + JsonOutput.line(version.id()) + mark(version));
    }

    private static String mark(DocumentVersion version) {
        return switch (version.state()) {
            case CURRENT -> " holds";
            case CONFLICTING -> " lost";
            case OVERWRITTEN -> "";
        };
    }

    /** The same with the content. */
    static String lineWithContent(DocumentVersion version) {
        return line(version) + version.json().map(json -> " " + json).orElse("");
    }

    /** For programs; the content only where it is asked for. */
    static Map<String, Object> fields(DocumentVersion version, boolean withContent) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("event", version.event().toString());
        fields.put("did", verb(version));
        if (!verb(version).equals("merge")) {
            fields.put("id", version.id());
        }
        fields.put("state", state(version.state()));
        fields.put("parents", version.parents().stream().map(Cid::toString).toList());
        if (withContent) {
            version.json().ifPresent(json -> fields.put("document", new JsonOutput.RawJson(json)));
        }
        return fields;
    }

    private static String state(VersionState state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
