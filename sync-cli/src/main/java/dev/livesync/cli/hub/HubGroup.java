package dev.livesync.cli.hub;

import dev.livesync.SyncLimits;
import dev.livesync.api.SyncException;
import dev.livesync.cli.hub.HubConfiguration.Group;
import dev.livesync.cli.hub.HubConfiguration.TransportSettings;
import dev.livesync.grant.Grants;
import dev.livesync.group.SyncGroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The databases of a hub that share addresses: their connections and their listeners. Not for use by several threads at once, but for {@link #close}. */
final class HubGroup implements AutoCloseable {
    private final SyncGroup group;
    private final TransportSettings transports;
    private String files;

    private HubGroup(SyncGroup group, TransportSettings transports, String files) {
        this.group = group;
        this.transports = transports;
        this.files = files;
    }

    /** Makes a group without databases; nothing is bound. */
    static HubGroup open(HubHost host, TransportSettings wanted) throws IOException {
        SyncGroup.Builder builder = SyncGroup.builder()
                .limits(SyncLimits.builder().closeTime(HubSessions.CLOSE_TIME).build());
        HubTransports.providers(wanted).forEach(builder::transport);
        host.time().ifPresent(time -> builder.time(time.scheduler(), time.nanos()));
        return new HubGroup(builder.build(), wanted, "");
    }

    /** Whether it is made with these settings, and with the files as they are. */
    boolean fits(TransportSettings wanted) {
        return transports.equals(wanted) && files.equals(HubTransports.contents(wanted));
    }

    SyncGroup syncs() {
        return group;
    }

    /**
     * Listens, with all members that don't yet. Where none does, the address is bound when all are there, so that nobody who comes early is turned away.
     *
     * @return what could not be done, and why
     */
    List<SyncException> listen(Group wanted, Map<String, HubSessions> members) {
        files = HubTransports.contents(transports); // with those that have been made meanwhile
        List<SyncException> problems = new ArrayList<>();
        for (String address : wanted.listen()) {
            if (members.values().stream().noneMatch(sessions -> sessions.listensAt(address))) {
                Map<String, Grants> grants = new TreeMap<>();
                members.forEach((name, sessions) -> grants.put(name, sessions.grants()));
                HubSessions.attempt(
                        problems,
                        wanted.where(),
                        () -> HubSessions.await(address, group.listen(address, grants))
                                .forEach((name, endpoint) -> Objects.requireNonNull(members.get(name))
                                        .listens(address, endpoint)));
            } else {
                members.values().forEach(sessions -> sessions.listen(address, wanted.where(), problems));
            }
        }
        return problems;
    }

    /** Ends what is left of it: connections and transports. */
    @Override
    public void close() {
        group.close();
    }

    /** All that are in the group under a name that isn't theirs any more give it up. */
    static void giveUpNames(Collection<HubSessions> all, Map<String, HubSessions> wanted) {
        for (HubSessions sessions : all) {
            String name = sessions.name();
            if (!name.isEmpty() && wanted.get(name) != sessions) {
                sessions.hangUp();
            }
        }
    }
}
