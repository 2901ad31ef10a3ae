package dev.livesync.core.transports;

import dev.livesync.api.transport.TransportProvider;
import java.util.Set;

/**
 * A provider whose id and schemes were checked.
 *
 * @param provider the provider
 * @param id its id
 * @param schemes its schemes
 */
public record Candidate(TransportProvider provider, String id, Set<String> schemes) {
    /** Copies the schemes. */
    public Candidate {
        schemes = Set.copyOf(schemes);
    }

    static Candidate of(TransportProvider provider) {
        return new Candidate(provider, provider.id(), provider.schemes());
    }

    /** The id and the class, which tells two providers of the same id apart. */
    @Override
    public String toString() {
        return id + " (" + provider.getClass().getName() + ")";
    }
}
