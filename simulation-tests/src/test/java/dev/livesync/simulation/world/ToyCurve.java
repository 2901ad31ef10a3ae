package dev.livesync.simulation.world;

import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactorySpi;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.EncodedKeySpec;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.KeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreementSpi;
import javax.crypto.SecretKey;
import org.jspecify.annotations.Nullable;

/**
 * Powers modulo a small prime where the JDK has Curve25519. More than half of a world's time went there, and a world asks of an agreement only
 * that both ends agree: the curve itself is held to vectors elsewhere. While it is installed, nothing in this process is secret.
 */
final class ToyCurve extends Provider {
    private static final long serialVersionUID = 1;
    private static final String NAME = "ToyCurve";
    private static final long PRIME = (1L << 61) - 1;
    private static final int BYTES = 32;

    private ToyCurve() {
        super(NAME, "1", "powers modulo 2^61 - 1 in the place of X25519");
        put("KeyFactory.X25519", ToyKeyFactory.class.getName());
        put("KeyAgreement.X25519", ToyAgreement.class.getName());
    }

    /** From now on, in this process. */
    static void install() {
        Security.insertProviderAt(new ToyCurve(), 1);
    }

    static void remove() {
        Security.removeProvider(NAME);
    }

    private static long times(long a, long b) {
        long high = Math.multiplyHigh(a, b);
        long low = a * b;
        long sum = (low & PRIME) + (low >>> 61 | high << 3);
        return sum >= PRIME ? sum - PRIME : sum;
    }

    private static long power(long base, long exponent) {
        long result = 1;
        for (long square = base % PRIME, left = exponent; left != 0; left >>>= 1, square = times(square, square)) {
            if ((left & 1) != 0) {
                result = times(result, square);
            }
        }
        return result;
    }

    /** The 32 bytes at the end of what DER says. */
    private abstract static class ToyKey implements Key {
        private static final long serialVersionUID = 1;
        private final byte[] der;

        ToyKey(byte[] der) {
            this.der = der.clone();
        }

        long value() {
            long value = 0;
            for (int i = 7; i >= 0; i--) {
                value = value << 8 | der[der.length - BYTES + i] & 0xff;
            }
            return value & PRIME;
        }

        @Override
        public String getAlgorithm() {
            return "X25519";
        }

        @Override
        public String getFormat() {
            return "X.509";
        }

        @Override
        public byte[] getEncoded() {
            return der.clone();
        }
    }

    private static final class Exponent extends ToyKey implements PrivateKey {
        private static final long serialVersionUID = 1;

        Exponent(byte[] der) {
            super(der);
        }
    }

    private static final class Power extends ToyKey implements PublicKey {
        private static final long serialVersionUID = 1;

        Power(byte[] der) {
            super(der);
        }
    }

    /** For the provider. */
    public static final class ToyKeyFactory extends KeyFactorySpi {
        @Override
        protected PublicKey engineGeneratePublic(KeySpec spec) {
            return new Power(((EncodedKeySpec) spec).getEncoded());
        }

        @Override
        protected PrivateKey engineGeneratePrivate(KeySpec spec) {
            return new Exponent(((EncodedKeySpec) spec).getEncoded());
        }

        @Override
        protected <T extends KeySpec> T engineGetKeySpec(Key key, Class<T> as) throws InvalidKeySpecException {
            throw new InvalidKeySpecException(as.getName());
        }

        @Override
        protected Key engineTranslateKey(Key key) {
            return key;
        }
    }

    /** For the provider. */
    public static final class ToyAgreement extends KeyAgreementSpi {
        private long ours;
        private long theirs;

        @Override
        protected void engineInit(Key key, @Nullable SecureRandom random) throws InvalidKeyException {
            if (!(key instanceof Exponent exponent)) {
                throw new InvalidKeyException("not of the toy curve");
            }
            ours = exponent.value();
        }

        @Override
        protected void engineInit(Key key, @Nullable AlgorithmParameterSpec parameters, @Nullable SecureRandom random)
                throws InvalidKeyException {
            engineInit(key, random);
        }

        @Override
        protected @Nullable Key engineDoPhase(Key key, boolean last) throws InvalidKeyException {
            if (!(key instanceof Power power)) {
                throw new InvalidKeyException("not of the toy curve");
            }
            theirs = power.value();
            return null;
        }

        @Override
        protected byte[] engineGenerateSecret() {
            byte[] secret = new byte[BYTES];
            long agreed = power(theirs, ours);
            for (int i = 0; i < 8; i++) {
                secret[i] = (byte) (agreed >>> 8 * i);
            }
            return secret;
        }

        @Override
        protected int engineGenerateSecret(byte[] target, int offset) {
            byte[] secret = engineGenerateSecret();
            System.arraycopy(secret, 0, target, offset, secret.length);
            return secret.length;
        }

        @Override
        protected SecretKey engineGenerateSecret(String algorithm) {
            throw new UnsupportedOperationException(algorithm + Arrays.toString(engineGenerateSecret()));
        }
    }
}
