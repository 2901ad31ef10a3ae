package dev.livesync.api;

/**
 * What went wrong, as far as a program can act on it. Every {@link SyncException} has exactly one.
 *
 * <p>Kinds are part of the contract: code may switch on them, so one is never reused for another meaning. New kinds may
 * be added; a switch needs a default, which {@link #isTransient} is for. {@code docs/errors.md} says which kind each side
 * sees for every way in which a connection ends.
 */
public enum ErrorKind {
    /** Bytes from a peer or a file are not of the format they claim. Nothing of them was applied. Not transient. */
    MALFORMED(false),
    /** A block's bytes do not hash to the CID it was announced under. The block was dropped. Not transient. */
    HASH_MISMATCH(false),
    /**
     * A stated or actual size, count or depth is over a configured limit. Nothing beyond the limit was kept. Not transient: the
     * same data meets the same limit.
     */
    LIMIT_EXCEEDED(false),
    /** Well-formed, but of a version, codec, hash or feature that this build does not know. Not transient. */
    UNSUPPORTED(false),
    /**
     * What was asked for by name (document, block, file, cursor's event, an offer that is no longer open) does not exist. Not
     * transient.
     */
    NOT_FOUND(false),
    /**
     * An optimistic write lost: the document changed since the clock that the writer had read. Transient: read again, then write
     * again.
     */
    CONFLICT(true),
    /** A local argument can never be valid, such as a document that JSON cannot express. Not transient. */
    INVALID_ARGUMENT(false),
    /**
     * The operating system refused to read or write, here or, as the message says then, at the peer: full disk, permission, I/O
     * error. Transient: space may be made while one waits.
     */
    STORAGE(true),
    /** What this store wrote earlier no longer verifies. The message names the file and the offset or the CID. Not transient. */
    CORRUPT(false),
    /** A directory, address or port is held by somebody else. Transient: they may let go of it. */
    IN_USE(true),
    /**
     * The other end did not prove that it knows the secret, said that we did not, or is not who it had to be. A connection that
     * merely broke is never of this kind. Not transient: it takes the right secret.
     */
    AUTHENTICATION(false),
    /**
     * Somebody turns us away, or we them: too many callers at once, a foreign origin, a server or a proxy that answers with
     * something else, an address that a policy of this side forbids. Transient: places become free and servers come back. Where
     * it was a policy of this side, which the message says, only another policy helps.
     */
    REFUSED(true),
    /** Nobody answers at the address. Transient. */
    UNREACHABLE(true),
    /** The channel or the peer went away before the work was done. Transient. */
    DISCONNECTED(true),
    /** The inbound queue of a channel that cannot push back was full; the channel is closed. Transient. */
    OVERFLOW(true),
    /** It did not happen within its deadline. Transient. */
    TIMEOUT(true),
    /** The caller cancelled it. Not transient. */
    CANCELLED(false),
    /** The object was closed before or during the call, on this side. Not transient. */
    CLOSED(false),
    /** Unknown transport, unusable address, contradictory options. Not transient. */
    CONFIGURATION(false),
    /**
     * A cursor points before the oldest change that the feed still has. Transient: start again from a snapshot.
     */
    CURSOR_EXPIRED(true),
    /** A defect of this library or of code that was plugged into it. Not transient. */
    INTERNAL(false);

    private final boolean passing;

    ErrorKind(boolean passing) {
        this.passing = passing;
    }

    /**
     * Whether it may help to wait and to begin the same undertaking again, from its start, though nobody has changed anything
     * on this side: what was in the way is at the other end, on the way there, or of the moment. A loop that keeps a connection
     * up goes on after these, with longer and longer pauses, and stops to ask somebody after the others.
     *
     * @return true if trying again can help
     */
    public boolean isTransient() {
        return passing;
    }
}
