package dev.livesync.discovery.mdns;

import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.DiscoveryListener;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Who is there, as far as the links tell: a peer is there as long as one service of one link says so, and has the addresses of all of these. By one
 * thread at a time.
 */
final class LanPeers {
    /** How many names are remembered; what is heard of others meanwhile is dropped. */
    static final int MOST_NAMES = 512;

    /** How many services of one name are remembered; the eldest gives way. */
    static final int MOST_SERVICES = 16;

    private final DiscoveryListener listener;
    private final Map<Service, String> names = new HashMap<>();
    private final Map<String, Map<Service, LanRecord>> services = new LinkedHashMap<>();

    /** A service, and the link that told of it. */
    private record Service(Object link, String label) {}

    /** Nobody is there yet; the listener is told of those who come and go. */
    LanPeers(DiscoveryListener listener) {
        this.listener = listener;
    }

    /** A service says who it is. */
    void heard(Object link, String label, LanRecord record) {
        DiscoveredPeer peer = record.peer();
        Service service = new Service(link, label);
        String before = names.get(service);
        if (before != null && !before.equals(peer.name())) {
            remove(service);
        }
        Map<Service, LanRecord> known = services.get(peer.name());
        if (known == null) {
            if (services.size() == MOST_NAMES) {
                return;
            }
            known = new LinkedHashMap<>();
            services.put(peer.name(), known);
        }
        if (known.size() == MOST_SERVICES && !known.containsKey(service)) {
            Service eldest = known.keySet().iterator().next();
            known.remove(eldest);
            names.remove(eldest);
        }
        known.put(service, record);
        names.put(service, peer.name());
        tell(peer.name());
    }

    /** A service has gone. */
    void gone(Object link, String label) {
        remove(new Service(link, label));
    }

    /** A link has gone, and what it told of with it. */
    void left(Object link) {
        names.keySet().stream()
                .filter(service -> service.link().equals(link))
                .toList()
                .forEach(service -> remove(service));
    }

    /** Forgets what was written before a time, whoever goes on repeating it. */
    void expire(Instant oldest) {
        services.values().stream()
                .flatMap(known -> known.entrySet().stream())
                .filter(told -> told.getValue().written().isBefore(oldest))
                .map(Map.Entry::getKey)
                .toList()
                .forEach(this::remove);
    }

    /** How many names there are. */
    int size() {
        return services.size();
    }

    private void remove(Service service) {
        String name = names.remove(service);
        if (name == null) {
            return;
        }
        Map<Service, LanRecord> rest = Objects.requireNonNull(services.get(name));
        rest.remove(service);
        if (rest.isEmpty()) {
            services.remove(name);
            listener.lost(name);
        } else {
            tell(name);
        }
    }

    private void tell(String name) {
        List<String> addresses = Objects.requireNonNull(services.get(name)).values().stream()
                .flatMap(record -> record.peer().addresses().stream())
                .distinct()
                .limit(DiscoveredPeer.MAX_ADDRESSES)
                .toList();
        listener.found(new DiscoveredPeer(name, addresses));
    }
}
