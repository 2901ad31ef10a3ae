package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where those who join find each other.
 *
 * @param shared the same for all, without the secret
 * @param listening where this one listens
 * @param group the group's name on the local network; empty for a room
 */
record MeetingPlace(String shared, String listening, Optional<String> group) {
    /** A party, and perhaps a room. */
    private static final Pattern ROOM =
            Pattern.compile("(partykit(?:\\+ws)?://[^/?#]+/parties/[^/?#]+)(?:/([^/?#]+))?/?");

    private static final Pattern NETWORK = Pattern.compile("mdns:([A-Za-z0-9._~-]{1,64})");

    /** Encrypted by itself, without a certificate, and dialled on any network without an option. */
    private static final String ANYWHERE = "libp2p:/ip4/0.0.0.0/tcp/0";

    /**
     * Reads the address that was given.
     *
     * @param address without a secret
     * @param listen where to listen on the network; null for any address of this machine
     */
    static MeetingPlace parse(String address, @Nullable String listen) {
        Matcher network = NETWORK.matcher(address);
        if (network.matches()) {
            if (listen != null && listen.indexOf('#') >= 0) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "--listen has no secret: all have that of the address they join");
            }
            return new MeetingPlace(
                    address, listen == null ? ANYWHERE : Reach.address(listen), Optional.of(network.group(1)));
        }
        Matcher room = ROOM.matcher(address);
        if (!room.matches()) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    "that is no room and no network: join takes partykit://HOST/parties/PARTY/ROOM#SECRET, "
                            + "partykit+ws:// for one without TLS, or mdns:NAME#SECRET; listen and dial take other addresses");
        }
        if (listen != null) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "in a room nobody listens elsewhere: --listen is for mdns:");
        }
        String shared =
                room.group(1) + "/" + (room.group(2) == null ? Secrets.random().substring(0, 22) : room.group(2));
        return new MeetingPlace(shared, shared + "/", Optional.empty());
    }
}
