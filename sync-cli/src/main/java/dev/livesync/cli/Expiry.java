package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** When something ends that was given a time or a date. */
final class Expiry {
    private static final Pattern TIME = Pattern.compile("([0-9]{1,9})([smhdw])");

    private Expiry() {}

    /**
     * Reads a time from now, a date or a moment. A date is its beginning.
     *
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is none, or not in the future
     */
    static Instant parse(String text, Instant now, ZoneId zone) {
        Instant end;
        Matcher time = TIME.matcher(text);
        try {
            if (time.matches()) {
                end = now.plus(Duration.ofSeconds(Long.parseLong(time.group(1)) * seconds(time.group(2))));
            } else if (text.indexOf('T') < 0) {
                end = LocalDate.parse(text).atStartOfDay(zone).toInstant();
            } else {
                end = Instant.parse(text);
            }
        } catch (DateTimeException e) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "--expires takes a time such as 90m, 12h or 30d, a date such as 2030-12-31, or a moment such as"
                            + " 2030-12-31T18:00:00Z",
                    e);
        }
        if (!end.isAfter(now)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "--expires is in the past: " + end);
        }
        return end;
    }

    /**
     * Reads a time.
     *
     * @param option what it was given with
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is none
     */
    static Duration duration(String option, String text) {
        Matcher time = TIME.matcher(text);
        if (!time.matches()) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, option + " takes a time such as 90m, 12h or 30d: " + text);
        }
        return Duration.ofSeconds(Long.parseLong(time.group(1)) * seconds(time.group(2)));
    }

    private static long seconds(String unit) {
        return switch (unit) {
            case "s" -> 1;
            case "m" -> 60;
            case "h" -> 3_600;
            case "d" -> 86_400;
            default -> 604_800;
        };
    }
}
