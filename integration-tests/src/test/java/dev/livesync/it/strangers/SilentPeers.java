package dev.livesync.it.strangers;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.internal.TestContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Connections from one address that never prove anything: most say nothing, or a byte of a proper beginning now and then, some go as far as anybody can. */
final class SilentPeers implements AutoCloseable {
    /** Each so many-th has a channel, and sends no message. */
    private static final int FAR = 15;

    private final TestContext context = new TestContext(1 << 20, Duration.ofMinutes(5), Duration.ofSeconds(5));
    private final DialingTransport transport;
    private final String address;
    private final InetSocketAddress socketAddress;
    private final byte[] beginning;
    private final SocketChannel[] sockets;
    private final int[] said;
    private final AtomicInteger channels = new AtomicInteger();
    private final AtomicInteger dials = new AtomicInteger();

    SilentPeers(int count, TransportProvider provider, String address, int port, byte[] beginning) {
        this.transport = (DialingTransport) provider.open(context);
        this.address = address;
        this.socketAddress = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.beginning = beginning;
        this.sockets = new SocketChannel[count];
        this.said = new int[count];
    }

    /** Connects all that are not connected. */
    void come() throws IOException {
        for (int i = 0; i < sockets.length; i++) {
            if (i % FAR == 0) {
                goFar();
            } else if (sockets[i] == null) {
                sockets[i] = SocketChannel.open(socketAddress);
                sockets[i].configureBlocking(false);
                said[i] = 0;
            }
        }
    }

    private void goFar() {
        dials.incrementAndGet();
        var unused = transport.dial(address).whenComplete((channel, failure) -> {
            if (channel != null) {
                channels.incrementAndGet();
                listen(channel);
            }
            dials.decrementAndGet();
        });
    }

    private void listen(Channel channel) {
        channel.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {}

            @Override
            public void onClosed(CloseReason reason) {
                channels.decrementAndGet();
            }
        });
    }

    /** Every other one says another byte. */
    void dribble() {
        for (int i = 0; i < sockets.length; i += 2) {
            if (sockets[i] != null && said[i] < beginning.length) {
                try {
                    sockets[i].write(ByteBuffer.wrap(beginning, said[i]++, 1));
                } catch (IOException e) {
                    leave(i);
                }
            }
        }
    }

    /** How many are connected. */
    int connected() {
        int open = channels.get() + dials.get();
        ByteBuffer buffer = ByteBuffer.allocate(1_024);
        for (int i = 0; i < sockets.length; i++) {
            try {
                while (sockets[i] != null && sockets[i].read(buffer.clear()) != 0) {
                    if (buffer.position() == 0) {
                        leave(i);
                    }
                }
            } catch (IOException e) {
                leave(i);
            }
            open += sockets[i] == null ? 0 : 1;
        }
        return open;
    }

    private void leave(int i) {
        try {
            sockets[i].close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        sockets[i] = null;
    }

    @Override
    public void close() {
        for (int i = 0; i < sockets.length; i++) {
            if (sockets[i] != null) {
                leave(i);
            }
        }
        transport.close();
        context.close();
    }
}
