package dev.livesync.cli;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Joins a room or the local network, finds the others there, and keeps all their databases equal until the process "
                    + "is interrupted. All of them have the same address; they may come, leave and come back.",
            "Prints the address for the others on one line, its secret included: a new room or a new secret where the given "
                    + "address has none. Whoever has that line can read and write the database: carry it over a path you "
                    + "trust. Neither the room nor the network sees the secret or the documents.",
            "On a network, each listens for the others and announces where. Where a firewall lets them, they find each other; "
                    + "strangers see that LiveSync is there, and at which address."
        })
final class JoinCommand implements Callable<Integer> {
    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Mixin
    private final JoiningReach reach = new JoiningReach();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description =
                    "the room, such as partykit://example.org/parties/livesync/ROOM#SECRET, a new one without /ROOM; or "
                            + "mdns:NAME#SECRET for the local network, with any name")
    private String address = "";

    @Option(
            names = "--peers",
            paramLabel = "N",
            description =
                    "with how many others to have connections, 2 to 256; default: ${DEFAULT-VALUE}. What one writes "
                            + "reaches all, over those between")
    private int peers = MeshOptions.DEFAULT_MAX_PEERS;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description =
                    "on the local network: where to listen, such as libp2p:/ip4/0.0.0.0/tcp/9000 or libp2p:/ip6/::/tcp/0; by "
                            + "default over libp2p, at a free port of all IPv4 addresses. At 127.0.0.1 those on this machine are "
                            + "found")
    private @Nullable String listen;

    @Option(
            names = "--once",
            description = "leave as soon as this side and one of the others are equal; waits until one is there")
    private boolean once;

    @ArgGroup
    private @Nullable SecretSource source;

    /** Where the secret is, if not in the address. */
    static final class SecretSource {
        @Option(
                names = "--secret-file",
                paramLabel = "FILE",
                description =
                        "use the secret in this file; if there is no such file, one is made that only its owner can "
                                + "read, with a new secret")
        private @Nullable Path file;

        @Option(names = "--secret-stdin", description = "read it from the first line of standard input")
        private boolean standardInput;
    }

    JoinCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        MeetingPlace place = place();
        String secret = secret();
        MeshOptions options =
                MeshOptions.at(place.listening()).withSecret(secret).withMaxPeers(peers);
        CompletableFuture<Session> first = new CompletableFuture<>();
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "join", runner);
                Progress progress = Progress.start(console, output, "syncing", "events", -1);
                Reporter reporter = new Reporter(console, progress);
                Sync sync = reach.builder(served.database(), reporter, console)
                        .listener(new SyncListener() {
                            @Override
                            public void sessionOpened(Session session) {
                                first.complete(session);
                            }
                        })
                        .build();
                Mesh mesh = Waiting.on(sync.mesh(reach.discovery(place), options))) {
            served.serves(sync);
            if (once) {
                Waiting.on(CompletableFuture.anyOf(interruption.asked(), first));
                if (first.isDone()) {
                    Serving.once(console, output, served.database(), first.join(), reach.fetchesAttachments());
                }
            } else {
                String all = place.shared() + "#" + secret;
                console.result(output.json ? JsonOutput.object("address", all) : all);
                console.note(
                        (place.group().isPresent() ? "at " + mesh.publicAddress() + " on the network" : "in the room")
                                + " as " + mesh.name() + ", stop with Ctrl-C");
                interruption.enter(Interruption.Phase.SERVING);
                Waiting.on(interruption.asked());
            }
        }
        return 0;
    }

    private MeetingPlace place() {
        int hash = address.indexOf('#');
        return MeetingPlace.parse(hash < 0 ? address : address.substring(0, hash), listen);
    }

    private String secret() throws IOException {
        int hash = address.indexOf('#');
        if (source == null) {
            return hash < 0 ? Secrets.random() : address.substring(hash + 1);
        }
        if (hash >= 0) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "the address has a secret, and another is given beside it; give one");
        }
        if (source.file != null) {
            return Secrets.readOrCreate(source.file, console);
        }
        return source.standardInput ? Secrets.read(console.in(), "standard input") : Secrets.random();
    }
}
