package dev.livesync.test.program;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.internal.TestContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.ServiceLoader;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Opens and closes connections, some in order, some while both ends send as fast as they can; then says what they left
 * behind. Or exits in the middle of it all. A crash is an exit code, and no test's.
 */
public final class ConnectionsProgram {
    private static final byte[] PAYLOAD = new byte[16_384];

    private final SignallingTransport transport;
    private final Random random;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong arrived = new AtomicLong();

    private ConnectionsProgram(SignallingTransport transport, long seed) {
        this.transport = transport;
        this.random = new Random(seed);
    }

    /** Arguments: {@code count COUNT RACED SEED} or {@code exit SEED}. */
    public static void main(String[] arguments) throws Exception {
        TransportProvider provider = ServiceLoader.load(TransportProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(each -> each.id().equals("webrtc"))
                .findFirst()
                .orElseThrow();
        TestContext context = new TestContext(262_144, Duration.ofSeconds(2));
        SignallingTransport transport = (SignallingTransport) provider.open(context);
        if (arguments[0].equals("exit")) {
            new ConnectionsProgram(transport, Long.parseLong(arguments[1])).exitInTheMiddle();
        } else {
            int count = Integer.parseInt(arguments[1]);
            int raced = Integer.parseInt(arguments[2]);
            new ConnectionsProgram(transport, Long.parseLong(arguments[3])).openAndClose(count, raced);
            transport.close();
        }
        if (!context.escaped().isEmpty()) {
            throw new AssertionError(context.escaped().get(0));
        }
        // The context's threads are daemons: the process ends by itself or not at all.
    }

    private void openAndClose(int count, int raced) throws Exception {
        int warmUp = 20;
        for (int i = 0; i < warmUp; i++) {
            one(false);
        }
        long before = residentKilobytes();
        long threads = threads();
        for (int i = 0; i < count; i++) {
            one(raced > 0 && i % (count / raced) == 0);
        }
        System.out.printf(
                "connections %d, sent %d, arrived %d, kilobytes each %d, threads more %d%n",
                count, sent.get(), arrived.get(), (residentKilobytes() - before) / count, threads() - threads);
    }

    private void one(boolean raced) throws Exception {
        Channel[] ends = connect();
        List<CompletableFuture<CloseReason>> closes = new ArrayList<>();
        for (Channel end : ends) {
            closes.add(listen(end));
        }
        if (raced) {
            CountDownLatch flowing = new CountDownLatch(20);
            for (Channel end : ends) {
                flood(end, flowing);
            }
            flowing.await(30, TimeUnit.SECONDS);
        } else {
            ends[0].send(Message.text("hello")).toCompletableFuture().get(30, TimeUnit.SECONDS);
        }
        end(ends[random.nextInt(2)]);
        if (raced) {
            end(ends[random.nextInt(2)]);
        }
        for (CompletableFuture<CloseReason> close : closes) {
            close.get(60, TimeUnit.SECONDS);
        }
    }

    private void end(Channel channel) {
        if (random.nextBoolean()) {
            channel.abort(new SyncException(ErrorKind.CANCELLED, "enough"));
        } else {
            channel.close();
        }
    }

    private void exitInTheMiddle() throws Exception {
        CountDownLatch flowing = new CountDownLatch(10 + random.nextInt(100));
        for (int i = 0; i < 3; i++) {
            for (Channel end : connect()) {
                var unusedClose = listen(end);
                flood(end, flowing);
            }
        }
        var unused = transport.offer();
        flowing.await(30, TimeUnit.SECONDS);
        for (int i = 0; i < 2; i++) {
            transport.offer();
        }
        if (random.nextBoolean()) {
            new Thread(transport::close).start();
        }
        System.exit(42);
    }

    private Channel[] connect() throws Exception {
        SignallingTransport.Offer offer =
                transport.offer().toCompletableFuture().get(30, TimeUnit.SECONDS);
        SignallingTransport.Answer answer =
                transport.accept(offer.signal()).toCompletableFuture().get(30, TimeUnit.SECONDS);
        Channel proposer = offer.connect(answer.signal()).toCompletableFuture().get(30, TimeUnit.SECONDS);
        return new Channel[] {proposer, answer.channel().toCompletableFuture().get(30, TimeUnit.SECONDS)};
    }

    private CompletableFuture<CloseReason> listen(Channel channel) {
        CompletableFuture<CloseReason> closed = new CompletableFuture<>();
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                arrived.incrementAndGet();
            }

            @Override
            public void onClosed(CloseReason reason) {
                closed.complete(reason);
            }
        });
        channel.request(Long.MAX_VALUE);
        return closed;
    }

    /** Sends until that fails, on a thread of its own. */
    private void flood(Channel channel, CountDownLatch flowing) {
        Thread thread = new Thread(() -> {
            try {
                while (true) {
                    channel.send(Message.binary(PAYLOAD)).toCompletableFuture().join();
                    sent.incrementAndGet();
                    flowing.countDown();
                }
            } catch (RuntimeException e) {
                flowing.countDown();
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static long threads() throws IOException {
        return status("Threads:");
    }

    private static long residentKilobytes() throws IOException {
        System.gc();
        return status("RssAnon:");
    }

    private static long status(String name) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }
}
