package dev.livesync.bench;

import dev.livesync.bench.peer.WorkloadPeer;
import dev.livesync.bench.process.Served;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the other commands start as their child processes. */
@Command(name = "peer", hidden = true, description = "Answers a workload on stdin and stdout.")
final class PeerCommand implements Callable<Integer> {
    @Override
    public Integer call() throws Exception {
        try (WorkloadPeer peer = new WorkloadPeer()) {
            Served.run(peer);
        }
        return 0;
    }
}
