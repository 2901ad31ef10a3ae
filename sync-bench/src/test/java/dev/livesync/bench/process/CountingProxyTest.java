package dev.livesync.bench.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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

    @Test
    void aDelayIsThatOfALinkNotOfEachMessage() throws Exception {
        int messages = 100;
        long delay = TimeUnit.MILLISECONDS.toNanos(100);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                CountingProxy proxy = new CountingProxy(server.getLocalPort(), Duration.ofNanos(delay));
                Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
                Socket peer = server.accept()) {
            long[] sent = new long[messages];
            long[] received = new long[messages];
            CompletableFuture<Void> writes = CompletableFuture.runAsync(() -> {
                for (int i = 0; i < messages; i++) {
                    sent[i] = System.nanoTime();
                    write(client, i);
                }
            });
            for (int i = 0; i < messages; i++) {
                assertThat(peer.getInputStream().read()).isEqualTo(i);
                received[i] = System.nanoTime();
            }
            writes.join();
            for (int i = 0; i < messages; i++) {
                assertThat(received[i] - sent[i]).isGreaterThanOrEqualTo(delay);
            }
            // One after the other they would take ten seconds.
            assertThat(received[messages - 1] - sent[0]).isLessThan(messages * delay / 2);
            Instant before = Instant.now();
            write(peer, 1);
            assertThat(client.getInputStream().read()).isEqualTo(1);
            assertThat(proxy.hops(true, before)).as("there").isEqualTo(1);
            assertThat(proxy.hops(false, before)).as("nothing has come back").isZero();
            assertThat(proxy.hops(false, Instant.now())).as("there and back").isEqualTo(2);
            assertThat(proxy.bytes()).isEqualTo(messages + 1);
            peer.shutdownOutput();
            assertThat(client.getInputStream().read()).as("the end").isEqualTo(-1);
        }
    }

    private static void write(Socket socket, int value) {
        try {
            socket.getOutputStream().write(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
