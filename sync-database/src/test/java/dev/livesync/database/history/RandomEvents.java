package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.database.history.NaiveMerge.Written;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * What a few replicas may have written: puts, deletes and batches on their own clocks, syncs of everything or of a causal part, histories
 * begun apart, parents that are redundant or chosen at will.
 */
final class RandomEvents {
    final NaiveMerge naive = new NaiveMerge();
    final List<Written> events = new ArrayList<>();

    private final Random random;
    private final int keys;
    private int written;

    RandomEvents(Random random, int size) {
        this(random, size, 1 + random.nextInt(5), 2 + random.nextInt(3));
    }

    /** With so many keys and replicas. */
    RandomEvents(Random random, int size, int keys, int replicas) {
        this.random = random;
        this.keys = keys;
        boolean alphas = random.nextInt(4) == 0;
        int syncs = 1 + random.nextInt(6);
        List<Set<String>> known = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            known.add(new HashSet<>());
        }
        if (random.nextInt(3) > 0) {
            String root = write(Set.of());
            known.forEach(k -> k.add(root));
        }
        while (events.size() < size) {
            Set<String> mine = known.get(random.nextInt(replicas));
            if (random.nextInt(10) < syncs) {
                receive(mine, known.get(random.nextInt(replicas)));
            } else if (random.nextInt(8) == 0) {
                for (int i = 1 + random.nextInt(4); i > 0; i--) {
                    mine.add(write(naive.maximal(mine)));
                }
            } else {
                mine.add(write(parents(mine, alphas)));
            }
        }
    }

    private Set<String> parents(Set<String> mine, boolean alphas) {
        Set<String> parents = new HashSet<>(naive.maximal(mine));
        if (alphas && !mine.isEmpty() && random.nextInt(3) == 0) {
            List<String> all = new ArrayList<>(events.stream().map(Written::cid).toList());
            all.retainAll(mine);
            parents.add(all.get(random.nextInt(all.size())));
            if (random.nextInt(3) == 0 && parents.size() > 1) {
                parents.remove(naive.maximal(mine).iterator().next());
            }
        }
        return parents;
    }

    private void receive(Set<String> mine, Set<String> others) {
        if (random.nextBoolean()) {
            mine.addAll(others);
        } else {
            List<String> all = new ArrayList<>(others);
            if (!all.isEmpty()) {
                all.sort(null);
                String some = all.get(random.nextInt(all.size()));
                mine.add(some);
                mine.addAll(naive.ancestors(some));
            }
        }
    }

    private String write(Set<String> parents) {
        byte[] content = new byte[40];
        random.nextBytes(content);
        String cid = Cid.hash(Cid.DAG_CBOR, content).toString();
        // The first events don't delete, so that histories without documents are rare.
        boolean delete = written++ > 1 && random.nextInt(4) == 0;
        Written e = new Written(cid, "J" + (char) ('a' + random.nextInt(keys)), delete, parents);
        events.add(e);
        naive.add(e);
        return cid;
    }

    /** The events in some other order in which parents come first. */
    List<Written> shuffled() {
        List<Written> result = new ArrayList<>();
        List<Written> left = new ArrayList<>(events);
        Set<String> there = new HashSet<>();
        boolean bursts = random.nextBoolean();
        while (!left.isEmpty()) {
            int from = random.nextInt(left.size());
            int most = bursts ? 1 + random.nextInt(8) : 1;
            for (int i = 0; i < left.size() && most > 0; ) {
                Written e = left.get((from + i) % left.size());
                if (there.containsAll(e.parents())) {
                    there.add(e.cid());
                    result.add(e);
                    left.remove(e);
                    most--;
                    from = left.isEmpty() ? 0 : from % left.size();
                } else {
                    i++;
                }
            }
        }
        return result;
    }
}
