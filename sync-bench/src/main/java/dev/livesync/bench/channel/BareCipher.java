package dev.livesync.bench.channel;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** ChaCha20-Poly1305 of the JDK and nothing else: what encrypting and decrypting cost when nothing is sent. */
public final class BareCipher {
    /** What a frame of Noise holds beside its tag. */
    private static final int PLAIN_BYTES = 65_535 - 16;

    private BareCipher() {}

    /**
     * Encrypts in frames as large as Noise's, each with a nonce of its own, and decrypts each again.
     *
     * @param bytes how much in all, at least
     * @throws GeneralSecurityException if the JDK can't
     */
    public static void run(long bytes) throws GeneralSecurityException {
        SecretKeySpec key = new SecretKeySpec(new byte[32], "ChaCha20");
        Cipher sending = Cipher.getInstance("ChaCha20-Poly1305");
        Cipher receiving = Cipher.getInstance("ChaCha20-Poly1305");
        byte[] plain = new byte[PLAIN_BYTES];
        byte[] frame = new byte[PLAIN_BYTES + 16];
        ByteBuffer nonce = ByteBuffer.allocate(12);
        long frames = (bytes + PLAIN_BYTES - 1) / PLAIN_BYTES;
        for (long i = 1; i <= frames; i++) {
            nonce.putLong(4, i);
            sending.init(Cipher.ENCRYPT_MODE, key, new IvParameterSpec(nonce.array()));
            sending.doFinal(plain, 0, plain.length, frame, 0);
            receiving.init(Cipher.DECRYPT_MODE, key, new IvParameterSpec(nonce.array()));
            receiving.doFinal(frame, 0, frame.length, plain, 0);
        }
    }
}
