package example.tcp;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Owns the threads and knows all that is open, so that {@link #close} can end it. */
final class TcpTransport implements DialingTransport {
    final TransportContext context;
    final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tcp-transport");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<CompletableFuture<?>> attempts = ConcurrentHashMap.newKeySet();
    private final Set<Closeable> sockets = ConcurrentHashMap.newKeySet();
    private final Set<TcpChannel> channels = ConcurrentHashMap.newKeySet();
    private boolean closed; // guarded by this

    TcpTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        return attempt(result -> {
            InetSocketAddress at = parse(address);
            ServerSocket server = new ServerSocket();
            result.whenComplete((listening, failure) -> closeIf(failure != null, server));
            try {
                server.bind(at);
            } catch (IOException e) {
                throw new SyncException(ErrorKind.IN_USE, "cannot listen at " + address + ": " + e.getMessage(), e);
            }
            sockets.add(server);
            threads.execute(() -> acceptAll(server, acceptor));
            result.complete(new TcpListening(server));
        });
    }

    private void acceptAll(ServerSocket server, ChannelAcceptor acceptor) {
        while (!server.isClosed()) {
            try {
                TcpChannel channel = channel(server.accept());
                synchronized (server) { // no call begins after TcpListening.close()
                    try {
                        if (server.isClosed()) {
                            throw closed();
                        }
                        acceptor.accept(channel);
                    } catch (RuntimeException e) {
                        channel.abort(new SyncException(ErrorKind.REFUSED, "nobody took the channel", e));
                    }
                }
            } catch (IOException | SyncException e) {
                // the server is closed, or the connection was gone before we had it
            }
        }
        sockets.remove(server);
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        return attempt(result -> {
            InetSocketAddress at = parse(address);
            Socket socket = new Socket();
            result.whenComplete((channel, failure) -> closeIf(failure != null, socket)); // also when cancelled
            try {
                socket.connect(at, Math.toIntExact(Math.max(1, context.connectTimeout().toMillis())));
                result.complete(channel(socket));
            } catch (SocketTimeoutException e) {
                throw new SyncException(ErrorKind.TIMEOUT, address + " does not answer in time", e);
            } catch (IOException e) {
                throw new SyncException(ErrorKind.UNREACHABLE, "nobody answers at " + address, e);
            }
        });
    }

    private interface Attempt<T> {
        void run(CompletableFuture<T> result) throws IOException;
    }

    private synchronized <T> CompletionStage<T> attempt(Attempt<T> attempt) {
        CompletableFuture<T> result = new CompletableFuture<>();
        if (closed) {
            return CompletableFuture.failedFuture(closed());
        }
        attempts.add(result);
        result.whenComplete((value, failure) -> attempts.remove(result));
        threads.execute(() -> {
            try {
                attempt.run(result);
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(
                        e instanceof SyncException ? e : new SyncException(ErrorKind.INTERNAL, e.toString(), e));
            }
        });
        return result;
    }

    private TcpChannel channel(Socket socket) throws IOException {
        TcpChannel channel = new TcpChannel(this, socket);
        synchronized (this) {
            if (!closed) {
                channels.add(channel);
                channel.begin().thenRun(() -> channels.remove(channel));
                return channel;
            }
        }
        socket.close();
        throw closed();
    }

    private static InetSocketAddress parse(String address) {
        try {
            URI uri = URI.create(address);
            boolean plain = uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/");
            if ("tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() >= 0 && plain) {
                InetAddress host = InetAddress.getByName(uri.getHost());
                if (host.isLoopbackAddress()) { // nothing is encrypted here
                    return new InetSocketAddress(host, uri.getPort());
                }
            }
        } catch (IllegalArgumentException | IOException e) {
            // neither is an address
        }
        throw new SyncException(ErrorKind.CONFIGURATION, "not tcp://LOOPBACK-ADDRESS:PORT/: " + address);
    }

    private static SyncException closed() {
        return new SyncException(ErrorKind.CLOSED, "the TCP transport is closed");
    }

    static void closeIf(boolean condition, Closeable socket) {
        try {
            if (condition) {
                socket.close();
            }
        } catch (IOException e) {
            // it is gone in any case
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        attempts.forEach(attempt -> attempt.completeExceptionally(closed()));
        sockets.forEach(socket -> closeIf(true, socket));
        channels.forEach(channel -> channel.abort(closed()));
        threads.shutdown();
        try {
            threads.awaitTermination(4, TimeUnit.SECONDS); // a callback may hold one up
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private record TcpListening(ServerSocket server) implements Listening {
        @Override
        public String address() {
            String host = server.getInetAddress().getHostAddress();
            return "tcp://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + server.getLocalPort() + "/";
        }

        @Override
        public void close() {
            synchronized (server) {
                closeIf(true, server);
            }
        }
    }
}
