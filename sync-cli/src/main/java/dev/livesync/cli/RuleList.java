package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The rules of one specification that the kit of this version tests.
 *
 * @param digest of the specification
 * @param rules their ids, in its order
 */
record RuleList(String digest, List<String> rules) {
    private static final Pattern ID = Pattern.compile("^<a id=\"([TR]\\d+\\.\\d+)\"></a>");
    private static final String UNTESTED = "*Not tested:*";

    /** Those of the replicas' specification if a rule of it is given, else of the transports'. */
    static RuleList of(String rule) {
        String file = rule.startsWith("R") ? "replica-spec.md" : "transport-spec.md";
        try (InputStream in = RuleList.class.getResourceAsStream(file)) {
            byte[] bytes = Objects.requireNonNull(in, file).readAllBytes();
            List<String> rules = Arrays.stream(new String(bytes, StandardCharsets.UTF_8).split("\\n\\s*\\n", -1))
                    .filter(paragraph -> !paragraph.contains(UNTESTED))
                    .flatMap(paragraph -> ID.matcher(paragraph).results())
                    .map((MatchResult match) -> match.group(1))
                    .toList();
            return new RuleList(Sha256.named(bytes), rules);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, file + " of this command cannot be read", e);
        }
    }
}
