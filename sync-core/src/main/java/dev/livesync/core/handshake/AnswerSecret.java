package dev.livesync.core.handshake;

/**
 * The secret that an answer adds to an {@link Exchange}.
 *
 * @param secret the answer's
 * @param hash SHA-256 of its text
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AnswerSecret(Secret secret, byte[] hash) {}
