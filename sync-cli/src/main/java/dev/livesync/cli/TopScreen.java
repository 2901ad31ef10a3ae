package dev.livesync.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report as lines of text. */
final class TopScreen {
    private static final List<String> TITLES = List.of("PEER", "GRANT", "TRANSPORT", "STATE", "LAG", "IN", "OUT");
    /** From here on numbers, which end at the same column. */
    private static final int NUMBERS = 4;

    private static final int WIDEST = 40;
    private static final int REFUSALS = 5;

    private TopScreen() {}

    /**
     * Draws a report.
     *
     * @param now the report
     * @param before the one before it, for rates; null if there is none
     */
    static String of(JsonNode now, @Nullable JsonNode before) {
        return of(now, before, Integer.MAX_VALUE);
    }

    /**
     * Draws a report for a screen.
     *
     * @param rows how many sessions of each database at most: those that are furthest behind
     */
    static String of(JsonNode now, @Nullable JsonNode before, int rows) {
        StringBuilder text = new StringBuilder("livesync top  ").append(second(now.path("time")));
        for (JsonNode database : now.path("databases")) {
            String name = database.path("name").asText();
            text.append("\n\n").append(name).append(": ").append(stored(database));
            if (database.has("problem")) {
                text.append("\nproblem: ")
                        .append(Visible.line(database.path("problem").asText()));
            }
            JsonNode earlier = before == null ? null : find(before, name);
            Duration time = before == null ? Duration.ZERO : between(before, now);
            text.append('\n').append(flow(database, earlier, time));
            sessions(database, text, rows);
            refusals(database, text);
        }
        return text.toString();
    }

    private static Instant second(JsonNode time) {
        return Instant.parse(time.asText()).truncatedTo(ChronoUnit.SECONDS);
    }

    private static @Nullable JsonNode find(JsonNode report, String name) {
        for (JsonNode database : report.path("databases")) {
            if (database.path("name").asText().equals(name)) {
                return database;
            }
        }
        return null;
    }

    private static Duration between(JsonNode before, JsonNode now) {
        return Duration.between(
                Instant.parse(before.path("time").asText()),
                Instant.parse(now.path("time").asText()));
    }

    private static String stored(JsonNode database) {
        long pending = database.path("pending").asLong();
        return database.path("documents").asLong() + " documents, "
                + database.path("events").asLong() + " events, "
                + bytes(database.path("bytes").asLong())
                + (pending == 0 ? "" : ", " + pending + " events wait for ancestors");
    }

    private static String flow(JsonNode database, @Nullable JsonNode before, Duration time) {
        return "in " + bytes(rate(database, before, time, "bytesReceived")) + "/s, out "
                + bytes(rate(database, before, time, "bytesSent")) + "/s, "
                + commits(database, before, time) + ", queue "
                + (database.path("waiting").asLong()
                        + database.path("commitsWaiting").asLong())
                + "; sessions: " + database.path("sessions").size() + " open, "
                + database.path("sessionsFailed").asLong() + " failed; turned away: "
                + database.path("refused").asLong() + "; changes refused: "
                + database.path("changesRefused").asLong();
    }

    /** What a database in a directory writes; of a store, which is others', too, what came from this hub's peers. */
    private static String commits(JsonNode database, @Nullable JsonNode before, Duration time) {
        String counted = database.has("transactions") ? "transactions" : "commits";
        return rate(database, before, time, counted) + " " + counted + "/s";
    }

    private static long rate(JsonNode now, @Nullable JsonNode before, Duration time, String field) {
        long more = before == null
                ? 0
                : now.path(field).asLong() - before.path(field).asLong();
        return time.toMillis() <= 0 ? 0 : Math.max(0, more * 1_000 / time.toMillis());
    }

    private static void sessions(JsonNode database, StringBuilder text, int most) {
        List<List<String>> rows = new ArrayList<>();
        List<JsonNode> sessions = new ArrayList<>();
        database.path("sessions").forEach(sessions::add);
        sessions.sort(Comparator.comparingLong(TopScreen::urgency).reversed());
        for (JsonNode session : sessions.subList(0, Math.min(most, sessions.size()))) {
            rows.add(List.of(
                    Visible.line(session.path("peer").asText()),
                    session.path("grant").asText().isEmpty()
                            ? "-"
                            : session.path("grant").asText(),
                    session.path("transport").asText(),
                    session.path("state").asText(),
                    lag(
                            session.path("lagEvents").asLong(),
                            session.path("lagMillis").asLong()),
                    bytes(session.path("bytesReceived").asLong()),
                    bytes(session.path("bytesSent").asLong())));
        }
        if (rows.isEmpty()) {
            return;
        }
        rows.add(0, TITLES);
        int[] widths = new int[TITLES.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.min(WIDEST, Math.max(widths[i], row.get(i).length()));
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(i == 0 ? "" : "  ").append(cell(row.get(i), widths[i], i >= NUMBERS));
            }
            text.append('\n').append(line.toString().stripTrailing());
        }
        if (sessions.size() > most) {
            text.append("\nand ").append(sessions.size() - most).append(" more, not further behind");
        }
    }

    /** Who is furthest behind comes first. */
    private static long urgency(JsonNode session) {
        return session.path("lagMillis").asLong() * 1_000
                + session.path("lagEvents").asLong();
    }

    private static String cell(String value, int width, boolean right) {
        String shown = value.length() > width ? value.substring(0, width - 1) + "…" : value;
        String room = " ".repeat(width - shown.length());
        return right ? room + shown : shown + room;
    }

    private static void refusals(JsonNode database, StringBuilder text) {
        int shown = 0;
        for (JsonNode refusal : database.path("refusals")) {
            if (shown++ == REFUSALS) {
                break;
            }
            text.append("\nturned away ")
                    .append(second(refusal.path("time")))
                    .append(' ')
                    .append(Visible.line(refusal.path("remote").asText()))
                    .append(": ")
                    .append(refusal.path("kind").asText());
        }
    }

    private static String lag(long events, long millis) {
        if (events < 0) {
            return "backlog";
        }
        return events == 0 ? "none" : events + " ev " + String.format(Locale.ROOT, "%.1f s", millis / 1e3);
    }

    private static String bytes(long count) {
        String[] units = {"B", "kB", "MB", "GB", "TB"};
        double value = count;
        int unit = 0;
        while (value >= 999.5 && unit < units.length - 1) {
            value /= 1_000;
            unit++;
        }
        return (unit == 0 || value >= 99.5
                        ? String.valueOf(Math.round(value))
                        : String.format(Locale.ROOT, value >= 9.95 ? "%.0f" : "%.1f", value))
                + " " + units[unit];
    }
}
