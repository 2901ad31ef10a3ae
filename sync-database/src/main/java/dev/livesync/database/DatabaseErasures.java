package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.contents.NamedAttachments;
import dev.livesync.database.erasure.ErasureResult;
import dev.livesync.database.erasure.Erasures;
import dev.livesync.database.history.Decision;
import dev.livesync.database.json.Names;
import dev.livesync.database.replica.ErasureRecords;
import dev.livesync.database.replica.LocalReplica;
import dev.livesync.database.replica.Operation;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Writes the records of erasures, and sees to it that what they name goes. */
final class DatabaseErasures implements Erasures {
    /** What a record says; only its id counts. */
    private static final Encoded RECORD = Encoded.of(new Value.Mapping(Map.of("erased", new Value.Bool(true))));

    private static final int AT_ONCE = 1_000;
    private static final int MOST_NAMED = 5;

    private final LocalReplica replica;
    private final DatabaseAttachments attachments;
    private final boolean readOnly;

    DatabaseErasures(LocalReplica replica, DatabaseAttachments attachments, boolean readOnly) {
        this.replica = replica;
        this.attachments = attachments;
        this.readOnly = readOnly;
    }

    /** Refuses what would be a record, or pass for one. */
    static String requireOrdinary(String key) {
        if (key.startsWith(Keys.ERASURES)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "ids that begin with \"" + IDS + "\" are for records of what is erased, which erasures() writes: "
                            + Names.document(Keys.toId(key)));
        }
        return key;
    }

    @Override
    public ErasureResult erase(Collection<String> ids) {
        requireWritable();
        Set<String> keys = ids.stream()
                .map(id -> requireOrdinary(Database.key(id)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        Set<Cid> roots = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        List<Cid> clock;
        try (Snapshot snapshot = replica.snapshot()) {
            addNamed(snapshot, keys, roots, seen);
            clock = snapshot.heads();
        }
        for (String key : keys) {
            if (!seen.contains(key)) {
                throw new SyncException(
                        ErrorKind.NOT_FOUND, "there never was a " + Names.document(Keys.toId(key)) + " here");
            }
        }
        requireNobodyElses(replica.view(), keys, roots);
        ErasureResult done = erase(roots, keys);
        Set<Cid> meanwhile = namedSince(clock, keys);
        if (meanwhile.isEmpty()) {
            return done;
        }
        requireNobodyElses(replica.view(), keys, meanwhile);
        ErasureResult rest = erase(meanwhile, keys);
        Set<Cid> all = new LinkedHashSet<>(done.roots());
        all.addAll(rest.roots());
        return new Results.Erased(
                all, done.documents() + rest.documents(), done.freed() + rest.freed(), rest.remaining());
    }

    /** What versions name that somebody has written since the others were looked at; the documents are deleted by now. */
    private Set<Cid> namedSince(List<Cid> clock, Set<String> keys) {
        Set<Cid> named = new LinkedHashSet<>();
        try (Snapshot snapshot = replica.snapshot()) {
            for (Iterator<Cid> all = snapshot.eventsSince(clock); all.hasNext(); ) {
                Event event = snapshot.event(all.next());
                if (event != null && keys.contains(event.key())) {
                    NamedAttachments.addTo(named, event.block());
                }
            }
        }
        named.removeIf(attachments.erased()::isErased);
        return named;
    }

    @Override
    public ErasureResult erase(Attachment content) {
        requireWritable();
        return erase(Set.of(content.root()), Set.of());
    }

    private ErasureResult erase(Set<Cid> roots, Set<String> keys) {
        Set<Cid> fresh = new LinkedHashSet<>(roots);
        fresh.removeIf(attachments.erased()::isErased);
        List<Operation> records = fresh.stream()
                .map(root -> new Operation(ErasureRecords.key(root), RECORD, null, Operation.Absent.REFUSE))
                .toList();
        long before = attachments.store().fileBytes();
        // The documents last: until they are deleted, whoever calls again finds what they name.
        write(records);
        int deleted = write(keys.stream()
                .map(key -> new Operation(key, null, null, Operation.Absent.SKIP))
                .toList());
        attachments.collect();
        // Also what maintenance was quicker to remove.
        long freed = Math.max(0, before - attachments.store().fileBytes());
        return new Results.Erased(fresh, deleted, freed, remaining());
    }

    private int write(List<Operation> operations) {
        int events = 0;
        for (int from = 0; from < operations.size(); from += AT_ONCE) {
            events += replica.write(operations.subList(from, Math.min(operations.size(), from + AT_ONCE)))
                    .events()
                    .size();
        }
        return events;
    }

    /** Adds what any version of some documents names, those that wait for others included. */
    private static void addNamed(Snapshot snapshot, Set<String> keys, Set<Cid> roots, Set<String> seen) {
        for (Iterator<Cid> all = snapshot.storedCids(); all.hasNext(); ) {
            Block block = snapshot.block(all.next());
            if (block == null || !Events.looksLikeEvent(block)) {
                continue;
            }
            Events.tryDecode(block, NamedAttachments.LIMITS)
                    .filter(event -> keys.contains(event.key()))
                    .ifPresent(event -> {
                        seen.add(event.key());
                        NamedAttachments.addTo(roots, event.block());
                    });
        }
    }

    private static void requireNobodyElses(ReadView view, Set<String> keys, Set<Cid> roots) {
        if (roots.isEmpty()) {
            return;
        }
        PastView past = new PastView(view);
        IntStream conflicting = past.conflicts().stream().flatMapToInt(DatabaseErasures::events);
        Set<String> others = new TreeSet<>();
        for (int index : IntStream.concat(view.documents(), conflicting).toArray()) {
            Event event = view.event(index);
            if (!keys.contains(event.key()) && names(event, roots)) {
                others.add(Keys.toId(event.key()));
            }
        }
        if (!others.isEmpty()) {
            List<String> first =
                    others.stream().limit(MOST_NAMED).map(Names::document).toList();
            throw new SyncException(
                    ErrorKind.CONFLICT,
                    "the same content is named by " + String.join(", ", first)
                            + (others.size() > MOST_NAMED ? " and " + (others.size() - MOST_NAMED) + " others" : "")
                            + ": erase these, too, or write them without it first");
        }
    }

    private static IntStream events(Decision decision) {
        return IntStream.range(0, decision.size()).map(decision::event);
    }

    private static boolean names(Event event, Set<Cid> roots) {
        Set<Cid> named = new HashSet<>();
        NamedAttachments.addTo(named, event.block());
        return named.stream().anyMatch(roots::contains);
    }

    private void requireWritable() {
        if (readOnly) {
            throw new SyncException(
                    ErrorKind.REFUSED, "the database was opened to be read only; open it to be written");
        }
    }

    @Override
    public boolean isErased(Attachment content) {
        return attachments.erased().isErased(content.root());
    }

    @Override
    public Set<Cid> roots() {
        attachments.erased().follow();
        return Set.copyOf(attachments.erased().roots());
    }

    @Override
    public long remaining() {
        return attachments.erased().bytes();
    }
}
