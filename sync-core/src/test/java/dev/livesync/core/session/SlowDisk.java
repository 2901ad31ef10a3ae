package dev.livesync.core.session;

import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/** A replica whose commits of what peers sent wait until somebody lets them. */
final class SlowDisk {
    private final Replica replica;

    /**
     * A replica.
     *
     * @param stuck counted down when a commit waits
     * @param disk what it waits for
     */
    SlowDisk(Replica behind, CountDownLatch stuck, CountDownLatch disk) {
        replica = (Replica) Proxy.newProxyInstance(
                Replica.class.getClassLoader(), new Class<?>[] {Replica.class}, (proxy, method, args) -> {
                    if (method.getName().equals("replica")) {
                        return proxy;
                    }
                    if (method.getName().equals("commit")
                            && !((dev.livesync.api.replica.Commit) args[0])
                                    .origin()
                                    .equals(Origin.LOCAL)) {
                        stuck.countDown();
                        disk.await();
                    }
                    try {
                        return method.invoke(behind, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    Replica replica() {
        return replica;
    }
}
