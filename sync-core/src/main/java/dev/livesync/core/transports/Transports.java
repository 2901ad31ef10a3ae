package dev.livesync.core.transports;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The transports of one {@code Sync}: chooses by id, by scheme or by the form of an offer, and opens each once, when it is first needed.
 * Any thread.
 *
 * <p>A choice is never a guess: none or several candidates are a {@link ErrorKind#CONFIGURATION} that names what is there.
 */
public final class Transports {
    private final List<Candidate> candidates;
    private final List<String> broken;
    private final TransportContext context;
    private final Map<String, Transport> open = new HashMap<>();
    private boolean closed;

    private Transports(List<Candidate> candidates, List<String> broken, TransportContext context) {
        this.candidates = candidates;
        this.broken = broken;
        this.context = context;
    }

    /**
     * Collects the candidates: if nothing is given or named, everything that ServiceLoader finds; otherwise the given instances and the
     * named ones.
     *
     * @param given instances, each with its configuration; one with the id of a discovered provider takes its place
     * @param named ids to look up among the discovered
     * @param context lent to transports
     * @return the choice
     * @throws SyncException {@link ErrorKind#CONFIGURATION} for a name that nobody has, or several
     */
    public static Transports collect(List<TransportProvider> given, List<String> named, TransportContext context) {
        List<Candidate> candidates = new ArrayList<>();
        for (TransportProvider provider : given) {
            candidates.add(Candidate.of(provider));
        }
        if (!given.isEmpty() && named.isEmpty()) {
            return new Transports(candidates, List.of(), context);
        }
        ProviderDiscovery discovery = ProviderDiscovery.run();
        if (named.isEmpty()) {
            return new Transports(discovery.found(), discovery.broken(), context);
        }
        Transports all = new Transports(discovery.found(), discovery.broken(), context);
        for (String id : named) {
            candidates.add(all.byId(id));
        }
        return new Transports(candidates, discovery.broken(), context);
    }

    /**
     * The providers to choose from.
     *
     * @return a copy
     */
    public List<TransportProvider> providers() {
        return candidates.stream().map(Candidate::provider).toList();
    }

    /**
     * Finds the transport with an id.
     *
     * @param id what a user or an offer wrote
     * @return the candidate
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there is none, or several
     */
    public Candidate byId(String id) {
        return one(c -> c.id().equals(id), "transport '" + shorten(id) + "' is unknown");
    }

    /**
     * Finds the transport of an address.
     *
     * @param address an address with its scheme
     * @return the candidate
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there is none, or several
     */
    public Candidate byAddress(String address) {
        String scheme = scheme(address);
        if (scheme == null) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    "'" + shorten(address) + "' is no address: it has no scheme" + available());
        }
        return one(c -> c.schemes().contains(scheme), "no transport for addresses of the scheme '" + scheme + "'");
    }

    /**
     * The transport that finds direct paths by signals.
     *
     * @return the only one without addresses; empty if there is none, or several, of which nobody has said which to take
     */
    public Optional<Candidate> signalling() {
        List<Candidate> matching =
                candidates.stream().filter(c -> c.schemes().isEmpty()).toList();
        return matching.size() == 1 ? Optional.of(matching.get(0)) : Optional.empty();
    }

    /**
     * The transports there are.
     *
     * @return their ids
     */
    public Set<String> ids() {
        return candidates.stream().map(Candidate::id).collect(Collectors.toSet());
    }

    /**
     * Whether the channels of a transport are relayed.
     *
     * @param id its id
     * @return true if it says so
     */
    public boolean isRelayed(String id) {
        return candidates.stream()
                .anyMatch(c -> c.id().equals(id) && c.provider().features().contains(TransportFeature.RELAYED));
    }

    /**
     * The transport to use when none is named.
     *
     * @return the only one
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there is none, or several
     */
    public Candidate only() {
        return one(c -> true, "there is no transport; add the module of one as a dependency");
    }

    /**
     * The transport that an offer without our extension is for.
     *
     * @param offer what the proposer's transport wrote
     * @return the candidate that recognizes it
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if there is none, or several
     */
    public Candidate recognizing(Signal offer) {
        return one(c -> recognizes(c, offer), "the offer names no transport and none here recognizes it");
    }

    /**
     * Opens a transport, or returns it if it is open. May take a while.
     *
     * @param candidate which
     * @return the transport; closed by {@link #close}
     * @throws SyncException as the provider throws it; {@link ErrorKind#INTERNAL} for anything else it throws, {@link
     *     ErrorKind#CLOSED} after {@link #close}
     */
    public synchronized Transport open(Candidate candidate) {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "this Sync is closed");
        }
        Transport transport = open.get(candidate.id());
        if (transport == null) {
            try {
                transport = candidate.provider().open(context);
            } catch (SyncException e) {
                throw e;
            } catch (RuntimeException | LinkageError e) {
                throw new SyncException(ErrorKind.INTERNAL, "the transport " + candidate + " does not open: " + e, e);
            }
            open.put(candidate.id(), transport);
        }
        return transport;
    }

    /**
     * Removes the open transports; none can be opened afterwards.
     *
     * @return those that were open, for the caller to close
     */
    public synchronized List<Transport> close() {
        closed = true;
        List<Transport> taken = List.copyOf(open.values());
        open.clear();
        return taken;
    }

    /**
     * The scheme of an address.
     *
     * @param address any text
     * @return lower case; null if it has none
     */
    public static @Nullable String scheme(String address) {
        int colon = address.indexOf(':');
        if (colon < 1 || !address.substring(0, colon).matches("[A-Za-z][A-Za-z0-9+.-]*")) {
            return null;
        }
        return address.substring(0, colon).toLowerCase(Locale.ROOT);
    }

    private static boolean recognizes(Candidate candidate, Signal offer) {
        try {
            return candidate.provider().recognizes(offer);
        } catch (RuntimeException | LinkageError e) {
            return false;
        }
    }

    private Candidate one(Predicate<Candidate> condition, String none) {
        List<Candidate> matching = candidates.stream().filter(condition).toList();
        if (matching.isEmpty()) {
            throw new SyncException(ErrorKind.CONFIGURATION, none + available());
        }
        if (matching.size() > 1) {
            String names = matching.stream()
                    .sorted(Comparator.comparing(Candidate::toString))
                    .map(Candidate::toString)
                    .collect(Collectors.joining(" and "));
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "more than one transport fits: " + names + "; name the one you mean");
        }
        return matching.get(0);
    }

    private String available() {
        String there = candidates.stream()
                .map(c -> c.id()
                        + c.schemes().stream()
                                .sorted()
                                .map(s -> s + ":")
                                .collect(Collectors.joining(", ", c.schemes().isEmpty() ? "" : " for ", "")))
                .sorted()
                .collect(Collectors.joining("; "));
        String text = there.isEmpty() ? "; no transport is here" : "; there is " + there;
        return broken.isEmpty() ? text : text + "; these do not work: " + String.join(", ", broken);
    }

    private static String shorten(String text) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
