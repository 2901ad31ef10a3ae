package dev.livesync.transport.websocket;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.TransportTck;
import java.util.ArrayList;
import java.util.List;

/** Plain WebSocket against the kit. */
class WebSocketTransportTest extends TransportTck {
    /** More than the operating system takes however long one waits, so that a full buffer stays full. */
    static final int BEYOND_THE_KERNEL = 16 << 20;

    @Override
    protected TransportProvider provider() {
        return new WebSocketTransportProvider(WebSocketConfiguration.builder()
                .sendBufferBytes(BEYOND_THE_KERNEL)
                .build());
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
        List<String> addresses = new ArrayList<>(super.unusableAddresses());
        addresses.addAll(List.of(
                "ws:",
                "ws:///path",
                "http://127.0.0.1:1/",
                "memory:x",
                "ws://127.0.0.1:65536/",
                "ws://127.0.0.1:x/",
                "ws://user:secret@127.0.0.1:1/",
                "ws://127.0.0.1:1/?query",
                "ws://127.0.0.1:1/#fragment",
                "ws://127.0.0.1:1/sp ace",
                "ws://127.0.0.1:1/\u00e9",
                "ws://[::1:1/",
                "ws://[::99999999999999.1.1.1]:1/",
                "ws://127.0.0.1:1/" + "x".repeat(3000)));
        return addresses;
    }
}
