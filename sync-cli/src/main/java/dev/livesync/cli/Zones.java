package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Document;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The records of {@code demo}: the time zones of the tz database, one document each, from the table {@code zone1970.tab} that ships
 * with the command (public domain, see the file's own head).
 */
final class Zones {
    private static final String TABLE = "zone1970.tab";

    /** Coordinates by ISO 6709: degrees and minutes, in some rows seconds. */
    private static final Pattern COORDINATES =
            Pattern.compile("([+-])(\\d{2})(\\d{2})(\\d{2})?([+-])(\\d{3})(\\d{2})(\\d{2})?");

    private Zones() {}

    /** The table that ships with the command. */
    static List<Document> shipped() throws IOException {
        InputStream table = Zones.class.getResourceAsStream(TABLE);
        if (table == null) {
            throw new SyncException(ErrorKind.INTERNAL, "this build of livesync lacks " + TABLE);
        }
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(table, StandardCharsets.UTF_8))) {
            return parse(lines);
        }
    }

    static List<Document> parse(BufferedReader lines) throws IOException {
        List<Document> zones = new ArrayList<>();
        int number = 0;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            number++;
            if (!line.isEmpty() && !line.startsWith("#")) {
                zones.add(zone(line, number));
            }
        }
        return zones;
    }

    private static Document zone(String line, int number) {
        String[] columns = line.split("\t", -1);
        Matcher coordinates = COORDINATES.matcher(columns.length < 3 ? "" : columns[1]);
        if (columns.length > 4 || !coordinates.matches()) {
            throw new SyncException(ErrorKind.MALFORMED, TABLE + ", line " + number + ": not a row of the table");
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("countries", List.of(columns[0].split(",")));
        fields.put("coordinates", columns[1]);
        fields.put("latitude", degrees(coordinates, 1));
        fields.put("longitude", degrees(coordinates, 5));
        if (columns.length == 4) {
            fields.put("comments", columns[3]);
        }
        return Document.of(columns[2], fields);
    }

    /** Decimal degrees from four groups: sign, degrees, minutes, seconds or nothing. */
    private static double degrees(Matcher m, int group) {
        String seconds = m.group(group + 3);
        int total = Integer.parseInt(m.group(group + 1)) * 3600
                + Integer.parseInt(m.group(group + 2)) * 60
                + (seconds == null ? 0 : Integer.parseInt(seconds));
        double degrees = Math.rint(total / 3600.0 * 10_000) / 10_000;
        return m.group(group).equals("-") ? -degrees : degrees;
    }
}
