package dev.livesync.api.transport;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Set;

/**
 * Announces a transport to {@link java.util.ServiceLoader}, or is handed to the core as an instance that carries its
 * configuration.
 *
 * <p>Implementations have a public constructor without parameters. Neither it nor any method but {@link #open} may touch
 * native libraries, start threads, open sockets or read files: listing the providers of an application must cost nothing
 * and cannot fail. Any thread may call any method.
 */
public interface TransportProvider {
    /**
     * The name by which a user or an offer chooses this transport.
     *
     * @return lower-case ASCII letters, digits and hyphens, such as {@code websocket}; the same for ever
     */
    String id();

    /**
     * The address schemes this transport listens at and dials.
     *
     * @return schemes without the colon, lower case, such as {@code ws} and {@code wss}; empty for a transport that has no
     *     addresses
     */
    Set<String> schemes();

    /**
     * Where the core listens on behalf of an offer when the user has not said where: within this machine, at any free port
     * or name.
     *
     * @return an address that {@link DialingTransport#listen} takes; unless overridden {@code SCHEME://127.0.0.1:0/} with
     *     the first of the {@link #schemes} in text order. Unused where there is none
     */
    default String localAddress() {
        return schemes().stream().min(String::compareTo).orElse("") + "://127.0.0.1:0/";
    }

    /**
     * What the transport can do beyond the least.
     *
     * @return the features; the kit tests that each is there, and that the absence of the others is refused cleanly
     */
    Set<TransportFeature> features();

    /**
     * Whether an offer that names no transport was written for this one, as WebRTC recognizes the alpha's
     * {@code {"type":"offer","sdp":…}}. Looks only at the signal; never connects.
     *
     * @param offer somebody's offer, not trusted
     * @return false for whatever is not certainly this transport's
     */
    default boolean recognizes(Signal offer) {
        return false;
    }

    /**
     * Makes the transport ready for use. May load natives and start threads; opens no socket yet.
     *
     * @param context the core's executor, scheduler and limits
     * @return a transport that the caller closes
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if something it needs is not there (a native library, say), with
     *     what to install in the message; nothing is left running then
     */
    Transport open(TransportContext context);
}
