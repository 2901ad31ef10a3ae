package dev.livesync.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CountingProxyTest {
    @Test
    void everyByteArrivesAndIsCounted() throws Exception {
        byte[] question = new byte[300_000];
        question[299_999] = 7;
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CountingProxy proxy = new CountingProxy(server.getLocalPort());
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
            CompletableFuture<byte[]> asked = CompletableFuture.supplyAsync(() -> answer(server));
            client.getOutputStream().write(question);
            client.shutdownOutput();
            byte[] answer = client.getInputStream().readAllBytes();
            assertThat(asked.join()).isEqualTo(question);
            assertThat(answer).containsExactly(1, 2, 3);
            assertThat(proxy.bytesToTarget()).isEqualTo(300_000);
            assertThat(proxy.bytes()).isEqualTo(300_003);
        }
    }

    private static byte[] answer(ServerSocket server) {
        try (Socket peer = server.accept()) {
            byte[] question = peer.getInputStream().readAllBytes();
            peer.getOutputStream().write(new byte[] {1, 2, 3});
            return question;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
