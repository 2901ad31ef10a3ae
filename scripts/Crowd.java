import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/**
 * Clients that dial at once, each with a database and a transport of its own. Before that they dial a hub of this process, since they
 * stand for as many machines, which don't share a cold JVM. Reads the address from its input once it is ready; see scripts/crowd.
 */
public final class Crowd {
    public static void main(String[] arguments) throws Exception {
        int count = Integer.parseInt(arguments[0]);
        List<Sync> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(Sync.builder(Database.inMemory())
                    .transport(provider(arguments[1], arguments.length > 2 ? arguments[2] : ""))
                    .build());
        }
        warmUp(clients, arguments[1]);
        System.err.println("ready");
        String address = new BufferedReader(new InputStreamReader(System.in)).readLine();
        long began = System.nanoTime();
        List<CompletableFuture<Long>> times = new ArrayList<>();
        for (Sync client : clients) {
            CompletableFuture<Session> dial = client.dial(address);
            times.add(dial.thenApply(session -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began)));
        }
        List<Long> connected = new ArrayList<>();
        Map<String, Integer> failures = new TreeMap<>();
        for (CompletableFuture<Long> time : times) {
            try {
                connected.add(time.join());
            } catch (CompletionException e) {
                failures.merge(
                        e.getCause() instanceof SyncException failure
                                ? failure.kind() + " " + failure.getMessage()
                                : e.getCause().toString(),
                        1,
                        Integer::sum);
            }
        }
        connected.sort(null);
        System.out.println(connected.size() + " of " + count + " connected"
                + (connected.isEmpty()
                        ? ""
                        : ", half of them after " + connected.get(connected.size() / 2) + " ms, the last after "
                                + connected.get(connected.size() - 1) + " ms"));
        failures.forEach((failure, many) -> System.out.println(many + " failed: " + failure));
        Runtime.getRuntime().halt(failures.isEmpty() ? 0 : 1);
    }

    private static void warmUp(List<Sync> clients, String kind) {
        boolean libp2p = kind.equals("libp2p");
        try (Sync hub = Sync.builder(Database.inMemory())
                .transport(libp2p ? new Libp2pTransportProvider() : new WebSocketTransportProvider())
                .build()) {
            String address = hub.listen(libp2p ? "libp2p:/ip4/127.0.0.1/tcp/0" : "ws://127.0.0.1:0/")
                    .join()
                    .address();
            for (Sync client : clients) {
                client.dial(address).join().close();
            }
        }
    }

    private static TransportProvider provider(String kind, String pin) {
        if (kind.equals("libp2p")) {
            return new Libp2pTransportProvider();
        }
        WebSocketConfiguration.Builder configuration = WebSocketConfiguration.builder();
        return new WebSocketTransportProvider(
                (pin.isEmpty() ? configuration : configuration.pinnedCertificates(Set.of(pin))).build());
    }
}
