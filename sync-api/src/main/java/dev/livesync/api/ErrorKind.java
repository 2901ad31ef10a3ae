package dev.livesync.api;

/**
 * What went wrong, as far as a program can act on it. Every {@link SyncException} has exactly one.
 *
 * <p>Kinds are part of the contract: code may switch on them, so one is never reused for another meaning. New kinds may
 * be added; a switch needs a default.
 */
public enum ErrorKind {
    /** Bytes from a peer or a file are not of the format they claim. Nothing of them was applied. */
    MALFORMED,
    /** A block's bytes do not hash to the CID it was announced under. The block was dropped. */
    HASH_MISMATCH,
    /** A stated or actual size, count or depth is over a configured limit. Nothing beyond the limit was kept. */
    LIMIT_EXCEEDED,
    /** Well-formed, but of a version, codec, hash or feature that this build does not know. */
    UNSUPPORTED,
    /** What was asked for by name (document, block, file, cursor's event) does not exist here. */
    NOT_FOUND,
    /** An optimistic write lost: the document changed since the clock that the writer had read. */
    CONFLICT,
    /** A local argument can never be valid, such as a document that JSON cannot express. */
    INVALID_ARGUMENT,
    /** The operating system refused to read or write: full disk, permission, I/O error. */
    STORAGE,
    /** What this store wrote earlier no longer verifies. The message names the file and the offset or the CID. */
    CORRUPT,
    /** A directory, address or port is held by somebody else. */
    IN_USE,
    /** The other end did not prove that it knows the secret, or is not who it had to be. */
    AUTHENTICATION,
    /** A local policy forbids it: a foreign origin, an address outside the policy, too many unproved peers. */
    REFUSED,
    /** Nobody answers at the address. */
    UNREACHABLE,
    /** The channel or the peer went away before the work was done. */
    DISCONNECTED,
    /** The inbound queue of a channel that cannot push back was full; the channel is closed. */
    OVERFLOW,
    /** It did not happen within its deadline. */
    TIMEOUT,
    /** The caller cancelled it. */
    CANCELLED,
    /** The object was closed before or during the call. */
    CLOSED,
    /** Unknown transport, unusable address, contradictory options. */
    CONFIGURATION,
    /** A cursor points before the oldest change that the feed still has; start again from a snapshot. */
    CURSOR_EXPIRED,
    /** A defect of this library or of code that was plugged into it. */
    INTERNAL
}
