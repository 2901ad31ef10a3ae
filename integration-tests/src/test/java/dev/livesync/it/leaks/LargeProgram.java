package dev.livesync.it.leaks;

import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Opens two databases of 5 MB, syncs them by offer and answer, closes all of it; over and over. */
public final class LargeProgram {
    private LargeProgram() {}

    /** Arguments: {@code TRANSPORT ROUNDS}. */
    public static void main(String[] arguments) throws Exception {
        TransportProvider transport = switch (arguments[0]) {
            case "websocket" -> new WebSocketTransportProvider();
            case "libp2p" -> new Libp2pTransportProvider();
            case "webrtc" -> new WebRtcTransportProvider();
            default -> throw new IllegalArgumentException(arguments[0]);
        };
        for (int round = 1; round <= Integer.parseInt(arguments[1]); round++) {
            try (Database a = Database.inMemory();
                    Database b = Database.inMemory();
                    Sync one = Sync.builder(a).transport(transport).build();
                    Sync other = Sync.builder(b).transport(transport).build()) {
                a.write(batch -> {
                    for (int i = 0; i < 500; i++) {
                        batch.put(Document.of("d" + i, "{\"t\":\"" + "x".repeat(10_000) + i + "\"}"));
                    }
                });
                String answer = get(other.accept(get(one.offer(transport.id()))));
                get(get(one.connect(answer)).backlog());
            }
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            System.out.println(round + ": " + ((runtime.totalMemory() - runtime.freeMemory()) >> 20) + " MB");
        }
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(60, TimeUnit.SECONDS);
    }
}
