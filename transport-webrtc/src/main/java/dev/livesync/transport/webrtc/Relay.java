package dev.livesync.transport.webrtc;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The only way from the native library to us. webrtc-java 0.14.0 keeps some of the observers that it is given, two for each connection,
 * for as long as the process lives; so observers refer to a relay and to nothing else, and the end of a connection empties it. Any
 * thread.
 */
final class Relay<T> {
    private static final System.Logger LOG = System.getLogger(Relay.class.getName());

    private volatile @Nullable T target;

    Relay(T target) {
        this.target = target;
    }

    /** Passes an event to the target, unless the relay was emptied. Throws nothing, since an exception in a native callback aborts the process. */
    void tell(Consumer<? super T> event) {
        NativeRuntime.calledBack();
        T told = target;
        if (told == null) {
            return;
        }
        try {
            event.accept(told);
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.WARNING, "a callback of WebRTC failed", e);
        }
    }

    void empty() {
        target = null;
    }
}
