package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.history.Decision;
import dev.livesync.database.json.Names;
import dev.livesync.database.replica.Operation;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.versions.ConflictResolver;
import dev.livesync.database.versions.ConflictVersion;
import dev.livesync.database.versions.Resolution;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a resolver makes of the conflicts of a view; ADR 48.
 *
 * <p>A write is a <em>settlement</em> if its writer knew of a conflict of the document and wrote what the resolver says of it. Whoever wrote it, it stands for the versions that it settles: so
 * what the resolver is asked are versions that people wrote, and what it says is the same however the conflict grew. Nothing marks a settlement;
 * every replica finds out by asking the resolver again.
 *
 * <p>Something has to be written where a candidate says something else than the resolver. Where all candidates say it, as when several replicas settled the same at once, there is nothing to
 * do: that ends what would otherwise be settling for ever. Where a single version is left and was itself written over the conflict, by a person or by another rule, it only has to be what holds.
 */
final class ConflictResolution {
    private final Database database;
    private final ReadView view;
    private final PastView past;
    private final ConflictResolver resolver;
    /** Of the events that were looked at: the versions that each stands for. */
    private final Map<Integer, int[]> stands = new HashMap<>();

    private final Set<String> stays = new TreeSet<>();

    ConflictResolution(Database database, ReadView view, ConflictResolver resolver) {
        this.database = database;
        this.view = view;
        this.past = new PastView(view);
        this.resolver = resolver;
    }

    /**
     * What is to be written.
     *
     * @param since only documents that were written since this clock; empty for all
     * @param open keys to look at besides
     * @return puts before deletes, each in the order of the keys; refused if somebody has written the document meanwhile
     */
    List<Operation> due(List<Cid> since, Set<String> open) {
        List<Operation> puts = new ArrayList<>();
        List<Operation> deletes = new ArrayList<>();
        conflicts(since, open).forEach(decision -> {
            String key = past.key(decision.event(0));
            stays.add(key);
            Said said = due(decision);
            if (said != null) {
                (said.content() == null ? deletes : puts)
                        .add(new Operation(key, said.content(), view.heads(), Operation.Absent.SETTLE));
            }
        });
        puts.addAll(deletes);
        return puts;
    }

    /** The keys that were found in conflict. */
    Set<String> open() {
        return stays;
    }

    private Stream<Decision> conflicts(List<Cid> since, Set<String> open) {
        Stream<Decision> all = since.isEmpty()
                ? past.conflicts().stream()
                : Stream.concat(open.stream(), view.changedSince(since).mapToObj(view::key))
                        .sorted()
                        .distinct()
                        .flatMap(key -> past.conflict(key).stream());
        return all.filter(decision -> !isOurs(past.key(decision.event(0))));
    }

    /** Bridges and records of erasures, about which no application has a say. */
    static boolean isOurs(String key) {
        return key.equals(Keys.RESERVED) || key.startsWith(Keys.ERASURES);
    }

    private @Nullable Said due(Decision decision) {
        int[] candidates = events(decision);
        int[] versions = versions(candidates);
        Said said = said(versions);
        // Two rules that settle the same at once would otherwise take each other's word in turn, for ever.
        boolean settledOtherwise =
                versions.length == 1 && past.conflictBefore(versions[0]).isPresent();
        IntStream asked = settledOtherwise ? IntStream.of(candidates[0]) : Arrays.stream(candidates);
        return said == null || asked.mapToObj(this::content).allMatch(said::equals) ? null : said;
    }

    private static int[] events(Decision decision) {
        return IntStream.range(0, decision.size()).map(decision::event).toArray();
    }

    /** The versions that some candidates stand for, without those that others of them knew of. */
    private int[] versions(int[] candidates) {
        for (int candidate : candidates) {
            look(candidate);
        }
        return past.newest(Arrays.stream(candidates)
                .flatMap(candidate -> Arrays.stream(stood(candidate)))
                .toArray());
    }

    private int[] stood(int event) {
        return stands.getOrDefault(event, new int[0]);
    }

    /** Finds out what an event stands for; settlements of settlements first, without recursion, since a peer may send any number. */
    private void look(int event) {
        Deque<Integer> waiting = new ArrayDeque<>();
        waiting.push(event);
        while (!waiting.isEmpty()) {
            int at = waiting.element();
            int[] known = stands.containsKey(at) ? new int[0] : settled(at);
            int before = waiting.size();
            for (int candidate : known) {
                if (!stands.containsKey(candidate)) {
                    waiting.push(candidate);
                }
            }
            if (waiting.size() == before) {
                waiting.pop();
                stands.computeIfAbsent(at, unseen -> judge(unseen, known));
            }
        }
    }

    /** The candidates of the conflict that an event's writer knew of; none if there was none. */
    private int[] settled(int event) {
        return past.conflictBefore(event).map(ConflictResolution::events).orElseGet(() -> new int[0]);
    }

    private int[] judge(int event, int[] candidates) {
        if (candidates.length > 0) {
            int[] versions = versions(candidates);
            Said said = said(versions);
            if (said != null && said.equals(content(event))) {
                return versions;
            }
        }
        return new int[] {event};
    }

    private Said content(int event) {
        if (past.isDelete(event)) {
            return new Said(null);
        }
        Event put = view.event(event);
        return new Said(Events.encodedValue(put));
    }

    // ---- asking

    /** What a document is to be; no content for a deletion. */
    private record Said(@Nullable Encoded content) {}

    /** What the resolver says of some versions; null if it leaves the conflict. One version speaks for itself. */
    private @Nullable Said said(int[] versions) {
        if (versions.length == 1) {
            return content(versions[0]);
        }
        String id = Keys.toId(past.key(versions[0]));
        Said first = ask(id, versions, false);
        Said second = ask(id, versions, true);
        if (first == null ? second != null : !first.equals(second)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "the resolver said two things of the same " + versions.length + " versions of "
                            + Names.document(id)
                            + "; it has to depend on nothing but their content, and not on their order. Nothing was written");
        }
        return first;
    }

    private @Nullable Said ask(String id, int[] versions, boolean reversed) {
        List<ConflictVersion> list = new ArrayList<>();
        for (int event : versions) {
            list.add(new Contender(event));
        }
        list.sort((a, b) -> a.event().compareTo(b.event()));
        if (reversed) {
            Collections.reverse(list);
        }
        Resolution resolution = resolver.resolve(id, List.copyOf(list));
        if (resolution.isUndecided()) {
            return null;
        }
        Optional<ConflictVersion> taken = resolution.version();
        if (taken.isPresent()) {
            if (!(taken.get() instanceof Contender contender) || contender.of() != this || !list.contains(contender)) {
                throw new SyncException(
                        ErrorKind.INVALID_ARGUMENT,
                        "the resolver took a version of " + Names.document(id)
                                + " that it was not given. Nothing was written");
            }
            return content(contender.index);
        }
        Optional<Document> document = resolution
                .json()
                .map(json -> database.document(id, json))
                .or(() -> resolution.fields().map(fields -> database.document(id, fields)));
        return new Said(document.map(database::encoded).orElse(null));
    }

    private final class Contender implements ConflictVersion {
        private final int index;

        Contender(int index) {
            this.index = index;
        }

        ConflictResolution of() {
            return ConflictResolution.this;
        }

        @Override
        public Cid event() {
            return past.cid(index);
        }

        @Override
        public boolean isDeletion() {
            return past.isDelete(index);
        }

        @Override
        public Optional<Value.Mapping> value() {
            return document().map(Document::value);
        }

        @Override
        public Optional<String> json() {
            return document().map(Document::json);
        }

        private Optional<Document> document() {
            return isDeletion() ? Optional.empty() : Optional.of(database.document(view, index, List.of()));
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Contender contender && of() == contender.of() && index == contender.index;
        }

        @Override
        public int hashCode() {
            return event().hashCode();
        }

        @Override
        public String toString() {
            return (isDeletion() ? "delete " : "put ") + event();
        }
    }
}
