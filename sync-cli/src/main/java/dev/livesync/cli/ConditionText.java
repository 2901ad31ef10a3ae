package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.Document;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.Query;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Conditions as people type them: a field, an operator, and a value. */
final class ConditionText {
    private static final Pattern FORM = Pattern.compile(
            "\\s*(|/[^\\s=<>^]*)\\s*(?:(=|<=|>=|<|>|\\^=|\\bin\\b)\\s*(.*?)|\\b(exists|absent))\\s*", Pattern.DOTALL);
    private static final String FIELD = "value";

    private ConditionText() {}

    /** Adds a condition to a query. */
    static Query add(Query query, String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "not a condition: " + text
                            + " (a field, then = < <= > >= ^= or in and a value, or exists, or absent, as in '/done = false')");
        }
        return query.where(parts.group(1), condition(parts));
    }

    private static Condition condition(Matcher parts) {
        String word = parts.group(4);
        if (word != null) {
            return word.equals("exists") ? Condition.exists() : Condition.absent();
        }
        String text = Objects.requireNonNull(parts.group(3));
        Value value = value(text);
        return switch (Objects.requireNonNull(parts.group(2))) {
            case "=" -> Condition.equalTo(value);
            case "<" -> Condition.below(value);
            case "<=" -> Condition.atMost(value);
            case ">" -> Condition.above(value);
            case ">=" -> Condition.atLeast(value);
            case "^=" -> Condition.startsWith(value instanceof Value.Text prefix ? prefix.value() : text);
            default -> {
                if (!(value instanceof Value.Sequence values)) {
                    throw new SyncException(
                            ErrorKind.INVALID_ARGUMENT,
                            "after in comes a JSON array, as in '/tags/0 in [\"a\",\"b\"]'");
                }
                yield Condition.in(values.items());
            }
        };
    }

    /** JSON, as a document would have it; else text. */
    private static Value value(String text) {
        try {
            var fields =
                    Document.of("", "{\"" + FIELD + "\":" + text + "}").value().entries();
            Value value = fields.get(FIELD);
            return value != null && fields.size() == 1 ? value : new Value.Text(text);
        } catch (SyncException e) {
            return new Value.Text(text);
        }
    }
}
