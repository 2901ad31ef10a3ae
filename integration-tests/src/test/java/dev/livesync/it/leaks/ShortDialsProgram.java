package dev.livesync.it.leaks;

import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** One listener, and many syncs that dial it, get what it has, and close; counts the sockets that this process has open. */
public final class ShortDialsProgram {
    private ShortDialsProgram() {}

    /** Arguments: {@code TRANSPORT DIALS}. */
    public static void main(String[] arguments) throws Exception {
        boolean websocket = arguments[0].equals("websocket");
        TransportProvider transport = websocket ? new WebSocketTransportProvider() : new Libp2pTransportProvider();
        String address = websocket ? "ws://127.0.0.1:0/" : "libp2p:/ip4/127.0.0.1/tcp/0";
        run(transport, address, 3, Integer.MAX_VALUE);
        int before = Usage.sockets(1).size(); // Java has one of its own from its first close on
        int listening = run(transport, address, Integer.parseInt(arguments[1]), before + 1);
        int after = Usage.sockets(before).size();
        System.out.println("sockets " + (listening - before) + " " + (after - before));
    }

    /** How many there are at the end, with the listener; waits a while for these. */
    private static int run(TransportProvider transport, String address, int dials, int expected) throws Exception {
        try (Database database = Database.inMemory();
                Sync hub = Sync.builder(database).transport(transport).build()) {
            database.put("a", "{}");
            String at = get(hub.listen(address)).address();
            for (int i = 0; i < dials; i++) {
                try (Database other = Database.inMemory();
                        Sync sync = Sync.builder(other).transport(transport).build()) {
                    get(get(sync.dial(at)).backlog());
                }
            }
            return Usage.sockets(expected).size();
        }
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(60, TimeUnit.SECONDS);
    }
}
