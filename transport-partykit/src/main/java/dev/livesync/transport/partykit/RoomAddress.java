package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A seat in a room: {@code partykit://HOST/parties/PARTY/ROOM/SEAT}.
 *
 * @param room where it is
 * @param seat its name; empty for any that is free
 */
record RoomAddress(RoomUrl room, String seat) {
    static final String SECURE = "partykit";
    static final String PLAIN = "partykit+ws";

    private static final int MAX_LENGTH = 1_024;
    private static final Pattern PATH =
            Pattern.compile("/parties/([A-Za-z0-9_-]{1,64})/([A-Za-z0-9_.~-]{1,128})/([A-Za-z0-9_-]{0,64})");
    private static final Pattern SEAT = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    static boolean isSeat(String text) {
        return SEAT.matcher(text).matches();
    }

    /** Reads an address that came without query and fragment; those, and credentials, are refused. */
    static RoomAddress parse(String text) {
        URI uri;
        try {
            if (text.length() > MAX_LENGTH) {
                throw unusable(text, "it is longer than " + MAX_LENGTH + " characters");
            }
            uri = new URI(text);
        } catch (URISyntaxException
                | NumberFormatException e) { // the latter for an IPv6 address with a very long number in it
            throw unusable(text, "it is no URI");
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        boolean secure = scheme.equals(SECURE);
        if (!secure && !scheme.equals(PLAIN)) {
            throw unusable(text, "it must start with " + SECURE + ":// or " + PLAIN + "://");
        }
        // Not shown from here on: what stands in these places may be a secret.
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw unusable(scheme + "://…", "credentials, query and fragment do not belong to the transport");
        }
        if (uri.getHost() == null) {
            throw unusable(text, "it names no host");
        }
        int port = uri.getPort() == -1 ? (secure ? 443 : 80) : uri.getPort();
        if (port < 1 || port > 65_535) {
            throw unusable(text, "there is no port " + port);
        }
        Matcher path = PATH.matcher(uri.getRawPath() == null ? "" : uri.getRawPath());
        if (!path.matches()) {
            throw unusable(text, "what follows the host must be /parties/PARTY/ROOM/SEAT");
        }
        String host = uri.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        if (path.group(2).equals(".") || path.group(2).equals("..")) {
            throw unusable(text, "that is no name of a room");
        }
        return new RoomAddress(new RoomUrl(secure, bare, port, path.group(1), path.group(2)), path.group(3));
    }

    RoomAddress withSeat(String other) {
        return new RoomAddress(room, other);
    }

    @Override
    public String toString() {
        return room + "/" + seat;
    }

    private static SyncException unusable(String text, String why) {
        return new SyncException(
                ErrorKind.CONFIGURATION, "not a usable address: '" + RoomFailures.shown(text) + "': " + why);
    }
}
