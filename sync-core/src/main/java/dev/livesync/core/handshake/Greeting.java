package dev.livesync.core.handshake;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * What a side states about itself in its hello.
 *
 * @param nonce 32 random bytes as base64url, never used twice
 * @param features what it can do
 * @param window how many bytes of data it grants at first
 */
public record Greeting(String nonce, List<String> features, long window) {
    /** Copies the features. */
    public Greeting {
        features = List.copyOf(features);
    }

    /**
     * Creates a greeting with a fresh nonce.
     *
     * @param random where the nonce comes from
     * @param features what this side can do
     * @param window how many bytes of data it grants at first
     * @return the greeting
     */
    public static Greeting fresh(RandomGenerator random, List<String> features, long window) {
        return new Greeting(Tokens.random(random, Tokens.BYTES), features, window);
    }
}
