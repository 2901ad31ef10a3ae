/**
 * LiveSync on the port of a servlet container. Start at {@link dev.livesync.transport.servlet.ServletTransportProvider}.
 *
 * <p>The Jakarta API comes with the container.
 */
module dev.livesync.transport.servlet {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static transitive jakarta.servlet;
    requires static jakarta.websocket;
    requires static transitive org.jspecify;

    exports dev.livesync.transport.servlet;
}
