package dev.livesync.transport.libp2p;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;

/**
 * An I/O handler for a loop that survives an Error. Netty's own loop ends on one, such as an OutOfMemoryError, and leaves its sockets open
 * without notifying their channels or dials.
 */
final class SturdyIo implements IoHandler {
    private static final System.Logger LOG = System.getLogger(SturdyIo.class.getName());

    /** After this many errors in a row the loop gives up. */
    private static final int ERRORS_IN_A_ROW = 100;

    private final IoHandler sockets;
    private int errors;

    private SturdyIo(IoHandler sockets) {
        this.sockets = sockets;
    }

    static IoHandlerFactory around(IoHandlerFactory factory) {
        return executor -> new SturdyIo(factory.newHandler(executor));
    }

    @Override
    public int run(IoHandlerContext context) {
        try {
            int handled = sockets.run(context);
            errors = 0;
            return handled;
        } catch (Error e) {
            if (++errors == ERRORS_IN_A_ROW) {
                log("libp2p's sockets failed; every connection and listener of this loop ends", e);
                sockets.prepareToDestroy();
                throw e;
            }
            log("a turn of libp2p's sockets failed", e);
            return 0;
        }
    }

    /** Logs an error. Logging may fail for lack of memory. */
    private static void log(String what, Error error) {
        try {
            LOG.log(System.Logger.Level.ERROR, what, error);
        } catch (Throwable e) {
            error.addSuppressed(e);
        }
    }

    @Override
    public void initialize() {
        sockets.initialize();
    }

    @Override
    public void prepareToDestroy() {
        sockets.prepareToDestroy();
    }

    @Override
    public void destroy() {
        sockets.destroy();
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return sockets.register(handle);
    }

    @Override
    public void wakeup() {
        sockets.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return sockets.isCompatible(type);
    }
}
