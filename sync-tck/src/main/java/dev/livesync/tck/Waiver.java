package dev.livesync.tck;

import java.util.Objects;

/**
 * A rule that the thing under test is known to break. Its tests still run; their failures don't count, and a waiver that is
 * no longer needed does.
 *
 * @param rule the rule's id, such as {@code T7.2}
 * @param reason why, with a link to the cause upstream; goes into the report
 */
public record Waiver(String rule, String reason) {
    /**
     * Refuses a waiver that says nothing.
     *
     * @throws IllegalArgumentException if there is no reason
     */
    public Waiver {
        Objects.requireNonNull(rule, "rule");
        if (reason.isBlank()) {
            throw new IllegalArgumentException("a waiver for " + rule + " needs a reason");
        }
    }
}
