package dev.livesync.cli;

import dev.livesync.api.internal.Digests;
import java.util.HexFormat;

/** SHA-256 as people write it. */
final class Sha256 {
    private Sha256() {}

    /** As the kit's reports have it: {@code sha256:} and 64 hexadecimal digits. */
    static String named(byte[] bytes) {
        return "sha256:" + HexFormat.of().formatHex(Digests.sha256(bytes));
    }
}
