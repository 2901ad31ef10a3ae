module example.tcp {
    requires dev.livesync.api;

    exports example.tcp;

    provides dev.livesync.api.transport.TransportProvider with example.tcp.TcpTransportProvider;
}
