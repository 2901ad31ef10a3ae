package dev.livesync.discovery.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.MulticastSocket;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Links by jmDNS at 127.0.0.1, where multicast has to work, beside whatever else is sent there. */
@Tag("soak")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class JmdnsLinkTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final byte[] TEXT = {3, 'v', '=', '1'};

    /** One link, and what it has heard. */
    private static final class Heard implements LanListener {
        final JmdnsThreads threads = new JmdnsThreads();
        final Map<String, byte[]> services = new ConcurrentHashMap<>();
        final JmdnsLink link;

        Heard(String address, String label) throws IOException {
            link = new JmdnsLink(threads, LanBoard.literal(address), label, 4001, TEXT, this);
        }

        @Override
        public void heard(String label, byte[] text) {
            services.put(label, text);
        }

        @Override
        public void gone(String label) {
            services.remove(label);
        }

        void leave() throws Exception {
            link.leave().toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(threads.isOver()).as("all threads have ended").isTrue();
        }
    }

    /** Sends packets to the group, at 127.0.0.1. */
    private static final class Sender implements AutoCloseable {
        private final MulticastSocket socket;
        private final InetSocketAddress group;

        Sender() throws IOException {
            group = new InetSocketAddress(LanBoard.literal("224.0.0.251"), 5353);
            socket = new MulticastSocket(5353);
            socket.setNetworkInterface(NetworkInterface.getByInetAddress(LanBoard.literal("127.0.0.1")));
        }

        void send(byte[] packet) throws IOException {
            socket.send(new DatagramPacket(packet, packet.length, group));
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** A response with the records of one service: PTR, SRV, TXT and A. */
    private static byte[] response(String label, byte[] text) {
        ByteBuffer out = ByteBuffer.allocate(1_400);
        out.putShort((short) 0)
                .putShort((short) 0x8400)
                .putShort((short) 0)
                .putShort((short) 4)
                .putInt(0);
        byte[] type = name("_livesync", "_tcp", "local");
        byte[] instance = name(label, "_livesync", "_tcp", "local");
        byte[] host = name(label, "local");
        record(out, type, 12, instance);
        ByteBuffer srv = ByteBuffer.allocate(6 + host.length)
                .putInt(0)
                .putShort((short) 4001)
                .put(host);
        record(out, instance, 33, srv.array());
        record(out, instance, 16, text);
        record(out, host, 1, new byte[] {127, 0, 0, 1});
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    private static void record(ByteBuffer out, byte[] name, int type, byte[] data) {
        out.put(name).putShort((short) type).putShort((short) 1).putInt(120);
        out.putShort((short) data.length).put(data);
    }

    private static byte[] name(String... labels) {
        ByteBuffer out = ByteBuffer.allocate(300);
        for (String label : labels) {
            out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.put((byte) 0);
        return java.util.Arrays.copyOf(out.array(), out.position());
    }

    @Test
    void whatIsNoMessageAndWhatIsAlmostOneDoesntKeepLinksFromFindingEachOther() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Heard a = new Heard("127.0.0.1", "aaaa");
        try (Sender sender = new Sender()) {
            byte[] good = response("somebody", TEXT);
            for (int i = 0; i < 50_000; i++) {
                byte[] packet;
                if (i % 3 == 0) {
                    packet = new byte[random.nextInt(300)];
                    random.nextBytes(packet);
                } else {
                    packet =
                            java.util.Arrays.copyOf(good, good.length - (i % 3 == 1 ? random.nextInt(good.length) : 0));
                    for (int flips = random.nextInt(6); flips >= 0 && packet.length > 0; flips--) {
                        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
                    }
                }
                sender.send(packet);
            }
            assertThat(a.threads.hasFailed())
                    .as("seed %d: a thread of jmDNS's has died", seed)
                    .isFalse();
            Heard b = new Heard("127.0.0.1", "bbbb");
            await().atMost(SOON).until(() -> a.services.containsKey("bbbb") && b.services.containsKey("aaaa"));
            assertThat(a.services.get("bbbb")).isEqualTo(TEXT);
            sender.send(good);
            await().atMost(SOON).until(() -> a.services.containsKey("somebody"));
            b.leave();
            await().atMost(SOON).until(() -> !a.services.containsKey("bbbb"));
        } finally {
            a.leave();
        }
    }

    @Test
    void aLinkThatIsFloodedWithServicesIsNotSoundAnyMore() throws Exception {
        Heard a = new Heard("127.0.0.1", "cccc");
        try (Sender sender = new Sender()) {
            assertThat(a.link.isSound()).isTrue();
            int[] sent = {0};
            await().atMost(SOON).until(() -> {
                for (int i = 0; i < 200; i++) {
                    sender.send(response("flood" + sent[0]++, new byte[] {2, 'x', '='}));
                }
                return !a.link.isSound();
            });
            assertThat(sent[0]).isGreaterThan(500);
        } finally {
            a.leave();
        }
    }

    @Test
    void aLinkWhereNothingCanBeSentIsNotSoundAndEnds() throws Exception {
        InetAddress six = LanBoard.literal("::1");
        NetworkInterface network = NetworkInterface.getByInetAddress(six);
        try {
            MulticastProbe.send(network, six);
        } catch (IOException e) {
            Heard a = new Heard("::1", "dddd");
            int looks = 0;
            while (a.link.isSound()) {
                assertThat(++looks).isLessThan(10);
            }
            a.leave();
            return;
        }
        // Where it can be sent, links work there as elsewhere.
        Heard a = new Heard("::1", "eeee");
        a.leave();
    }
}
