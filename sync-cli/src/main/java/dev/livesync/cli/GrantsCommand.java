package dev.livesync.cli;

import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = "Prints the grants of a database, one a line, without their secrets.")
final class GrantsCommand implements Callable<Integer> {
    private final Console console;
    private final InstantSource clock;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    GrantsCommand(Console console) {
        this(console, InstantSource.system());
    }

    GrantsCommand(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        Databases.requirePresent(directory);
        Instant now = clock.instant();
        for (Grant grant : Grants.inDirectory(directory).list()) {
            console.print((output.json ? json(grant, now, false) : line(grant, now)) + "\n");
        }
        console.flush();
        return 0;
    }

    private static String line(Grant grant, Instant now) {
        return grant.name() + ": " + grant.rights()
                + grant.expires()
                        .map(end -> (grant.isExpired(now) ? ", expired at " : ", until ") + end)
                        .orElse("")
                + (grant.peers().isEmpty()
                        ? ""
                        : (grant.hasSecret() ? ", only for " : ", without a secret for ")
                                + String.join(", ", peers(grant)));
    }

    /** One line of JSON; the secret only where it is wanted. */
    static String json(Grant grant, Instant now, boolean secret) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", grant.name());
        fields.put("read", grant.rights().canRead());
        fields.put("write", grant.rights().canWrite());
        fields.put("erase", grant.rights().canErase());
        grant.expires().ifPresent(end -> fields.put("expires", end.toString()));
        fields.put("expired", grant.isExpired(now));
        fields.put("peers", peers(grant));
        if (secret && grant.hasSecret()) {
            fields.put("secret", grant.secret());
        }
        return JsonOutput.line(fields);
    }

    private static List<String> peers(Grant grant) {
        return grant.peers().stream()
                .map(peer -> peer.scheme() + ":" + peer.name())
                .sorted()
                .toList();
    }
}
