package dev.livesync.transport.partykit;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** Where the other members of a room sit, as far as the room has told: hints, and so many at most. For the loop. */
final class RoomSeats {
    /** As many as 64 members with 8 seats each have. */
    static final int MOST = 512;

    private final Map<String, Set<String>> byMember = new LinkedHashMap<>();
    private int count;

    /** A member has sat down. True if nobody was known to sit there. */
    boolean sits(String member, String seat) {
        boolean known = isOccupied(seat);
        if (count >= MOST) {
            return false;
        }
        if (byMember.computeIfAbsent(member, none -> new LinkedHashSet<>()).add(seat)) {
            count++;
        }
        return !known;
    }

    /** A member has stood up. The seat, if nobody sits there now. */
    Set<String> stands(String member, String seat) {
        Set<String> theirs = byMember.get(member);
        if (theirs == null || !theirs.remove(seat)) {
            return Set.of();
        }
        count--;
        if (theirs.isEmpty()) {
            byMember.remove(member);
        }
        return isOccupied(seat) ? Set.of() : Set.of(seat);
    }

    /** A member has left. The seats at which nobody sits now. */
    Set<String> left(String member) {
        Set<String> theirs = byMember.remove(member);
        if (theirs == null) {
            return Set.of();
        }
        count -= theirs.size();
        Set<String> free = new LinkedHashSet<>(theirs);
        free.removeIf(this::isOccupied);
        return free;
    }

    /** Nothing is known any more. The seats that were. */
    Set<String> clear() {
        Set<String> were = all();
        byMember.clear();
        count = 0;
        return were;
    }

    Set<String> all() {
        Set<String> all = new HashSet<>();
        byMember.values().forEach(all::addAll);
        return all;
    }

    private boolean isOccupied(String seat) {
        return byMember.values().stream().anyMatch(theirs -> theirs.contains(seat));
    }
}
