package dev.livesync.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The rules as the specification states them, read from the document itself. A rule is a paragraph that begins with its
 * anchor, id and level; one that no test can show has a sentence that begins with "Not tested:".
 *
 * <pre>{@code
 * <a id="T1.1"></a>**T1.1** MUST: the rule. *Intent:* why. *Not tested:* why not.
 * }</pre>
 */
final class Spec {
    /** One rule. */
    record Entry(
            String id,
            String level,
            String text,
            String intent,
            @Nullable String notTested) {
        boolean isMust() {
            return level.startsWith("MUST");
        }
    }

    private static final Pattern RULE = Pattern.compile(
            "<a id=\"([TR]\\d+\\.\\d+)\"></a>\\*\\*\\1\\*\\* (MUST NOT|MUST|SHOULD NOT|SHOULD|MAY): (.*?)\\s*"
                    + "\\*Intent:\\*\\s*(.*?)\\s*(?:\\*Not tested:\\*\\s*(.*?)\\s*)?");
    private static final Pattern BEGINNING = Pattern.compile("<a id=\"[TR]\\d");

    private static final Spec TRANSPORT = read("transport-spec.md");
    private static final Spec REPLICA = read("replica-spec.md");

    private final String file;
    private final String digest;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> unreadable = new ArrayList<>();

    private Spec(String file, String document) {
        this.file = file;
        this.digest = Digest.of(document.getBytes(StandardCharsets.UTF_8));
        for (String paragraph : document.split("\\n\\s*\\n", -1)) {
            if (!BEGINNING.matcher(paragraph).lookingAt()) {
                continue;
            }
            Matcher matcher = RULE.matcher(paragraph.replaceAll("\\s+", " "));
            if (!matcher.matches()) {
                unreadable.add(paragraph);
                continue;
            }
            Entry entry =
                    new Entry(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4), matcher.group(5));
            if (entries.putIfAbsent(entry.id(), entry) != null) {
                unreadable.add("twice: " + entry.id());
            }
        }
    }

    /** The specification that a rule belongs to. */
    static Spec of(String rule) {
        return rule.startsWith("R") ? REPLICA : TRANSPORT;
    }

    /** For tests of this. */
    static Spec parse(String file, String document) {
        return new Spec(file, document);
    }

    private static Spec read(String file) {
        try (InputStream in = Spec.class.getResourceAsStream(file)) {
            return new Spec(file, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String file() {
        return file;
    }

    /** Tells two versions of a document apart. */
    String digest() {
        return digest;
    }

    List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /** Paragraphs that look like a rule and aren't in its form. */
    List<String> unreadable() {
        return unreadable;
    }

    @Nullable
    Entry find(String rule) {
        return entries.get(rule);
    }
}
