package dev.livesync.it.webrtc;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.database.Database;
import dev.livesync.it.TcpRelay;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A process of a network of its own. {@code listen ADDRESS} prints where; {@code relay HOST PORT} passes on what comes to a port, and prints that; {@code
 * dial ADDRESS} exchanges everything with the listener and prints how. The first two run until their input ends.
 */
final class NamespaceProgram {
    private static final int DOCUMENTS = 300;
    private static final long MINUTES = 2;
    private static final WebSocketConfiguration PLAIN =
            WebSocketConfiguration.builder().allowPlaintextOffLoopback(true).build();

    private NamespaceProgram() {}

    public static void main(String[] arguments) throws Exception {
        switch (arguments[0]) {
            case "listen" -> listen(arguments[1]);
            case "relay" -> relay(arguments[1], Integer.parseInt(arguments[2]));
            default -> dial(arguments[1]);
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // libwebrtc writes on its way out
    }

    private static void listen(String address) throws Exception {
        RelayedWebSocket wire = new RelayedWebSocket(PLAIN);
        try (Database database = filled("l");
                Sync sync = peer(database, wire)) {
            System.out.println(
                    sync.listen(address).get(MINUTES, TimeUnit.MINUTES).address());
            untilInputEnds();
        }
    }

    private static void dial(String address) throws Exception {
        RelayedWebSocket wire = new RelayedWebSocket(PLAIN);
        try (Database database = filled("d");
                Sync sync = peer(database, wire)) {
            Session session = sync.dial(address).get(MINUTES, TimeUnit.MINUTES);
            session.awaitEqual().get(MINUTES, TimeUnit.MINUTES);
            database.put("live", "{}");
            session.delivered().get(MINUTES, TimeUnit.MINUTES);
            System.out.println(
                    "over " + session.transport() + ": " + database.all().size() + " documents, "
                            + session.statistics().bytesSent() + " bytes sent in the session, " + wire.sent()
                            + " of all bytes over the first channel");
        }
    }

    private static void relay(String host, int port) throws Exception {
        try (AnyAddressRelay relay = new AnyAddressRelay(host, port)) {
            System.out.println(relay.where());
            untilInputEnds();
        }
    }

    private static Database filled(String prefix) {
        Database database = Database.inMemory();
        for (int i = 0; i < DOCUMENTS; i++) {
            database.put(
                    prefix + i, "{\"text\":\"" + Integer.toString(i * 7919, 36).repeat(40) + "\"}");
        }
        return database;
    }

    private static Sync peer(Database database, RelayedWebSocket wire) {
        return Sync.builder(database)
                .transport(wire)
                .transport(new WebRtcTransportProvider())
                .limits(SyncLimits.defaults().toBuilder()
                        .connectTime(Duration.ofSeconds(15))
                        .build())
                .build();
    }

    private static void untilInputEnds() throws IOException {
        while (System.in.read() >= 0) {
            // nothing is said to it
        }
    }

    /** What a room would do: passes bytes on, to whom nobody else can. */
    private static final class AnyAddressRelay extends TcpRelay {
        AnyAddressRelay(String host, int port) throws IOException {
            super(InetAddress.getByAddress(new byte[4]), host, port);
            begin();
        }

        int where() {
            return localPort();
        }

        @Override
        protected void pump(Socket from, Socket to, boolean fromDialler) throws IOException {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }
}
