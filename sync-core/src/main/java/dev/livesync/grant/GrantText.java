package dev.livesync.grant;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The text of a file of grants: a line that says what it is, then one line for each grant. Messages tell no secret. */
final class GrantText {
    private static final String WORDS = "livesync grants ";
    private static final String HEADER = WORDS + "1";
    /** Where a grant gives the right to erase, which builds of the first version don't know. */
    private static final String HEADER_WITH_ERASURE = WORDS + "2";

    private static final String VERSION = "2";
    private static final Pattern LATER = Pattern.compile(WORDS + "([3-9]|[1-9][0-9]{1,8})");
    private static final String NEVER = "never";
    private static final String ANYBODY = "anybody";
    private static final String NO_SECRET = "none";

    private GrantText() {}

    static byte[] write(List<Grant> grants) {
        StringBuilder text = new StringBuilder(
                        grants.stream().anyMatch(grant -> grant.rights().canErase()) ? HEADER_WITH_ERASURE : HEADER)
                .append('\n');
        for (Grant grant : grants) {
            String peers = grant.peers().stream()
                    .map(peer -> peer.scheme() + ":" + peer.name())
                    .sorted()
                    .collect(Collectors.joining(","));
            text.append(String.join(
                            " ",
                            grant.name(),
                            word(grant.rights()),
                            grant.expires().map(Instant::toString).orElse(NEVER),
                            peers.isEmpty() ? ANYBODY : peers,
                            grant.hasSecret() ? grant.secret() : NO_SECRET))
                    .append('\n');
        }
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads the text.
     *
     * @param name the file's, for messages
     * @throws SyncException {@link ErrorKind#CORRUPT} with file, line and offset; {@link ErrorKind#UNSUPPORTED} for a later version
     */
    static List<Grant> read(String name, byte[] bytes) {
        List<Grant> grants = List.of();
        int line = 0;
        int at = 0;
        while (at < bytes.length || line == 0) {
            line++;
            int end = at;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            String where = name + ", line " + line + " (offset " + at + ")";
            if (end == bytes.length) {
                throw corrupt(where + " breaks off");
            }
            String text = new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
            if (line == 1) {
                if (LATER.matcher(text).matches()) {
                    throw new SyncException(
                            ErrorKind.UNSUPPORTED,
                            where + " says version " + text.substring(WORDS.length()) + "; this build reads version "
                                    + VERSION + "; use a newer build for these grants");
                }
                if (!text.equals(HEADER) && !text.equals(HEADER_WITH_ERASURE)) {
                    throw corrupt(where + " isn't \"" + HEADER + "\": this is no file of grants");
                }
            } else {
                grants = add(grants, where, text);
            }
            at = end + 1;
        }
        return grants;
    }

    private static List<Grant> add(List<Grant> grants, String where, String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 5) {
            throw corrupt(where + " has " + words.length + " words; a grant has 5");
        }
        try {
            return GrantLists.with(
                    grants,
                    new Grant(
                            words[0],
                            words[4].equals(NO_SECRET) ? "" : secret(words[4]),
                            rights(words[1]),
                            expires(words[2]),
                            peers(words[3])));
        } catch (SyncException e) {
            throw new SyncException(ErrorKind.CORRUPT, where + ": " + e.getMessage(), e);
        }
    }

    private static String secret(String word) {
        if (word.isEmpty()) {
            throw corrupt("the fifth word is neither \"" + NO_SECRET + "\" nor a secret");
        }
        return word;
    }

    private static String word(Rights rights) {
        return switch (rights) {
            case READ -> "read-only";
            case WRITE -> "write-only";
            case READ_WRITE -> "read-write";
            case READ_WRITE_ERASE -> "read-write-erase";
        };
    }

    private static Rights rights(String word) {
        for (Rights rights : Rights.values()) {
            if (word(rights).equals(word)) {
                return rights;
            }
        }
        throw corrupt("the second word is none of read-only, write-only, read-write, read-write-erase");
    }

    private static Optional<Instant> expires(String word) {
        if (word.equals(NEVER)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(word));
        } catch (DateTimeException e) {
            throw corrupt("the third word is neither \"" + NEVER + "\" nor a time such as 2030-12-31T00:00:00Z");
        }
    }

    private static Set<PeerIdentity> peers(String word) {
        Set<PeerIdentity> peers = new HashSet<>();
        if (!word.equals(ANYBODY)) {
            for (String peer : word.split(",", -1)) {
                int colon = peer.indexOf(':');
                if (colon < 0) {
                    throw corrupt("the fourth word is neither \"" + ANYBODY + "\" nor a list of identities");
                }
                peers.add(new PeerIdentity(peer.substring(0, colon), peer.substring(colon + 1)));
            }
        }
        return peers;
    }

    private static SyncException corrupt(String what) {
        return new SyncException(ErrorKind.CORRUPT, what);
    }
}
