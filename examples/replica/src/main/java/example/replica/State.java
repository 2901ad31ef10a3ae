package example.replica;

import dev.livesync.api.*;
import dev.livesync.api.replica.*;
import java.util.*;

/** All that is stored. A commit works on a copy; a state that others can see doesn't change any more. */
final class State {
    record Pending(Event event, Origin origin) {}

    final Map<Cid, Block> blocks = new LinkedHashMap<>(); // in the order of writing
    final Map<Cid, HistoryNode> complete = new HashMap<>();
    final Map<Cid, Pending> pending = new LinkedHashMap<>(); // the oldest first
    final Set<Cid> heads = new TreeSet<>();
    final List<Change> feed = new ArrayList<>(); // one change for each event or batch; a cursor is a number of changes
    private final String id;

    State(String id) {
        this.id = id;
    }

    State copy() {
        State copy = new State(id);
        copy.blocks.putAll(blocks);
        copy.complete.putAll(complete);
        copy.pending.putAll(pending);
        copy.heads.addAll(heads);
        copy.feed.addAll(feed);
        return copy;
    }

    Cursor cursor(int changes) {
        return new Cursor(id + ":" + changes);
    }

    int changesBefore(Cursor cursor) {
        String token = cursor.token();
        int changes = token.matches(id + ":\\d{1,9}") ? Integer.parseInt(token.substring(id.length() + 1)) : -1;
        if (changes < 0 || changes > feed.size()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "cursor " + token + " is none of this database's");
        }
        return changes;
    }

    /** Adds a commit. If that fails, this copy is good for nothing. */
    CommitResult add(Commit commit, long quota) {
        commit.blocks().forEach(b -> blocks.putIfAbsent(b.cid(), b));
        Set<Cid> own = new LinkedHashSet<>();
        for (Event event : commit.events()) {
            own.add(event.cid());
            if (!complete.containsKey(event.cid())) {
                blocks.putIfAbsent(event.cid(), event.block());
                pending.putIfAbsent(event.cid(), new Pending(event, commit.origin()));
            }
        }
        int before = feed.size();
        complete();
        own.retainAll(pending.keySet());
        makeRoom(commit.origin(), own, quota);
        List<Cid> accepted = feed.stream().skip(before).flatMap(c -> c.events().stream()).toList();
        return new CommitResult(List.copyOf(heads), accepted, List.copyOf(own), missing(own), cursor(feed.size()));
    }

    /** Finds what is whole among the pending events, and what that completes. */
    private void complete() {
        Map<Cid, HistoryNode> whole = new HashMap<>(complete);
        Map<Cid, List<Event>> children = new HashMap<>();
        Deque<Event> todo = new ArrayDeque<>();
        for (Pending p : pending.values()) {
            todo.add(p.event);
            p.event.parents().forEach(c -> children.computeIfAbsent(c, k -> new ArrayList<>()).add(p.event));
        }
        while (!todo.isEmpty()) {
            Event event = todo.poll();
            if (!whole.containsKey(event.cid()) && whole.keySet().containsAll(event.parents())) {
                HistoryNode node = new HistoryNode(event, event.parents().stream().map(whole::get).toList());
                whole.put(node.cid, node);
                todo.addAll(children.getOrDefault(node.cid, List.of()));
                if (!node.interior) {
                    completeBatch(node);
                }
            }
        }
    }

    /** Moves an event that is not interior, and the interior ones that waited for it, from the pending to the complete ones. */
    private void completeBatch(HistoryNode end) {
        List<HistoryNode> batch = HistoryNode.withAncestors(List.of(end), n -> !complete.containsKey(n.cid)).stream()
                .sorted(Comparator.comparingInt(n -> n.height)) // parents before children
                .toList();
        Set<Origin> origins = new HashSet<>();
        for (HistoryNode node : batch) {
            origins.add(pending.remove(node.cid).origin);
            complete.put(node.cid, node);
            node.parents.forEach(p -> heads.remove(p.cid));
            heads.add(node.cid);
        }
        Origin origin = origins.size() == 1 ? origins.iterator().next() : Origin.LOCAL;
        feed.add(new Change(batch.stream().map(n -> n.cid).toList(), List.of(), origin));
    }

    /** Gives up the oldest of a peer's pending events that this commit didn't bring, until the others fit. */
    private void makeRoom(Origin origin, Set<Cid> own, long quota) {
        List<Block> theirs = pending.values().stream()
                .filter(p -> p.origin.peer().equals(origin.peer()) && !origin.equals(Origin.LOCAL))
                .map(p -> p.event.block())
                .toList();
        long fresh = bytes(theirs.stream().filter(b -> own.contains(b.cid())).toList());
        if (fresh > quota) {
            throw new SyncException(ErrorKind.LIMIT_EXCEEDED, fresh + " bytes of events would stay pending, over " + quota);
        }
        long surplus = bytes(theirs) - quota;
        for (Block block : theirs) {
            if (surplus > 0 && !own.contains(block.cid())) {
                surplus -= block.size();
                pending.remove(block.cid());
                blocks.remove(block.cid());
            }
        }
    }

    static long bytes(Collection<Block> blocks) {
        return blocks.stream().mapToLong(Block::size).sum();
    }

    /** What these pending events wait for, through other pending ones. */
    private List<Cid> missing(Set<Cid> own) {
        Set<Cid> reached = new LinkedHashSet<>();
        for (Deque<Cid> todo = new ArrayDeque<>(own); !todo.isEmpty(); ) {
            Pending p = pending.get(todo.pop());
            for (Cid parent : p == null ? List.<Cid>of() : p.event.parents()) {
                if (!complete.containsKey(parent) && reached.add(parent)) {
                    todo.push(parent);
                }
            }
        }
        reached.removeAll(pending.keySet());
        return List.copyOf(reached);
    }
}
