package dev.livesync.core.mesh;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Which peers are next to each other. All names in order make a ring, and each peer's neighbours are those next to it, half of the number on
 * each side. Who sees the same names is a neighbour of its neighbours, has no more of them than it asks for, and reaches everybody along the ring.
 */
final class Ring {
    private Ring() {}

    /**
     * Chooses the neighbours.
     *
     * @param own name
     * @param others names, without the own one
     * @param most how many there may be, 2 or more
     * @return all of them if they are no more than that, else half of that number on each side
     */
    static Set<String> neighbours(String own, Collection<String> others, int most) {
        if (others.size() <= most) {
            return new HashSet<>(others);
        }
        List<String> names = new ArrayList<>(others);
        names.add(own);
        names.sort(null);
        int here = names.indexOf(own);
        Set<String> near = new HashSet<>();
        for (int step = 1; step <= most / 2; step++) {
            near.add(names.get(Math.floorMod(here + step, names.size())));
            near.add(names.get(Math.floorMod(here - step, names.size())));
        }
        return near;
    }
}
