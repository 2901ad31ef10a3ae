package dev.livesync.spring;

import dev.livesync.api.replica.Subscription;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.util.List;
import java.util.Optional;

/** Grants in a class that can be proxied. */
class ApplicationGrants implements Grants {
    private final Grants kept;

    ApplicationGrants(Grants kept) {
        this.kept = kept;
    }

    @Override
    public List<Grant> list() {
        return kept.list();
    }

    @Override
    public Optional<Grant> find(String name) {
        return kept.find(name);
    }

    @Override
    public void add(Grant grant) {
        kept.add(grant);
    }

    @Override
    public boolean revoke(String name) {
        return kept.revoke(name);
    }

    @Override
    public Subscription onChange(Runnable listener) {
        return kept.onChange(listener);
    }
}
