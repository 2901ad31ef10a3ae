package dev.livesync.it.group;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.multiplex.PooledProvider;
import dev.livesync.tck.TransportTck;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.List;
import org.junit.jupiter.api.Tag;

/** Channels of shared connections over WebSocket keep the rules of plain ones. */
@Tag("soak") // the kit runs over WebSocket itself in every build
class SharedWebSocketKitTest extends TransportTck {
    @Override
    protected TransportProvider provider() {
        return new PooledProvider(new WebSocketTransportProvider());
    }

    @Override
    protected String address() {
        return "ws://127.0.0.1:0/";
    }

    @Override
    protected boolean asksForEncryption() {
        return false;
    }

    @Override
    protected List<String> unusableAddresses() {
        return List.of("ws:", "http://127.0.0.1:1/", "memory:x", "ws://127.0.0.1:x/");
    }

    @Override
    protected boolean isShared(Thread thread) {
        return thread.getName().startsWith("ForkJoinPool-"); // JUnit's, which runs classes side by side
    }
}
