package dev.livesync.cli;

import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Makes a secret with a name, and prints it, once: whoever dials with it is let in by listen, one that is "
                    + "running included.",
            "It goes after the # of the address, or into dial's --secret-file. Carry it over a path you trust."
        })
final class GrantCommand implements Callable<Integer> {
    private final Console console;
    private final InstantSource clock;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "NAME",
            description = "what to call it: 1 to 64 characters of A-Z, a-z, 0-9, dot, - and _; it does not travel")
    private String name = "";

    @ArgGroup
    private @Nullable Restriction restriction;

    /** At most one of them. */
    static final class Restriction {
        @Option(names = "--read-only", description = "gets all changes; what it sends is refused")
        private boolean readOnly;

        @Option(names = "--write-only", description = "sends changes, and learns nothing of what is there")
        private boolean writeOnly;

        @Option(
                names = "--erase",
                description = "may also erase for good what documents name (see erase); without this it may not")
        private boolean erase;

        private Rights rights() {
            if (readOnly) {
                return Rights.READ;
            }
            if (erase) {
                return Rights.READ_WRITE_ERASE;
            }
            return writeOnly ? Rights.WRITE : Rights.READ_WRITE;
        }
    }

    @Option(
            names = "--expires",
            paramLabel = "WHEN",
            description =
                    "how long it lasts, such as 90m, 12h or 30d, or until when, such as 2030-12-31 or 2030-12-31T18:00:00Z")
    private @Nullable String expires;

    @Option(
            names = "--peer",
            paramLabel = "PEERID",
            description = "only for this libp2p peer; can be given several times")
    private List<String> peers = List.of();

    @Option(
            names = "--no-secret",
            description =
                    "the peers of --peer need no secret, over libp2p: they dial the address without one, and are known by "
                            + "their identity; what is printed then is the grant's name")
    private boolean noSecret;

    GrantCommand(Console console) {
        this(console, InstantSource.system());
    }

    GrantCommand(Console console, InstantSource clock) {
        this.console = console;
        this.clock = clock;
    }

    @Override
    public Integer call() {
        Rights rights = restriction == null ? Rights.READ_WRITE : restriction.rights();
        Set<PeerIdentity> only = new HashSet<>();
        peers.forEach(peer -> only.add(new PeerIdentity("libp2p", peer)));
        Grant grant = noSecret
                ? Grant.ofPeers(name, rights, only)
                : Grant.of(name, rights, new SecureRandom()).onlyFor(only);
        if (expires != null) {
            Instant end = Expiry.parse(expires, clock.instant(), ZoneId.systemDefault());
            grant = grant.until(end);
        }
        if (Databases.isAbsent(directory)) {
            Database.open(directory).close();
        }
        Grants.inDirectory(directory).add(grant);
        if (output.json) {
            console.result(GrantsCommand.json(grant, clock.instant(), true));
        } else if (noSecret) {
            console.result(grant.name());
        } else {
            console.result(grant.secret());
            console.note("grant " + grant.name() + ": " + grant.rights()
                    + grant.expires().map(end -> ", until " + end).orElse("")
                    + "; this is its secret, which is not shown again");
        }
        return 0;
    }
}
