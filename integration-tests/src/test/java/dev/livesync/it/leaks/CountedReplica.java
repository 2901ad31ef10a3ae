package dev.livesync.it.leaks;

import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A replica of which it is known how many of its snapshots are open. */
final class CountedReplica {
    private CountedReplica() {}

    /** Over all replicas that share it. */
    static final class Count {
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger opened = new AtomicInteger();

        int open() {
            return open.get();
        }

        /** That any were opened at all shows that this counts what it should. */
        int opened() {
            return opened.get();
        }
    }

    static Replica of(Replica replica, Count count) {
        return proxy(Replica.class, (self, method, arguments) -> {
            if (method.getName().equals("replica")) {
                return self;
            }
            Object result = call(replica, method, arguments);
            return method.getName().equals("snapshot") ? counted((Snapshot) result, count) : result;
        });
    }

    private static Snapshot counted(Snapshot snapshot, Count count) {
        count.open.incrementAndGet();
        count.opened.incrementAndGet();
        AtomicBoolean closed = new AtomicBoolean();
        return proxy(Snapshot.class, (self, method, arguments) -> {
            if (method.getName().equals("close") && closed.compareAndSet(false, true)) {
                count.open.decrementAndGet();
            }
            return call(snapshot, method, arguments);
        });
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, java.lang.reflect.InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
