package dev.livesync.core.handshake;

import dev.livesync.api.internal.noise.Hkdf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The proofs of section 2: HMAC-SHA256 over everything that both ends must have seen alike. */
final class Proof {
    private Proof() {}

    /** The proof of one side over the transcript, each item preceded by its length. */
    static byte[] of(byte[] key, Role prover, List<byte[]> transcript) {
        List<byte[]> items = new ArrayList<>();
        items.add(("livesync/1 proof " + prover.word()).getBytes(StandardCharsets.US_ASCII));
        items.addAll(transcript);
        return Hkdf.hmac(key, LengthPrefixed.join(items));
    }

    /** The proposer's key where there was an answer. It takes both secrets: knowing the offer alone is not enough. */
    static byte[] proposerKey(Secret offer, Secret answer) {
        return Hkdf.hmac(offer.key(), answer.key());
    }
}
