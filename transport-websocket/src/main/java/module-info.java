/**
 * LiveSync over WebSocket, as client and as server, plain and over TLS. Start at {@link
 * dev.livesync.transport.websocket.WebSocketTransportProvider}.
 */
module dev.livesync.transport.websocket {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static com.google.auto.service;
    requires static transitive org.jspecify;
    requires jdk.net; // brings socket options, which are found by name
    requires org.java_websocket;

    exports dev.livesync.transport.websocket;

    provides dev.livesync.api.transport.TransportProvider with
            dev.livesync.transport.websocket.WebSocketTransportProvider;
}
