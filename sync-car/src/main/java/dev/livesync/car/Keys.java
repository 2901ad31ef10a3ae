package dev.livesync.car;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/**
 * Document ids and the keys that stand for them in events and trees: charwise's strings, {@code J} and the id with U+0001
 * written twice and U+0000 written as one U+0001.
 *
 * <p>That escaping is not one-to-one: {@code "\0\0"} and {@code "\1"} have the same key. So every key has exactly one id ({@link
 * #toId} after {@link #ofId} gives the id back), and the few ids that would lose to another one are refused here. The alpha never
 * unescapes: it lists a document with a U+0001 in its id under the escaped id, under which it cannot be read. All other ids look
 * the same in both.
 *
 * @see <a href="https://www.npmjs.com/package/charwise">charwise</a>
 */
public final class Keys {
    /**
     * The key of an id that no document has. Events that delete it change no document: they are made to heal the clocks of
     * alpha peers, see ADR 22.
     */
    public static final String RESERVED = "J_livesync/bridge";

    /**
     * How keys begin whose puts erase the content of attachments: the rest of such a key is the text of a content's root, and any complete put of it
     * counts, for ever, whatever it puts. See ADR 52.
     */
    public static final String ERASURES = "J_livesync/erased/";

    private Keys() {}

    /**
     * The key of a document.
     *
     * @param id the document's id, possibly empty
     * @return its key
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if the id has a lone surrogate, or U+0000 directly before U+0000 or
     *     U+0001, or if it is the one that is {@linkplain #RESERVED reserved}
     */
    public static String ofId(String id) {
        if (id.length() + 1 == RESERVED.length() && RESERVED.endsWith(id)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "the document id \"" + id + "\" is reserved");
        }
        if (Utf8.size(id) < 0) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a document id must not have a lone surrogate");
        }
        if (id.indexOf('\0') < 0 && id.indexOf('\1') < 0) {
            return "J" + id;
        }
        StringBuilder key = new StringBuilder(id.length() + 8).append('J');
        for (int i = 0; i < id.length(); i++) {
            char c = id.charAt(i);
            if (c > 1) {
                key.append(c);
                continue;
            }
            if (c == 0 && i + 1 < id.length() && id.charAt(i + 1) <= 1) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT,
                        "a document id must not have U+0000 before U+0000 or U+0001: it would share its key with another id");
            }
            key.append(c == 0 ? "\1" : "\1\1");
        }
        return key.toString();
    }

    /**
     * The id of a document.
     *
     * @param key its key
     * @return its id; {@link #ofId} gives the key back
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if this is no key
     */
    public static String toId(String key) {
        if (!isKey(key)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not the key of a document");
        }
        if (key.indexOf('\1') < 0) {
            return key.substring(1);
        }
        StringBuilder id = new StringBuilder(key.length());
        for (int i = 1; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c > 1) {
                id.append(c);
            } else if (i + 1 < key.length() && key.charAt(i + 1) == 1) {
                id.append('\1');
                i++;
            } else {
                id.append('\0');
            }
        }
        return id.toString();
    }

    /**
     * Whether a string is the key of a document.
     *
     * @param key any string
     * @return true if it starts with {@code J} and has no U+0000, which charwise would have escaped
     */
    public static boolean isKey(String key) {
        return !key.isEmpty() && key.charAt(0) == 'J' && key.indexOf('\0') < 0;
    }
}
