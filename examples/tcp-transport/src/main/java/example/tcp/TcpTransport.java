package example.tcp;

import dev.livesync.api.*;
import dev.livesync.api.transport.*;
import java.io.Closeable;
import java.io.IOException;
import java.net.*;
import java.util.Set;
import java.util.concurrent.*;

/** Owns the threads and knows what is open, so that {@link #close} can end all of it. */
final class TcpTransport implements DialingTransport {
    final TransportContext context;
    final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tcp-transport");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Closeable> sockets = ConcurrentHashMap.newKeySet();
    private final Set<TcpChannel> channels = ConcurrentHashMap.newKeySet();
    private boolean closed; // guarded by this

    TcpTransport(TransportContext context) {
        this.context = context;
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        return attempt(address, ErrorKind.UNREACHABLE, (at, result) -> {
            Socket socket = keep(new Socket(), result);
            socket.connect(at, (int) context.connectTimeout().toMillis());
            return begin(socket);
        });
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        return attempt(address, ErrorKind.IN_USE, (at, result) -> {
            ServerSocket server = keep(new ServerSocket(), result);
            server.bind(at);
            var accepting = CompletableFuture.runAsync(() -> acceptAll(server, acceptor), threads);
            return new Listening() {
                @Override
                public String address() {
                    return "tcp://127.0.0.1:" + server.getLocalPort() + "/";
                }

                @Override
                public void close() {
                    TcpTransport.this.close(server);
                    await(accepting, 1); // the port is free only when nobody waits at it any more
                }
            };
        });
    }

    private interface Attempt<T> {
        T run(InetSocketAddress at, CompletableFuture<T> result) throws IOException;
    }

    /** On a thread of its own, since names are looked up and connections take their time. */
    private synchronized <T> CompletionStage<T> attempt(String address, ErrorKind otherwise, Attempt<T> attempt) {
        if (closed) {
            return CompletableFuture.failedFuture(gone());
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(attempt.run(parse(address), result));
            } catch (SyncException e) {
                result.completeExceptionally(e);
            } catch (IOException e) {
                ErrorKind kind = e instanceof SocketTimeoutException ? ErrorKind.TIMEOUT : otherwise;
                result.completeExceptionally(threads.isShutdown() ? gone() : new SyncException(kind, address + ": " + e, e));
            } catch (RejectedExecutionException e) {
                result.completeExceptionally(gone());
            }
        });
        return result;
    }

    private static InetSocketAddress parse(String address) {
        try {
            URI uri = new URI(address);
            InetAddress host = InetAddress.getByName(uri.getHost());
            boolean right = "tcp".equals(uri.getScheme()) && uri.getHost() != null && uri.getPort() >= 0;
            if (right && host.isLoopbackAddress()) { // nothing is encrypted, so nothing leaves this machine
                return new InetSocketAddress(host, uri.getPort());
            }
        } catch (URISyntaxException | UnknownHostException e) {
            // no address
        }
        throw new SyncException(ErrorKind.CONFIGURATION, "not of the form tcp://127.0.0.1:PORT/: " + address);
    }

    /** Remembers a socket, and closes it if its attempt fails or is cancelled. */
    private <S extends Closeable> S keep(S socket, CompletableFuture<?> result) {
        sockets.add(socket);
        result.exceptionally(failure -> close(socket));
        return socket;
    }

    private <T> T close(Closeable socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone in any case
        }
        return null;
    }

    private synchronized TcpChannel begin(Socket socket) throws IOException {
        sockets.remove(socket);
        if (closed) {
            socket.close();
            throw gone();
        }
        TcpChannel channel = new TcpChannel(this, socket);
        channels.add(channel);
        channel.over.thenRun(() -> channels.remove(channel));
        threads.execute(channel::read);
        return channel;
    }

    private void acceptAll(ServerSocket server, ChannelAcceptor acceptor) {
        while (!server.isClosed()) {
            try {
                TcpChannel channel = begin(server.accept());
                try {
                    acceptor.accept(channel);
                } catch (RuntimeException e) {
                    channel.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor failed", e));
                }
            } catch (IOException | SyncException e) {
                // this connection is lost, or nobody listens any more
            }
        }
    }

    private static SyncException gone() {
        return new SyncException(ErrorKind.CLOSED, "the TCP transport is closed");
    }

    /** Waits, but not for ever: a callback may take its time. What still runs then is a daemon, and ends by itself. */
    private static void await(CompletableFuture<?> end, int seconds) {
        try {
            end.get(seconds, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            // that is all we can do
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            threads.shutdown();
        }
        channels.forEach(channel -> channel.abort(gone()));
        sockets.forEach(this::close);
        await(CompletableFuture.allOf(channels.stream().map(c -> c.over).toArray(CompletableFuture[]::new)), 3);
        try {
            threads.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
