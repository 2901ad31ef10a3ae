package dev.livesync.tck;

import org.jspecify.annotations.Nullable;

/** A broken rule: names it, and says what was expected, what came instead, and what to check. */
final class RuleViolation extends AssertionError {
    private static final long serialVersionUID = 1L;

    private final String rule;

    RuleViolation(String rule, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.rule = rule;
    }

    /** With the text that every failure has. */
    static RuleViolation of(String rule, String what, String check, @Nullable Throwable cause) {
        Spec spec = Spec.of(rule);
        Spec.Entry entry = spec.find(rule);
        String text = entry == null ? "" : " " + entry.level() + ": " + entry.text();
        String message = rule + text
                + "\n  broken: " + what.strip().replace("\n", "\n    ")
                + (check.isEmpty() ? "" : "\n  check:  " + check)
                + "\n  spec:   docs/" + spec.file() + "#" + rule;
        return new RuleViolation(rule, message, cause);
    }

    String rule() {
        return rule;
    }
}
