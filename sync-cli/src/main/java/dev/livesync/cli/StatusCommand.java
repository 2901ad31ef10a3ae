package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.versions.KnownPeer;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Prints the heads and counts: documents, events, pending events (which wait for others), blocks, bytes; and how much "
                        + "the peers that were met are known to have.")
final class StatusCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    StatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        try (DatabaseUse use = Databases.read(console, directory);
                Snapshot snapshot = use.replica().snapshot()) {
            Summary s = snapshot.summary();
            List<KnownPeer> peers = use.peers();
            List<String> heads = snapshot.heads().stream().map(Cid::toString).toList();
            if (output.json) {
                console.result(JsonOutput.object(
                        "heads", heads,
                        "documents", s.documents(),
                        "events", s.events(),
                        "pending", s.pending(),
                        "blocks", s.blocks(),
                        "bytes", s.bytes(),
                        "peers", peers.stream().map(PeerNames::fields).toList()));
            } else {
                heads.forEach(head -> console.print("head " + head + "\n"));
                peers.forEach(peer -> console.print(PeerNames.line(peer) + "\n"));
                console.result("documents " + s.documents() + "\nevents " + s.events() + "\npending " + s.pending()
                        + "\nblocks " + s.blocks() + "\nbytes " + s.bytes());
            }
        }
        return 0;
    }
}
