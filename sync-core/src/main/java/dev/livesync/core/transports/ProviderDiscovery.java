package dev.livesync.core.transports;

import dev.livesync.api.transport.TransportProvider;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/** Finds providers by ServiceLoader. A broken one is left out and listed, and doesn't hide others. */
final class ProviderDiscovery {
    private static final System.Logger LOG = System.getLogger(ProviderDiscovery.class.getName());

    /** The most failures of a loader. One that always fails would otherwise be asked for ever. */
    private static final int MAX_BROKEN = 100;

    private final List<Candidate> found = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();
    private final Set<Class<?>> seen = new HashSet<>();

    private ProviderDiscovery() {}

    /** Looks on the context class loader's path and on this library's own. */
    static ProviderDiscovery run() {
        ProviderDiscovery discovery = new ProviderDiscovery();
        discovery.read(ServiceLoader.load(TransportProvider.class));
        discovery.read(ServiceLoader.load(TransportProvider.class, ProviderDiscovery.class.getClassLoader()));
        return discovery;
    }

    /** Looks in the given loader. */
    static ProviderDiscovery run(ServiceLoader<TransportProvider> loader) {
        ProviderDiscovery discovery = new ProviderDiscovery();
        discovery.read(loader);
        return discovery;
    }

    List<Candidate> found() {
        return found;
    }

    /** One text for each provider that did not work. */
    List<String> broken() {
        return broken;
    }

    private void read(ServiceLoader<TransportProvider> loader) {
        Iterator<ServiceLoader.Provider<TransportProvider>> providers =
                loader.stream().iterator();
        while (broken.size() < MAX_BROKEN) {
            String name = "a provider";
            try {
                if (!providers.hasNext()) {
                    return;
                }
                ServiceLoader.Provider<TransportProvider> provider = providers.next();
                name = provider.type().getName();
                if (seen.add(provider.type())) {
                    found.add(Candidate.of(provider.get()));
                }
            } catch (ServiceConfigurationError | RuntimeException | LinkageError e) {
                LOG.log(Level.WARNING, "a transport is left out, its provider does not work: " + name, e);
                Throwable cause = e.getCause() == null ? e : e.getCause();
                String why = name + " (" + cause + ")";
                if (!broken.contains(why)) {
                    broken.add(why);
                }
            }
        }
    }
}
