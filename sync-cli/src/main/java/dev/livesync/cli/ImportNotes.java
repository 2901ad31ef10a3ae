package dev.livesync.cli;

import dev.livesync.api.SyncException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Collects what an import changed in records, and prints one line for each kind of change, however many records had it. One thread. */
final class ImportNotes {
    private final Console console;
    private final String file;
    private final Map<String, Long> leftOut = new TreeMap<>();
    private long changed;
    private String first = "";

    ImportNotes(Console console, String file) {
        this.console = console;
        this.file = file;
    }

    /** Records that a document differs from its record, for a reason that names it. */
    void changed(InputRecord.Place place, SyncException why) {
        if (changed++ == 0) {
            first = place + ", " + why.getMessage();
        }
    }

    void leftOut(List<String> fields) {
        fields.forEach(field -> leftOut.merge(field, 1L, Long::sum));
    }

    void tell() {
        if (changed > 0) {
            console.note(file + ": " + count(changed, "document")
                    + (changed == 1 ? " was" : " were") + " changed as JavaScript would"
                    + (changed == 1 ? ": " : ", the first of them: ") + first + "; --exact refuses that");
        }
        if (!leftOut.isEmpty()) {
            console.note(file + ": left out what only CouchDB uses: "
                    + leftOut.entrySet().stream()
                            .map(e -> e.getKey() + (e.getKey().equals("_rev") ? "" : " that are stubs") + " of "
                                    + count(e.getValue(), "record"))
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String count(long number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }
}
