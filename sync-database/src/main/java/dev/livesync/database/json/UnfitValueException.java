package dev.livesync.database.json;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/** Something that a document cannot hold. Each level that it passes on its way out adds its step to the path. */
final class UnfitValueException extends SyncException {
    private static final long serialVersionUID = 1L;

    /** Keys come from users, who may have long ones; a message is a line. */
    private static final int KEY_CHARS = 40;

    private static final int PATH_CHARS = 200;

    private final String what;
    private final StringBuilder path = new StringBuilder();

    UnfitValueException(ErrorKind kind, String what) {
        super(kind, what);
        this.what = what;
    }

    UnfitValueException in(String key) {
        return step(key.matches("[A-Za-z_][A-Za-z0-9_]*") ? "." + Names.shortened(key, KEY_CHARS) : quoted(key));
    }

    UnfitValueException at(int index) {
        return step("[" + index + "]");
    }

    private UnfitValueException step(String step) {
        path.insert(0, step);
        return this;
    }

    private static String quoted(String key) {
        StringBuilder out = new StringBuilder("[");
        JsonStrings.write(Names.shortened(key, KEY_CHARS), out);
        return out.append(']').toString();
    }

    /** The exception for the caller, which names the document. */
    SyncException inDocument(String id) {
        String whole = path.length() <= PATH_CHARS
                ? path.toString()
                : path.substring(0, PATH_CHARS / 2) + "…" + path.substring(path.length() - PATH_CHARS / 2);
        return new SyncException(kind(), Names.document(id) + ", at $" + whole + ": " + what, this);
    }
}
