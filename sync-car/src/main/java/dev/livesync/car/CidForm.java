package dev.livesync.car;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/** Tells CIDs that {@link Cid} can hold from others and from garbage, without making one. */
final class CidForm {
    /** Makes the exception, so that the message can say what is being read. */
    interface Errors {
        SyncException error(ErrorKind kind, String what, int offset);
    }

    private CidForm() {}

    /**
     * Requires exactly one CID of the known form.
     *
     * @param at index of its first byte
     * @param length how many bytes the CID is said to have
     * @param offset the first byte's offset in the message
     */
    static void require(byte[] in, int at, int length, Errors errors, int offset) {
        if (length >= 2 && in[at] == 0x12 && in[at + 1] == 0x20) {
            throw errors.error(ErrorKind.UNSUPPORTED, "CID version 0", offset);
        }
        if (length >= 1 && in[at] != 1) {
            throw errors.error(ErrorKind.UNSUPPORTED, "CID version " + (in[at] & 0xff), offset);
        }
        if (length >= 2 && in[at + 1] < 0) {
            throw errors.error(ErrorKind.UNSUPPORTED, "CID with a codec of more than one byte", offset);
        }
        if (length >= 3 && in[at + 2] != 0x12) {
            throw errors.error(
                    ErrorKind.UNSUPPORTED,
                    "CID with hash 0x" + Integer.toHexString(in[at + 2] & 0xff) + " (only SHA2-256 is known)",
                    offset);
        }
        if (length >= 4 && in[at + 3] != 0x20) {
            throw errors.error(ErrorKind.MALFORMED, "CID with a digest of " + (in[at + 3] & 0xff) + " bytes", offset);
        }
        if (length != Cid.BYTES) {
            throw errors.error(ErrorKind.MALFORMED, "CID of " + length + " bytes instead of " + Cid.BYTES, offset);
        }
    }
}
