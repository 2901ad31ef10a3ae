package dev.livesync.grant;

import dev.livesync.api.replica.Subscription;
import java.util.List;

/** Grants that end with the process. */
final class MemoryGrants implements Grants {
    private final GrantListeners listeners = new GrantListeners();
    private volatile List<Grant> grants = List.of();

    @Override
    public List<Grant> list() {
        return grants;
    }

    @Override
    public void add(Grant grant) {
        synchronized (this) {
            grants = GrantLists.with(grants, grant);
        }
        listeners.changed();
    }

    @Override
    public boolean revoke(String name) {
        synchronized (this) {
            List<Grant> left = GrantLists.without(grants, name);
            if (left.size() == grants.size()) {
                return false;
            }
            grants = left;
        }
        listeners.changed();
        return true;
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return listeners.add(listener);
    }
}
