package dev.livesync.core.mesh;

import dev.livesync.api.discovery.DiscoveredPeer;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Those that a discovery has told of, so many at most, by their names. By the steps of one mesh. */
final class Members {
    private final int most;
    private final Map<String, Member> members = new TreeMap<>();

    /**
     * Makes an empty one.
     *
     * @param most how many names are known at a time
     */
    Members(int most) {
        this.most = most;
    }

    /**
     * A peer is there.
     *
     * @param peer who
     * @param needed whether a member can't make room for another
     * @return the member; null if there is no room for it
     */
    @Nullable
    Member found(DiscoveredPeer peer, Predicate<Member> needed) {
        Member member = members.get(peer.name());
        if (member == null) {
            if (members.size() >= most && !makeRoom(needed)) {
                return null;
            }
            member = new Member(peer.name());
            members.put(peer.name(), member);
        }
        member.found(peer.addresses());
        return member;
    }

    /** Forgets one that nobody needs: one that has left, or else one that could not be reached. */
    private boolean makeRoom(Predicate<Member> needed) {
        Member worst = null;
        for (Member member : members.values()) {
            if (member.kept() == null && !needed.test(member) && (!member.isPresent() || member.isDoubtful())) {
                worst = member;
                if (!member.isPresent()) {
                    break;
                }
            }
        }
        if (worst != null) {
            members.remove(worst.name());
        }
        return worst != null;
    }

    @Nullable
    Member get(String name) {
        return members.get(name);
    }

    Collection<Member> all() {
        return members.values();
    }

    /** Forgets those who have left and are neither kept nor needed nor left alone. */
    void forgetTheGone(long now, Predicate<Member> needed) {
        Iterator<Member> all = members.values().iterator();
        while (all.hasNext()) {
            Member member = all.next();
            if (!member.isPresent() && member.kept() == null && member.quietFor(now) == 0 && !needed.test(member)) {
                all.remove();
            }
        }
    }

    List<String> present() {
        return members.values().stream()
                .filter(Member::isPresent)
                .map(Member::name)
                .toList();
    }
}
