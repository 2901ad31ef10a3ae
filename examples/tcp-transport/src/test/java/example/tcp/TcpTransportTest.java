package example.tcp;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.TransportTck;

public class TcpTransportTest extends TransportTck {
    @Override
    protected TransportProvider provider() {
        return new TcpTransportProvider();
    }
}
