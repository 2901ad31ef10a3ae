package dev.livesync.core.multiplex;

import dev.livesync.api.internal.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What stands for a database's name on one connection: a hash of the name and of the connection's salt. So whoever reads along sees no name, can
 * only try names that it guesses, and doesn't see that two connections are for the same.
 */
final class NameToken {
    static final int BYTES = 16;

    private static final byte[] LABEL = "livesync shared connection 1 name".getBytes(StandardCharsets.US_ASCII);

    private NameToken() {}

    static byte[] of(byte[] salt, String name) {
        return Arrays.copyOf(Digests.sha256(LABEL, salt, name.getBytes(StandardCharsets.UTF_8)), BYTES);
    }
}
