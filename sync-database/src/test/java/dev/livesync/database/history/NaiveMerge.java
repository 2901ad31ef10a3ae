package dev.livesync.database.history;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The definitions of the semantics, word by word and as slowly as they read: sets of ancestors, recursion, every path enumerated. Shares no
 * code and no idea with what it judges. Names of events are the text of their CIDs.
 */
class NaiveMerge {
    /** An event as its author wrote it. */
    record Written(String cid, String key, boolean delete, Set<String> parents) {}

    static final BigInteger SATURATED = BigInteger.valueOf(Long.MAX_VALUE);

    private final Map<String, Written> events = new LinkedHashMap<>();
    private final Map<String, Set<String>> ancestors = new HashMap<>();
    private final Map<String, Set<String>> reduced = new HashMap<>();
    private final Map<String, Optional<String>> dominators = new HashMap<>();
    private final Map<String, Map<String, String>> afterEvent = new HashMap<>();

    void add(Written e) {
        events.put(e.cid, e);
    }

    Written get(String cid) {
        return events.get(cid);
    }

    /** All proper ancestors. */
    Set<String> ancestors(String cid) {
        Set<String> known = ancestors.get(cid);
        if (known == null) {
            known = new HashSet<>();
            for (String parent : events.get(cid).parents) {
                known.add(parent);
                known.addAll(ancestors(parent));
            }
            ancestors.put(cid, known);
        }
        return known;
    }

    /** Those that are no ancestor of another. */
    Set<String> maximal(Collection<String> cids) {
        Set<String> result = new HashSet<>(cids);
        for (String cid : cids) {
            result.removeAll(ancestors(cid));
        }
        return result;
    }

    /** P(e). */
    Set<String> reducedParents(String cid) {
        return reduced.computeIfAbsent(cid, c -> maximal(events.get(c).parents));
    }

    /** up(e), or null. */
    String up(String cid) {
        Optional<String> known = dominators.get(cid);
        if (known == null) {
            Set<String> parents = reducedParents(cid);
            known = parents.isEmpty() ? Optional.empty() : Optional.ofNullable(nearestCommonAncestor(parents));
            dominators.put(cid, known);
        }
        return known.orElse(null);
    }

    /** nca(S), or null. */
    String nearestCommonAncestor(Set<String> cids) {
        List<List<String>> chains = new ArrayList<>();
        for (String cid : cids) {
            List<String> chain = new ArrayList<>();
            for (String at = cid; at != null; at = up(at)) {
                chain.add(at);
            }
            chains.add(chain);
        }
        for (String candidate : chains.get(0)) {
            if (chains.stream().allMatch(c -> c.contains(candidate))) {
                return candidate;
            }
        }
        return null;
    }

    /** T(e): key to the put that set it. */
    Map<String, String> after(String cid) {
        Map<String, String> known = afterEvent.get(cid);
        if (known == null) {
            known = new TreeMap<>(merged(reducedParents(cid)));
            Written e = events.get(cid);
            if (e.delete) {
                known.remove(e.key);
            } else {
                known.put(e.key, cid);
            }
            afterEvent.put(cid, known);
        }
        return known;
    }

    /** M(H). */
    Map<String, String> merged(Collection<String> cids) {
        Set<String> heads = maximal(cids);
        if (heads.isEmpty()) {
            return Map.of();
        }
        if (heads.size() == 1) {
            return after(heads.iterator().next());
        }
        String common = nearestCommonAncestor(heads);
        Map<String, String> result = new TreeMap<>(common == null ? Map.of() : after(common));
        decide(weights(heads, common), result);
        return result;
    }

    /** d of every visited event, as a sum over all paths. */
    Map<String, BigInteger> weights(Set<String> heads, String common) {
        Map<String, BigInteger> weights = new HashMap<>();
        for (String head : heads) {
            walk(head, common, 0, weights);
        }
        return weights;
    }

    /** For each key the candidates among the visited events, and the best of them. */
    private void decide(Map<String, BigInteger> weights, Map<String, String> result) {
        Map<String, Set<String>> byKey = new HashMap<>();
        for (String cid : weights.keySet()) {
            byKey.computeIfAbsent(events.get(cid).key, k -> new HashSet<>()).add(cid);
        }
        byKey.forEach((key, cids) -> {
            String winner = null;
            for (String cid : maximal(cids)) {
                int order = winner == null
                        ? -1
                        : weights.get(cid)
                                .min(SATURATED)
                                .compareTo(weights.get(winner).min(SATURATED));
                if (order < 0 || order == 0 && cid.compareTo(winner) > 0) {
                    winner = cid;
                }
            }
            if (events.get(winner).delete) {
                result.remove(key);
            } else {
                result.put(key, winner);
            }
        });
    }

    /** Every path on its own: adds the length of this one to the weight of where it has come to. */
    private void walk(String cid, String common, int length, Map<String, BigInteger> weights) {
        weights.merge(cid, BigInteger.valueOf(length), BigInteger::add);
        for (String parent : reducedParents(cid)) {
            if (!parent.equals(common)) {
                walk(parent, common, length + 1, weights);
            }
        }
    }
}
