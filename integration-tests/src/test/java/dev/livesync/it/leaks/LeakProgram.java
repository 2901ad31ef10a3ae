package dev.livesync.it.leaks;

import dev.livesync.Endpoint;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Opens databases and syncs, connects them, syncs and closes, round after round, beside a hub that stays or alone; every third round
 * also does what comes to nothing. Then says what is left. A process of its own: what it counts belongs to the whole process.
 */
public final class LeakProgram {
    /** Each kind of round twice: what is made once is there by then. */
    private static final int WARM_UP = 6;

    private static final int DOCUMENTS = 10;

    private final TransportProvider transport;
    private final String address;
    private final Usage.Watch watch;
    /** What the documents of a round hold: the same ones come again, so that the hub's database stops growing once it has all. */
    private final int[] contents;

    private int numbers;

    private LeakProgram(TransportProvider transport, String address, Usage.Watch watch, long seed) {
        this.transport = transport;
        this.address = address;
        this.watch = watch;
        this.contents = new Random(seed).ints(WARM_UP).toArray();
    }

    /** Arguments: {@code TRANSPORT ROUNDS SEED}, and for {@code wss} a key store, its password and its certificate's hash. */
    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[1]);
        Usage.Watch watch = new Usage.Watch();
        MemoryNetwork network = new MemoryNetwork();
        TransportProvider transport = switch (arguments[0]) {
            case "memory" -> network.provider();
            case "memory-signalling" -> network.signalling();
            case "websocket" -> new WebSocketTransportProvider();
            case "websocket-tls" ->
                new WebSocketTransportProvider(WebSocketConfiguration.builder()
                        .serverKeyStore(Path.of(arguments[3]), arguments[4].toCharArray())
                        .pinnedCertificates(Set.of(arguments[5]))
                        .build());
            case "libp2p" -> new Libp2pTransportProvider();
            case "webrtc", "webrtc-alone" -> new WebRtcTransportProvider();
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        String address = switch (arguments[0]) {
            case "memory" -> "memory:";
            case "websocket" -> "ws://127.0.0.1:0/";
            case "websocket-tls" -> "wss://127.0.0.1:0/";
            case "libp2p" -> "libp2p:/ip4/127.0.0.1/tcp/0";
            default -> ""; // which has offers instead
        };
        LeakProgram program = new LeakProgram(transport, address, watch, Long.parseLong(arguments[2]));
        if (arguments[0].equals("webrtc-alone")) {
            program.rounds(rounds, null);
            return;
        }
        try (Database database = Database.inMemory();
                Sync hub = program.sync(database)) {
            database.put("hub", "{}");
            program.rounds(rounds, hub);
        }
    }

    private void rounds(int rounds, @Nullable Sync hub) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            round(i, hub);
        }
        Usage before = Usage.settled(watch, null);
        for (int i = 0; i < rounds; i++) {
            round(i, hub);
        }
        Usage after = Usage.settled(watch, before);
        report(rounds, before, after, watch.snapshots().opened());
    }

    private static void report(int rounds, Usage before, Usage after, int opened) {
        System.out.println("rounds " + rounds + ", opened snapshots " + opened);
        System.out.println("heap " + before.heapKilobytes() + " " + after.heapKilobytes());
        System.out.println("threads " + before.threads().size() + " "
                + after.threads().size() + " " + Usage.difference(before.threads(), after.threads()));
        System.out.println("descriptors " + before.descriptors().size() + " "
                + after.descriptors().size() + " " + Usage.difference(before.descriptors(), after.descriptors()));
        System.out.println("snapshots " + before.snapshots() + " " + after.snapshots());
        System.out.println("kept " + before.kept().size() + " " + after.kept().size() + " " + after.kept());
    }

    private Sync sync(Database database) {
        return Sync.builder(CountedReplica.of(database.replica(), watch.snapshots()))
                .transport(transport)
                .build();
    }

    private void round(int number, @Nullable Sync hub) throws Exception {
        watch.nextRound();
        Database a = watch.watch("database", Database.inMemory());
        Database b = watch.watch("database", Database.inMemory());
        Sync one = watch.watch("sync", sync(a));
        Sync other = watch.watch("sync", sync(b));
        for (int i = 0; i < DOCUMENTS; i++) {
            a.put("a" + i, "{\"n\":" + contents[number % WARM_UP] + "}");
            b.put("b" + i, "{\"n\":" + contents[number % WARM_UP] + "}");
        }
        Session session = watch.watch("session", meet(one, other));
        get(session.awaitEqual());
        require(b.get("a" + (DOCUMENTS - 1)).isPresent(), "what one end wrote is at the other");
        if (hub != null) {
            get(watch.watch("hub's session", meet(hub, other)).backlog());
        }
        if (number % 3 == 2) {
            if (address.isEmpty()) {
                signalInVain(one, other);
            } else {
                dialInVain(one, other);
            }
        }
        switch (number % 4) {
            case 0 -> {
                session.close();
                get(session.closed());
                other.close();
                one.close();
            }
            case 1 -> {
                one.close();
                other.close();
            }
            case 2 -> {
                session.abort();
                other.close();
                one.close();
            }
            default -> {
                a.close(); // whatever the session makes of that
                other.close();
                one.close();
            }
        }
        a.close();
        b.close();
    }

    /** A session between two, at the first one's end. */
    private Session meet(Sync one, Sync other) throws Exception {
        if (address.isEmpty()) {
            return get(one.connect(get(other.accept(get(one.offer())))));
        }
        try (Endpoint endpoint = watch.watch("endpoint", get(one.listen(listening())))) {
            return get(other.dial(endpoint.address()));
        }
    }

    private String listening() {
        return address.equals("memory:") ? address + numbers++ : address;
    }

    private void dialInVain(Sync one, Sync other) throws Exception {
        String gone;
        try (Endpoint endpoint = get(one.listen(listening()))) {
            gone = endpoint.address();
            fails(other.dial(endpoint.publicAddress(), "A".repeat(43)));
            var unused = other.dial(endpoint.address()).cancel(true);
            // An offer over it that nobody takes up, one that is taken up and never connected, one that is withdrawn
            // then.
            get(one.openOffer(transport.id())).close();
            get(other.accept(get(one.offer(transport.id()))));
            try (OpenOffer proposal = get(one.openOffer(transport.id()))) {
                watch.watch("acceptance", get(other.openAnswer(proposal.text())));
            }
        }
        fails(other.dial(gone));
        if (address.contains("127.0.0.1")) {
            // Takes connections and never says anything; dialled until the close, or until somebody has had enough.
            try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
                String there = address.replace("127.0.0.1:0", "127.0.0.1:" + silent.getLocalPort())
                                .replace("tcp/0", "tcp/" + silent.getLocalPort())
                        + "#" + "A".repeat(43);
                var cancelled = other.dial(there);
                var unusedDial = other.dial(there);
                silent.setSoTimeout(60_000);
                try (Socket first = silent.accept();
                        Socket second = silent.accept()) {
                    cancelled.cancel(true);
                    other.close();
                    require(first.isConnected() && second.isConnected(), "both were taken");
                }
            }
        }
    }

    private void signalInVain(Sync one, Sync other) throws Exception {
        get(one.openOffer(transport.id())).close();
        try (OpenOffer proposal = watch.watch("proposal", get(one.openOffer(transport.id())))) {
            try (OpenAnswer acceptance = watch.watch("acceptance", get(other.openAnswer(proposal.text())))) {
                fails(one.connect(acceptance.text().substring(1)));
            }
            // One that nobody connects, and one that is given up while it is made.
            get(other.openAnswer(proposal.text()));
            other.openAnswer(proposal.text()).cancel(true);
        }
        var unused = one.offer(transport.id());
    }

    private static void fails(CompletableFuture<?> stage) throws Exception {
        try {
            get(stage);
        } catch (ExecutionException e) {
            return;
        }
        throw new AssertionError("that should have failed");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("not so: " + what);
        }
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(60, TimeUnit.SECONDS);
    }
}
