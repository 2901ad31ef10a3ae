package dev.livesync.simulation.world;

import dev.livesync.api.replica.Subscription;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Grants that are still told for a while after they were revoked. */
class LateGrants implements Grants {
    private record Past(Grant grant, long until) {}

    private final Grants real;
    private final LongSupplier nanos;
    private final long delay;
    private final List<Past> past = new ArrayList<>();

    /** As long as is said here. */
    LateGrants(Grants real, LongSupplier nanos, long delay) {
        this.real = real;
        this.nanos = nanos;
        this.delay = delay;
    }

    @Override
    public List<Grant> list() {
        List<Grant> all = new ArrayList<>(real.list());
        for (Past each : past) {
            boolean isOver = each.until - nanos.getAsLong() <= 0;
            if (!isOver && all.stream().noneMatch(grant -> grant.name().equals(each.grant.name()))) {
                all.add(each.grant);
            }
        }
        return all;
    }

    @Override
    public void add(Grant grant) {
        real.add(grant);
    }

    @Override
    public boolean revoke(String name) {
        real.find(name).ifPresent(grant -> past.add(new Past(grant, nanos.getAsLong() + delay)));
        return real.revoke(name);
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return real.onChange(listener);
    }
}
