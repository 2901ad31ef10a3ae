package dev.livesync.core.auth;

/**
 * What an answer adds to an {@link Exchange}.
 *
 * @param secret the answer's
 * @param hash SHA-256 of its text
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Answer(Secret secret, byte[] hash) {}
