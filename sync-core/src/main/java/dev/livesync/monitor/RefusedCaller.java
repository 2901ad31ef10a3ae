package dev.livesync.monitor;

import dev.livesync.api.ErrorKind;
import java.time.Instant;

/**
 * Somebody who called and got no session.
 *
 * @param time when that was
 * @param remote where they are, as the transport has it
 * @param kind why
 * @param reason why, in words, without secrets
 */
public record RefusedCaller(Instant time, String remote, ErrorKind kind, String reason) {}
