package dev.livesync.core.session;

import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A replica that throws at one of the calls to it, its snapshots or their iterators, and counts the snapshots that are open. */
public final class Faulty {
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger open = new AtomicInteger();
    private final int at;
    private final Supplier<? extends Throwable> fault;
    private final Replica replica;

    /**
     * A replica.
     *
     * @param at which call throws, counted from 1
     */
    public Faulty(Replica behind, int at, Supplier<? extends Throwable> fault) {
        this.at = at;
        this.fault = fault;
        this.replica = wrap(Replica.class, behind);
    }

    public Replica replica() {
        return replica;
    }

    /** Whether there were that many calls. */
    public boolean hasThrown() {
        return calls.get() >= at;
    }

    public int openSnapshots() {
        return open.get();
    }

    private <T> T wrap(Class<T> type, Object behind) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            boolean closes = type == Snapshot.class && method.getName().equals("close");
            if (closes) {
                open.decrementAndGet();
            } else if (method.getName().equals("replica")) {
                return proxy;
            } else if (method.getName().equals("broadcast")) { // asked for once, before there are sessions
                return method.invoke(behind, args);
            } else if (method.getDeclaringClass() != Object.class && calls.incrementAndGet() == at) {
                throw fault.get();
            }
            try {
                Object result = method.invoke(behind, args);
                if (result instanceof Snapshot) {
                    open.incrementAndGet();
                    return wrap(Snapshot.class, result);
                }
                return result instanceof Iterator ? wrap(Iterator.class, result) : result;
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }));
    }
}
