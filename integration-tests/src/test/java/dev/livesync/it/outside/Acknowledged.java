package dev.livesync.it.outside;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was acknowledged to the outside: for each host and document the highest number that must be in its directory. A document is written by one
 * host only, with numbers that grow, so whatever is there later has this number or a higher one. Any thread.
 */
final class Acknowledged {
    private record OwnWrite(String id, int number) {}

    private final Map<String, Map<String, Integer>> byHost = new HashMap<>();
    private final Map<String, Deque<OwnWrite>> order = new HashMap<>();
    private long stored;
    private long delivered;

    /** A host has stored a document of its own. */
    synchronized void stored(String host, String id, int number) {
        stored++;
        raise(host, id, number);
        order.computeIfAbsent(host, none -> new ArrayDeque<>()).add(new OwnWrite(id, number));
    }

    /** A peer has acknowledged all that this host had stored, up to a number. */
    synchronized void delivered(String host, String peer, int number) {
        delivered++;
        // Of each id the last is what counts, and that is among the last of all.
        for (OwnWrite each : order.getOrDefault(host, new ArrayDeque<>())) {
            if (each.number() <= number) {
                raise(peer, each.id(), each.number());
            }
        }
    }

    /** Forgets what was written over, to stay small. */
    synchronized void tidy() {
        order.forEach((host, all) -> {
            while (all.size() > 4 * OutsideProgram.IDS) {
                all.remove();
            }
        });
    }

    /** Begins anew, and goes on counting. */
    synchronized void forget() {
        byHost.clear();
        order.clear();
    }

    private void raise(String host, String id, int number) {
        byHost.computeIfAbsent(host, none -> new HashMap<>()).merge(id, number, Math::max);
    }

    /** What must be in a host's directory by now. */
    synchronized Map<String, Integer> at(String host) {
        return new HashMap<>(byHost.getOrDefault(host, Map.of()));
    }

    /** What is lost, of what must be there. */
    static List<String> lost(Map<String, Integer> wanted, Map<String, Integer> there) {
        List<String> lost = new ArrayList<>();
        wanted.forEach((id, number) -> {
            Integer found = there.get(id);
            if (found == null || found < number) {
                lost.add(id + " was acknowledged with " + number + ", and is " + found);
            }
        });
        return lost;
    }

    @Override
    public synchronized String toString() {
        return stored + " documents stored, acknowledged by a peer " + delivered + " times";
    }
}
