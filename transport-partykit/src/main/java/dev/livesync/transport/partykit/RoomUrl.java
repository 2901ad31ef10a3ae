package dev.livesync.transport.partykit;

/**
 * Where a room is.
 *
 * @param secure whether it asks for TLS
 * @param host a name or a literal, IPv6 without brackets
 * @param port 1 to 65,535
 * @param party the class of rooms
 * @param name of the room
 */
record RoomUrl(boolean secure, String host, int port, String party, String name) {
    /** What is asked for in the request. */
    String path() {
        return "/parties/" + party + "/" + name;
    }

    /** The value of the Host header: the port only where it is not the scheme's own. */
    String authority() {
        String bracketed = host.indexOf(':') >= 0 ? '[' + host + ']' : host;
        return port == (secure ? 443 : 80) ? bracketed : bracketed + ':' + port;
    }

    @Override
    public String toString() {
        return (secure ? RoomAddress.SECURE : RoomAddress.PLAIN) + "://" + authority() + path();
    }
}
