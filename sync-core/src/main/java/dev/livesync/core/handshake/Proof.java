package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The proofs of section 2: HMAC-SHA256 over everything that both ends must have seen alike. */
final class Proof {
    private static final String ALGORITHM = "HmacSHA256";

    private Proof() {}

    /** The proof of one side over the transcript, each item preceded by its length. */
    static byte[] of(byte[] key, Role prover, List<byte[]> transcript) {
        Mac mac = mac(key);
        item(mac, ("livesync/1 proof " + prover.word()).getBytes(StandardCharsets.US_ASCII));
        transcript.forEach(item -> item(mac, item));
        return mac.doFinal();
    }

    /** The proposer's key where there was an answer. It takes both secrets: knowing the offer alone is not enough. */
    static byte[] proposerKey(Secret offer, Secret answer) {
        return mac(offer.key()).doFinal(answer.key());
    }

    private static void item(Mac mac, byte[] item) {
        mac.update(ByteBuffer.allocate(4).putInt(item.length).array());
        mac.update(item);
    }

    private static Mac mac(byte[] key) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java runtime has no " + ALGORITHM, e);
        }
    }
}
