package dev.livesync.api.internal.noise;

import java.util.Arrays;
import javax.crypto.SecretKey;

/** A key whose bytes can be erased, which the JDK's {@code SecretKeySpec} can't. What ciphers copy of it is the JDK's. */
final class ErasableKey implements SecretKey {
    private static final long serialVersionUID = 1;

    private final String algorithm;
    private final byte[] bytes;
    private boolean erased;

    /** Takes the array over. */
    ErasableKey(String algorithm, byte[] bytes) {
        this.algorithm = algorithm;
        this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
        return algorithm;
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        if (erased) {
            throw new IllegalStateException("the key was erased");
        }
        return bytes.clone();
    }

    @Override
    public void destroy() {
        erased = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean isDestroyed() {
        return erased;
    }
}
