package dev.livesync.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StallingProxyTest {
    @Test
    void soManyBytesComeBackAndTheCallersOwnAllPass() throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (ServerSocket target = new ServerSocket(0, 1, here);
                StallingProxy proxy = new StallingProxy(target.getLocalPort(), 3);
                Socket caller = new Socket(here, proxy.port());
                Socket called = target.accept()) {
            called.getOutputStream().write(new byte[] {1, 2, 3, 4, 5});
            assertThat(caller.getInputStream().readNBytes(3)).containsExactly(1, 2, 3);
            caller.getOutputStream().write(new byte[10_000]);
            assertThat(called.getInputStream().readNBytes(10_000)).hasSize(10_000);
            proxy.close();
            assertThat(caller.getInputStream().read()).as("nothing but the end").isNegative();
        }
    }
}
