package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of what the command reads and prints. */
final class Sha256 {
    private Sha256() {}

    /** A digest of nothing yet. */
    static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no SHA-256", e);
        }
    }

    /** As the kit's reports have it: {@code sha256:} and 64 hexadecimal digits. */
    static String named(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(digest().digest(bytes));
    }
}
