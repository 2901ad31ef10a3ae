package dev.livesync.simulation.world;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Cursor;
import dev.livesync.replica.postgres.ModelledServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The store that the hubs of a world share, and what has to be true of it whatever its hubs think. */
final class WorldStore {
    static final String DATABASE = "world";

    private static final Cid NOBODY_LOOKED = Block.of(Cid.RAW, new byte[0]).cid();

    /** How often, of so many operations of a hub, others do something meanwhile. */
    private static final int MEANWHILE = 6;

    private final SimulatedWorld world;
    private final Clockwork clockwork;
    private final ModelledServer server;
    private final Set<HubProcess> up = new LinkedHashSet<>();
    private final Set<HubProcess> standing = new LinkedHashSet<>();
    private final Set<Cid> promised = new LinkedHashSet<>();
    /** Of each incarnation of the feed, the events by position. */
    private final Map<String, List<Cid>> feeds = new HashMap<>();

    private final Set<String> incarnations = new HashSet<>();
    private boolean calm;
    private int losses;
    private int commits;

    WorldStore(SimulatedWorld world, Clockwork clockwork, Defect defect) {
        this.world = world;
        this.clockwork = clockwork;
        server = new ModelledServer(() -> clockwork.nanos() / 1_000_000, () -> {
            boolean takesBack = clockwork.draw(2) == 0;
            world.count(takesBack ? "locks taken away" : "locks waited for in vain");
            return takesBack;
        });
        defect.plant(server);
    }

    ModelledServer server() {
        return server;
    }

    /** How often a part of the history was lost. */
    int losses() {
        return losses;
    }

    boolean isCalm() {
        return calm;
    }

    void started(HubProcess hub) {
        up.add(hub);
    }

    void ended(HubProcess hub) {
        up.remove(hub);
        standing.remove(hub);
    }

    /** Whether a process is in the middle of something, so that it can be neither looked at nor ended. */
    boolean isStanding(HubProcess hub) {
        return standing.contains(hub);
    }

    /** A hub is about to ask the server for something: others may be faster, or have a lot of time if it stalls. */
    void meanwhile(HubProcess hub, boolean stalls) {
        if (calm || standing.size() > 1 || !stalls && clockwork.draw(MEANWHILE) != 0) {
            return;
        }
        boolean outermost = standing.add(hub);
        Set<Clockwork.Life> lives = new HashSet<>();
        standing.forEach(each -> lives.addAll(each.lives()));
        if (stalls || clockwork.draw(3) == 0) {
            world.writeAtAnotherHub();
        }
        clockwork.meanwhile(lives, 1 + clockwork.draw(stalls ? 120 : 12));
        if (outermost) {
            standing.remove(hub);
        }
    }

    /** A hub has committed: the others are told, some of them late, and some not at all. */
    void announce(HubProcess from) {
        for (HubProcess hub : up) {
            if (hub != from) {
                if (!calm && clockwork.draw(3) == 0) {
                    world.count("notifications lost");
                } else {
                    hub.hear(clockwork.draw(50));
                }
            }
        }
    }

    /** A commit was acknowledged. */
    void acknowledged(List<Cid> events) {
        promised.addAll(events);
        if (++commits % 16 == 0) {
            checkStored();
        }
    }

    /** An event that is complete in the store; null if there is no such. */
    @Nullable
    Event event(Cid cid) {
        return server.event(DATABASE, cid);
    }

    /** Somebody was told that a hub has all up to there. */
    void promised(HubProcess hub, List<Cid> clock) {
        if (hub.knowsOfLosses()) {
            promised.addAll(clock);
        }
    }

    /** Whether a cursor is of the feed as it is named now: another hub may have noticed a loss from before this one was there. */
    boolean isOfThisFeed(Cursor cursor) {
        String now = server.incarnation(DATABASE);
        incarnations.add(now);
        assertThat(incarnations)
                .as("incarnations of the feed, for %d losses", losses)
                .hasSizeLessThanOrEqualTo(losses + 1);
        return cursor.token().contains("." + now + ":");
    }

    /** Everybody who follows the feed sees the same at the same place. */
    void follows(String name, Cursor at, List<Change> changes) {
        String[] parts = at.token().split(":", -1);
        List<Cid> feed = feeds.computeIfAbsent(parts[0], none -> new ArrayList<>());
        int position = Integer.parseInt(parts[1]);
        for (Cid cid :
                changes.stream().flatMap(change -> change.events().stream()).toList()) {
            while (feed.size() < position) { // nobody has looked
                feed.add(NOBODY_LOOKED);
            }
            if (position == feed.size()) {
                feed.add(cid);
            } else if (feed.get(position).equals(NOBODY_LOOKED)) {
                feed.set(position, cid);
            } else {
                assertThat(cid)
                        .as("event %d of the feed, as %s reads it", position, name)
                        .isEqualTo(feed.get(position));
            }
            position++;
        }
    }

    /** A node takes over that lacks the last commits, or an older backup is restored. */
    boolean goBack(int commitsLost) {
        if (server.goBack(commitsLost) == 0) {
            return false;
        }
        losses++;
        List<Cid> left = server.events(DATABASE);
        promised.retainAll(new HashSet<>(left));
        feeds.values().forEach(feed -> {
            if (feed.size() > left.size()) {
                feed.subList(left.size(), feed.size()).clear();
            }
        });
        up.forEach(HubProcess::hasLost);
        return true;
    }

    void dies(long millis) {
        server.kill();
        clockwork.life().scheduler().schedule(Duration.ofMillis(millis), server::promote);
    }

    void isFull(long millis) {
        server.full(true);
        clockwork.life().scheduler().schedule(Duration.ofMillis(millis), () -> server.full(false));
    }

    /** No more faults. */
    void calm() {
        calm = true;
        server.promote();
        server.full(false);
    }

    void checkPromises() {
        Set<Cid> lost = new HashSet<>(promised);
        lost.removeAll(new HashSet<>(server.events(DATABASE)));
        assertThat(lost).as("acknowledged by a hub and not in the store").isEmpty();
    }

    void checkStored() {
        assertThat(server.problems(DATABASE)).as("the store").isEmpty();
    }
}
