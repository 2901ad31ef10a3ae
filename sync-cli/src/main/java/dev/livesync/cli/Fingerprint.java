package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.internal.Digests;
import dev.livesync.database.Database;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * The content of a database, read document by document. Two are equal if and only if the exports and the heads are, independently of the
 * sync engine.
 *
 * @param documents how many
 * @param digest SHA-256 of what {@code export} prints
 * @param heads the clock, in text form
 */
record Fingerprint(long documents, String digest, List<String> heads) {
    static Fingerprint of(Database database) {
        MessageDigest sha256 = Digests.newSha256();
        long[] documents = {0};
        database.forEach(document -> {
            sha256.update((JsonOutput.document(document) + "\n").getBytes(StandardCharsets.UTF_8));
            documents[0]++;
        });
        return new Fingerprint(
                documents[0],
                HexFormat.of().formatHex(sha256.digest()),
                database.clock().stream().map(Cid::toString).toList());
    }
}
