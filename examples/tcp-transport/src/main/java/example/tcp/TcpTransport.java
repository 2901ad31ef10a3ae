package example.tcp;

import dev.livesync.api.*;
import dev.livesync.api.transport.*;
import java.io.Closeable;
import java.io.IOException;
import java.net.*;
import java.util.Map;
import java.util.concurrent.*;

/** Owns the threads and knows what is open, so that {@link #close} can end all of it. */
final class TcpTransport implements DialingTransport {
    final TransportContext context;
    final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "tcp-transport");
        thread.setDaemon(true);
        return thread;
    });
    /** What to close, and what is over afterwards. */
    private final Map<Closeable, CompletableFuture<?>> open = new ConcurrentHashMap<>();
    private volatile boolean closed;

    TcpTransport(TransportContext context) { this.context = context; }

    @Override public CompletionStage<Channel> dial(String address) {
        return attempt(address, ErrorKind.UNREACHABLE, (at, result) -> {
            Socket socket = new Socket();
            socket.setTcpNoDelay(true); // makes it: before, a close() would close nothing, and connect() go on
            keep(socket, result);
            socket.connect(at, (int) context.connectTimeout().toMillis());
            return begin(socket);
        });
    }

    @Override public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        return attempt(address, ErrorKind.IN_USE, (at, result) -> {
            ServerSocket server = new ServerSocket();
            server.setReuseAddress(true); // the same
            keep(server, result);
            server.bind(at);
            var accepting = CompletableFuture.runAsync(() -> acceptAll(server, acceptor), threads);
            open.put(server, accepting); // the port is free only when nobody waits at it any more
            return new Listening() {
                @Override public String address() { return "tcp://127.0.0.1:" + server.getLocalPort() + "/"; }

                @Override public void close() { closeAndWait(server, accepting, 1); }
            };
        });
    }

    private interface Attempt<T> { T run(InetSocketAddress at, CompletableFuture<T> result) throws IOException; }

    /** On a thread of its own, since names are looked up and connections take their time. */
    private synchronized <T> CompletionStage<T> attempt(String address, ErrorKind otherwise, Attempt<T> attempt) {
        if (closed) {
            return CompletableFuture.failedFuture(gone());
        }
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(attempt.run(parse(address), result));
            } catch (IOException e) {
                ErrorKind kind = e instanceof SocketTimeoutException ? ErrorKind.TIMEOUT : otherwise;
                result.completeExceptionally(closed ? gone() : new SyncException(kind, address + ": " + e, e));
            } catch (RuntimeException e) { // a thread can't be had after close()
                result.completeExceptionally(e instanceof SyncException ? e : gone());
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
    private void keep(Closeable socket, CompletableFuture<?> result) {
        open.put(socket, result);
        result.handle((value, failure) -> failure == null || closeAndWait(socket, result, 0));
    }

    private TcpChannel begin(Socket socket) throws IOException {
        TcpChannel channel = new TcpChannel(this, socket);
        Closeable abort = () -> channel.abort(gone());
        open.remove(socket);
        open.put(abort, channel.over);
        channel.over.thenRun(() -> open.remove(abort));
        threads.execute(channel::read);
        if (closed) { abort.close(); }
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
            } catch (IOException | RejectedExecutionException e) {
                // this connection is lost, or nobody listens any more
            }
        }
    }

    private static SyncException gone() { return new SyncException(ErrorKind.CLOSED, "the TCP transport is closed"); }

    /** Where the context has its threads; or here, where it refuses: an end has to be told. */
    void tell(Runnable task) {
        try { context.executor().execute(task); } catch (RejectedExecutionException e) { task.run(); }
    }

    /** Waits for the end, but not for ever: a callback may take its time. Says whether it came. */
    boolean closeAndWait(Closeable what, Future<?> over, int seconds) {
        open.remove(what);
        try {
            what.close();
            over.get(seconds, TimeUnit.SECONDS);
        } catch (IOException | InterruptedException | ExecutionException | TimeoutException e) {
            // what still runs is a daemon, and ends by itself
            if (e instanceof InterruptedException) { Thread.currentThread().interrupt(); }
        }
        return over.isDone();
    }

    @Override public void close() {
        synchronized (this) { closed = true; } // no attempt begins from here on
        var over = CompletableFuture.allOf(open.values().toArray(CompletableFuture[]::new));
        closeAndWait(() -> open.keySet().forEach(each -> closeAndWait(each, over, 0)), over, 4);
        threads.shutdown();
    }
}
