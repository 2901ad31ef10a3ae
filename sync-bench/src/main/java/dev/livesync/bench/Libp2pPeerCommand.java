package dev.livesync.bench;

import dev.livesync.bench.peer.Libp2pPeer;
import dev.livesync.bench.process.Served;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What {@link ThroughputCommand} starts as its child processes. */
@Command(name = "libp2p-peer", hidden = true, description = "Answers the throughput workload on stdin and stdout.")
final class Libp2pPeerCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        try (Libp2pPeer peer = new Libp2pPeer()) {
            Served.run(peer);
        }
        return 0;
    }
}
