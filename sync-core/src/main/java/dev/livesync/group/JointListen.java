package dev.livesync.group;

import dev.livesync.Endpoint;
import dev.livesync.api.SyncException;
import dev.livesync.core.session.SyncFailures;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/** Several databases that begin to listen together: all of them, or none. */
final class JointListen {
    private final Collection<String> names;
    private final Consumer<SyncException> giveUp;
    private final CompletableFuture<Map<String, Endpoint>> result = new CompletableFuture<>();
    private final Map<String, Endpoint> endpoints = new TreeMap<>();
    private final List<CompletableFuture<Endpoint>> calls = new ArrayList<>();

    /**
     * Prepares.
     *
     * @param names of the databases
     * @param giveUp called where it comes to nothing
     */
    JointListen(Collection<String> names, Consumer<SyncException> giveUp) {
        this.names = names;
        this.giveUp = giveUp;
    }

    /** Begins to listen with each. */
    CompletableFuture<Map<String, Endpoint>> begin(Function<String, CompletableFuture<Endpoint>> listen) {
        for (String name : names) {
            CompletableFuture<Endpoint> call = listen.apply(name);
            synchronized (this) {
                calls.add(call);
            }
            var unused = call.whenComplete((endpoint, thrown) -> {
                if (thrown != null) {
                    result.completeExceptionally(SyncFailures.of("listening", thrown));
                } else {
                    opened(name, endpoint);
                }
            });
        }
        var unused = result.whenComplete((all, thrown) -> {
            if (thrown != null) {
                undo(SyncFailures.of("listening", thrown));
            }
        });
        return result;
    }

    private void opened(String name, Endpoint endpoint) {
        Map<String, Endpoint> all = null;
        synchronized (this) {
            endpoints.put(name, endpoint);
            if (endpoints.size() == names.size()) {
                all = Collections.unmodifiableMap(new TreeMap<>(endpoints));
            }
        }
        if (result.isCompletedExceptionally() || (all != null && !result.complete(all))) {
            endpoint.close();
        }
    }

    private void undo(SyncException why) {
        giveUp.accept(why);
        List<CompletableFuture<Endpoint>> begun;
        List<Endpoint> open;
        synchronized (this) {
            begun = new ArrayList<>(calls);
            open = new ArrayList<>(endpoints.values());
        }
        begun.forEach(call -> call.cancel(false));
        open.forEach(Endpoint::close);
    }
}
