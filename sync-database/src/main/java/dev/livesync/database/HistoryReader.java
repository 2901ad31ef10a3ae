package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.Value;
import dev.livesync.car.Keys;
import dev.livesync.database.history.Decision;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.versions.DocumentConflict;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.History;
import dev.livesync.database.versions.KnownPeer;
import dev.livesync.database.versions.VersionState;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The history of a view. */
final class HistoryReader implements History {
    private final Database database;
    private final ReadView view;
    private final PastView past;

    HistoryReader(Database database, ReadView view) {
        this.database = database;
        this.view = view;
        this.past = new PastView(view);
    }

    @Override
    public List<Cid> clock() {
        return view.heads();
    }

    @Override
    public Stream<DocumentVersion> versions() {
        BitSet current = past.winners();
        BitSet conflicting = new BitSet();
        past.conflicts().forEach(decision -> losers(decision).forEach(conflicting::set));
        return past.events().mapToObj(event -> version(event, current::get, conflicting::get));
    }

    @Override
    public Stream<DocumentVersion> versions(String id) {
        return versionsOf(Database.key(id));
    }

    private Stream<DocumentVersion> versionsOf(String key) {
        BitSet conflicting = new BitSet();
        int current = past.winner(key);
        past.conflict(key).ifPresent(decision -> losers(decision).forEach(conflicting::set));
        return past.events(key).mapToObj(event -> version(event, e -> e == current, conflicting::get));
    }

    @Override
    public Optional<DocumentVersion> version(Cid event) {
        int index = view.index(event);
        return index < 0
                ? Optional.empty()
                : versionsOf(past.key(index))
                        .filter(version -> version.event().equals(event))
                        .findFirst();
    }

    @Override
    public Stream<DocumentConflict> conflicts() {
        return past.conflicts().stream()
                .filter(decision -> !ConflictResolution.isOurs(past.key(decision.event(0))))
                .map(this::conflict);
    }

    @Override
    public Optional<DocumentConflict> conflict(String id) {
        return past.conflict(Database.key(id)).map(this::conflict);
    }

    @Override
    public List<KnownPeer> peers() {
        return database.store.rememberedPeers().stream()
                .<KnownPeer>map(peer -> new MetPeer(view, past, peer))
                .toList();
    }

    private static IntStream losers(Decision decision) {
        return IntStream.range(1, decision.size()).map(decision::event);
    }

    private Version version(int event, IntPredicate current, IntPredicate conflicting) {
        return new Version(
                event,
                current.test(event)
                        ? VersionState.CURRENT
                        : conflicting.test(event) ? VersionState.CONFLICTING : VersionState.OVERWRITTEN);
    }

    private DocumentConflict conflict(Decision decision) {
        int winner = decision.event(0);
        return new Conflicted(
                IntStream.range(0, decision.size())
                        .<DocumentVersion>mapToObj(i -> version(decision.event(i), e -> e == winner, e -> e != winner))
                        .toList(),
                LongStream.range(0, decision.size())
                        .map(i -> decision.weight((int) i))
                        .boxed()
                        .toList());
    }

    private record Conflicted(List<DocumentVersion> versions, List<Long> weights) implements DocumentConflict {
        @Override
        public String id() {
            return versions.get(0).id();
        }
    }

    private final class Version implements DocumentVersion {
        private final int index;
        private final VersionState state;

        Version(int index, VersionState state) {
            this.index = index;
            this.state = state;
        }

        @Override
        public Cid event() {
            return past.cid(index);
        }

        @Override
        public String id() {
            return Keys.toId(past.key(index));
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
            return isDeletion() ? Optional.empty() : Optional.of(database.document(view, index, view.heads()));
        }

        @Override
        public boolean isDeletion() {
            return past.isDelete(index);
        }

        @Override
        public List<Cid> parents() {
            return past.parents(index);
        }

        @Override
        public List<Cid> clock() {
            return view.heads();
        }

        @Override
        public VersionState state() {
            return state;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Version version
                    && event().equals(version.event())
                    && clock().equals(version.clock());
        }

        @Override
        public int hashCode() {
            return Objects.hash(event(), clock());
        }

        @Override
        public String toString() {
            return (isDeletion() ? "delete " : "put ") + id() + ", " + event() + ", " + state;
        }
    }
}
