package dev.livesync.core.seal;

import dev.livesync.core.handshake.LengthPrefixed;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What both ends have to know alike before they say anything; where they don't, the handshake fails as with a wrong secret.
 *
 * @param offerHash SHA-256 of the offer's text; empty where an address was dialled
 * @param answerHash SHA-256 of the answer's text; empty where an address was dialled
 * @param database what the database is called; empty where the user gave it no name
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Prologue(byte[] offerHash, byte[] answerHash, String database) {
    private static final String LABEL = "livesync/sealed/1";

    /**
     * The prologue of an address that is dialled.
     *
     * @param database what the database is called; empty where the user gave it no name
     * @return without hashes
     */
    public static Prologue address(String database) {
        return new Prologue(new byte[0], new byte[0], database);
    }

    /** The bytes for Noise: every item preceded by its length as four bytes, big-endian. */
    byte[] bytes() {
        return LengthPrefixed.join(List.of(
                LABEL.getBytes(StandardCharsets.US_ASCII),
                "acceptor".getBytes(StandardCharsets.US_ASCII), // who initiates
                offerHash,
                answerHash,
                database.getBytes(StandardCharsets.UTF_8)));
    }
}
