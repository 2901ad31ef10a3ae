package dev.livesync.transport.partykit;

import com.google.auto.service.AutoService;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The PartyKit transport: id {@code partykit}, addresses {@code partykit://HOST/parties/PARTY/ROOM/SEAT}, and with {@code partykit+ws} for
 * rooms without TLS. Who listens at an address without a seat gets one that nobody can guess. Any thread.
 */
@AutoService(TransportProvider.class)
@SuppressWarnings("exports") // of the annotation, which users need not know
public final class PartyKitTransportProvider implements TransportProvider {
    private final PartyKitConfiguration configuration;
    private final Set<PartyKitTransport> open = ConcurrentHashMap.newKeySet();

    /** A provider with the {@linkplain PartyKitConfiguration#defaults defaults}. */
    public PartyKitTransportProvider() {
        this(PartyKitConfiguration.defaults());
    }

    /**
     * A provider with a configuration of your own.
     *
     * @param configuration room, token, limits and policy
     */
    public PartyKitTransportProvider(PartyKitConfiguration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
    }

    @Override
    public String id() {
        return RoomAddress.SECURE;
    }

    @Override
    public Set<String> schemes() {
        return Set.of(RoomAddress.SECURE, RoomAddress.PLAIN);
    }

    /**
     * An unguessable seat in the {@linkplain PartyKitConfiguration#room room} of the configuration. There is no room that everybody has:
     * without one in the configuration it is an address at which listening fails and says so.
     */
    @Override
    public String localAddress() {
        return configuration.room().isEmpty() ? RoomAddress.SECURE + ":" : configuration.room();
    }

    @Override
    public Set<TransportFeature> features() {
        return Set.of(TransportFeature.INBOUND_BACKPRESSURE, TransportFeature.RELAYED);
    }

    /**
     * Makes a discovery of those who sit in one room: for a mesh of a {@code Sync} that has this provider, and that listens in the room. It has no
     * socket of its own. A peer's name is its seat.
     *
     * @return new, not started
     */
    public Discovery discovery() {
        return new RoomDiscovery(address -> open.stream()
                .filter(transport -> transport.listensAt(address))
                .findAny()
                .orElse(null));
    }

    @Override
    public Transport open(TransportContext context) {
        PartyKitTransport transport =
                new PartyKitTransport(configuration, Objects.requireNonNull(context, "context"), open::remove);
        open.add(transport);
        return transport;
    }
}
