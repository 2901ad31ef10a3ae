package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportProvider;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A wire within one process. Whoever listens on a network can be dialled on the same one and on no other, so tests that
 * make their own are isolated; {@link #shared()} is the one that providers found by {@link java.util.ServiceLoader} use.
 *
 * <p>Addresses are {@code memory:NAME}, where a name is 1 to 128 letters, digits, dots, hyphens and underscores; {@code
 * memory:} and {@code memory:0} ask for a fresh one. Numbers and names are handed out in order, from 1.
 *
 * <p>Any thread.
 */
public final class MemoryNetwork {
    private static final MemoryNetwork SHARED = new MemoryNetwork();

    private final MemoryFaults faults = new MemoryFaults();
    private final Map<String, MemoryListening> listenings = new HashMap<>();
    private final Map<String, MemoryAnswer> answers = new HashMap<>();
    private long names;
    private long signals;
    private long connections;

    /** Makes a network that nobody is on. */
    public MemoryNetwork() {}

    /**
     * The network of the process.
     *
     * @return always the same
     */
    public static MemoryNetwork shared() {
        return SHARED;
    }

    /**
     * A dialling transport on this network, with the default configuration.
     *
     * @return a provider with the id {@code memory}
     */
    public TransportProvider provider() {
        return provider(MemoryConfiguration.defaults());
    }

    /**
     * A dialling transport on this network.
     *
     * @param configuration its limits and features
     * @return a provider with the id {@code memory}
     */
    public TransportProvider provider(MemoryConfiguration configuration) {
        return new MemoryTransportProvider(this, configuration);
    }

    /**
     * A signalling transport on this network, with the default configuration.
     *
     * @return a provider with the id {@code memory-signal}
     */
    public TransportProvider signalling() {
        return signalling(MemoryConfiguration.defaults());
    }

    /**
     * A signalling transport on this network. Its signals have the one field {@code sdp}, as the alpha's have, with a
     * content by which the provider {@linkplain TransportProvider#recognizes recognizes} its own.
     *
     * @param configuration its limits and features
     * @return a provider with the id {@code memory-signal}
     */
    public TransportProvider signalling(MemoryConfiguration configuration) {
        return new MemorySignalProvider(this, configuration);
    }

    /**
     * What goes wrong on this network.
     *
     * @return always the same
     */
    public MemoryFaults faults() {
        return faults;
    }

    /** Binds a name; generates one for null. */
    synchronized String bind(@Nullable String name, MemoryListening listening) {
        String bound = name;
        while (bound == null || (name == null && listenings.containsKey(bound))) {
            bound = "n" + ++names;
        }
        if (listenings.putIfAbsent(bound, listening) != null) {
            throw new SyncException(ErrorKind.IN_USE, "somebody listens at memory:" + bound + " already");
        }
        return bound;
    }

    synchronized void unbind(String name, MemoryListening listening) {
        listenings.remove(name, listening);
    }

    synchronized @Nullable MemoryListening listening(String name) {
        return listenings.get(name);
    }

    synchronized long nextSignal() {
        return ++signals;
    }

    synchronized void register(String name, MemoryAnswer answer) {
        answers.put(name, answer);
    }

    synchronized void unregister(String name) {
        answers.remove(name);
    }

    synchronized @Nullable MemoryAnswer answer(String name) {
        return answers.get(name);
    }

    /** Makes a connection, if both sides can have one. */
    MemoryLink connect(String address, MemoryEnd dialing, MemoryEnd listening) {
        ErrorKind refusal = faults.refusal();
        if (refusal != null) {
            throw new SyncException(refusal, address + " does not take connections: a planned fault");
        }
        if (dialing.configuration().identity().isPresent()
                != listening.configuration().identity().isPresent()) {
            throw new SyncException(
                    ErrorKind.AUTHENTICATION,
                    address + ": one side shows an identity, the other none; configure both alike");
        }
        long number;
        synchronized (this) {
            number = ++connections;
        }
        MemoryLink link = new MemoryLink(number, address, dialing, listening, faults::gone);
        faults.opened(link);
        return link;
    }
}
