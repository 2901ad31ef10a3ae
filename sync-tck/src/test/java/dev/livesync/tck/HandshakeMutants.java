package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.util.function.Supplier;

/** The tutorial's transport with a greeting: 200 bytes from who calls, one from who is called. */
final class HandshakeMutants {
    private HandshakeMutants() {}

    /** One that waits for a greeting as long as it takes. */
    static Supplier<TransportProvider> patient() {
        return greeting("patient", "threads.execute(", "null", "");
    }

    /** One whose time limit begins anew with each byte. */
    static Supplier<TransportProvider> easilyPleased() {
        return greeting(
                "easily-pleased",
                "threads.execute(",
                "null",
                "caller.setSoTimeout((int) context.connectTimeout().toMillis());");
    }

    /** One that greets a caller before it takes the next. */
    static Supplier<TransportProvider> oneByOne() {
        return greeting(
                "one-by-one",
                "here(",
                "context.scheduler().schedule(context.connectTimeout(), () -> closeAndWait(caller, caller0, 0))",
                "");
    }

    private static Supplier<TransportProvider> greeting(String name, String run, String timer, String eachRead) {
        return ExampleTransport.changed(
                "greeting-" + name,
                source -> source.replace("return begin(socket);", """
                socket.setSoTimeout((int) context.connectTimeout().toMillis());
                        socket.getOutputStream().write(new byte[200]);
                        if (socket.getInputStream().read() < 0) throw new IOException("hung up");
                        socket.setSoTimeout(0);
                        return begin(socket);""")
                        .replace("TcpChannel channel = begin(server.accept());", """
                Socket caller = server.accept();
                open.put(caller, caller0);
                if (closed) caller.close();
                RUN(() -> { try {
                greet(caller);
                if (server.isClosed()) throw new IOException("nobody listens any more");
                TcpChannel channel = begin(caller);
                """.replace("RUN(", run))
                        .replace("            } catch (IOException | RejectedExecutionException e) {", """
                } catch (IOException | RejectedExecutionException e) {
                    closeAndWait(caller, caller0, 0);
                } });
                } catch (IOException | RejectedExecutionException e) {""")
                        .replace("private static SyncException gone()", """
                private final CompletableFuture<Void> caller0 = CompletableFuture.completedFuture(null);

                private static void here(Runnable task) { task.run(); }

                private void greet(Socket caller) throws IOException {
                    TransportContext.Cancellable timer = TIMER;
                    for (int i = 0; i < 200; i++) {
                        EACH
                        if (caller.getInputStream().read() < 0) throw new IOException("hung up");
                    }
                    if (timer != null) timer.cancel();
                    caller.setSoTimeout(0);
                    caller.getOutputStream().write(1);
                }

                private static SyncException gone()""".replace("TIMER", timer)
                                .replace("EACH", eachRead)));
    }
}
