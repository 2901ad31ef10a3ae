package dev.livesync.bench;

import dev.livesync.bench.peer.WorkloadPeer;
import dev.livesync.bench.process.Child;
import dev.livesync.bench.process.ProcessPair;
import dev.livesync.bench.process.Served;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** What the other commands start as their child processes. */
@Command(name = "peer", hidden = true, description = "Answers a workload on stdin and stdout.")
final class PeerCommand implements Callable<Integer> {
    /** Starts A and B; the options are the JVMs'. */
    static ProcessPair pair(List<String> jvmOptions) throws IOException {
        Child a = Child.java("A", jvmOptions, Main.class, "peer");
        return with(a, () -> Child.java("B", jvmOptions, Main.class, "peer"));
    }

    /** Starts both of another checkout's build. */
    static ProcessPair pair(Path checkout, List<String> jvmOptions) throws IOException {
        Child a = Child.checkout("A of " + checkout, checkout, jvmOptions, "bench", "peer");
        return with(a, () -> Child.checkout("B of " + checkout, checkout, jvmOptions, "bench", "peer"));
    }

    private interface Start {
        Child start() throws IOException;
    }

    private static ProcessPair with(Child a, Start second) throws IOException {
        try {
            return new ProcessPair(a, second.start());
        } catch (IOException e) {
            a.close();
            throw e;
        }
    }

    @Override
    public Integer call() throws Exception {
        try (WorkloadPeer peer = new WorkloadPeer()) {
            Served.run(peer);
        }
        return 0;
    }
}
