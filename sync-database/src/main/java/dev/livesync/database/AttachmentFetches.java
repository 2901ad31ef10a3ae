package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.pieces.PieceFetch;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.pieces.PieceStore;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of attachments, and which session asks for what. A content is wanted while somebody reads or fetches it, and, of sessions that fetch with documents, once a
 * document names it. Each block is asked of one peer at a time, and of another one if the first hasn't got it or goes.
 *
 * <p>All state is guarded by this. Sessions are woken with nothing locked.
 */
final class AttachmentFetches implements BlockExchange {
    private static final System.Logger LOG = System.getLogger(AttachmentFetches.class.getName());

    /** How many contents are fetched at a time because documents name them; the others are a name and a size each. */
    private static final int AT_ONCE = 8;
    /** How many documents are looked at in one call of a session's. */
    private static final int LOOKED_AT = 256;
    /** No further documents are looked at while so many contents wait. */
    private static final int MOST_NAMED = 1_000;
    /** Of how many blocks it is remembered that a peer doesn't have them. */
    private static final int MOST_ABSENT = 100_000;

    private final Supplier<PieceStore> store;
    private final Documents documents;
    private final long most;
    private final Erased erased;
    private final Map<PieceLink, Wanted> wanted = new LinkedHashMap<>();
    private final Set<Cid> urgent = new LinkedHashSet<>();
    private final Map<Cid, Asker> asked = new HashMap<>();
    private final Set<Asker> askers = new LinkedHashSet<>();
    /** What was asked for, and belongs to contents that have been erased since. */
    private final Set<Cid> unwelcome = new HashSet<>();
    /** What documents name, and is not looked at yet. */
    private final Set<PieceLink> named = new LinkedHashSet<>();
    /** What none of the peers had that were asked. */
    private final Set<PieceLink> parked = new LinkedHashSet<>();

    private @Nullable Subscription changes;
    /** How many contents have come to an end. */
    private long ended;

    /** The documents of the database. */
    interface Documents {
        Iterator<Document> all();

        @Nullable
        Document find(String id);

        Subscription subscribe(DocumentListener listener);
    }

    /** What nobody gets any more. */
    interface Erased {
        /** Whether a content is erased, as far as is known already. */
        boolean isKnown(Cid root);

        /** Whether a block may be part of such contents alone. */
        boolean withholds(Cid cid);

        /** Called when blocks that were held may be removed. */
        void released();
    }

    /** A content that is being fetched. */
    private static final class Wanted {
        final PieceFetch fetch;
        final PieceStore.Hold hold;
        /** Who reads it or waits for it; without any, a document names it. */
        int readers;

        boolean ofDocument;
        boolean done;

        @Nullable
        SyncException failure;

        Wanted(PieceFetch fetch, PieceStore.Hold hold) {
            this.fetch = fetch;
            this.hold = hold;
        }
    }

    AttachmentFetches(Supplier<PieceStore> store, Documents documents, Erased erased, long most) {
        this.store = store;
        this.erased = erased;
        this.most = most;
        this.documents = documents;
    }

    // ---- for users

    /** Waits until a content is here. */
    void fetch(PieceLink root) {
        Wanted content;
        synchronized (this) {
            content = begin(root);
            content.readers++;
        }
        try {
            wakeAll();
            await(root, content);
        } finally {
            leave(root, content);
        }
    }

    /** Wants a content until {@link #leave}. */
    @Nullable
    Object enter(PieceLink root) {
        Wanted content;
        synchronized (this) {
            if (askers.isEmpty()) {
                return null;
            }
            content = begin(root);
            content.readers++;
        }
        wakeAll();
        return content;
    }

    void leave(PieceLink root, @Nullable Object entered) {
        synchronized (this) {
            if (entered instanceof Wanted content) {
                content.readers--;
                if (content.readers == 0 && !content.ofDocument && !content.done) {
                    end(root, content);
                }
            }
        }
    }

    private synchronized void await(PieceLink root, Wanted content) {
        while (!content.done) {
            var unused = store.get(); // refuses to go on when the database is closed
            Set<Cid> missing = missing(root, content);
            if (!missing.isEmpty()) {
                requireHope(missing);
                pause();
            }
        }
        if (content.failure != null) {
            throw content.failure;
        }
    }

    /** Waits for a block that somebody is reading just now. */
    Block await(Cid root, Cid cid) {
        boolean first;
        synchronized (this) {
            first = urgent.add(cid);
        }
        if (first) {
            wakeAll();
        }
        try {
            synchronized (this) {
                while (true) {
                    if (erased.isKnown(root)) {
                        throw gone(root);
                    }
                    Block block = store.get().find(cid);
                    if (block != null) {
                        return block;
                    }
                    urgent.add(cid); // another who read it may have left
                    requireHope(Set.of(cid));
                    pause();
                }
            }
        } finally {
            synchronized (this) {
                urgent.remove(cid);
            }
        }
    }

    /** Refuses to wait for what no peer has that could be asked. */
    private void requireHope(Collection<Cid> blocks) {
        if (askers.stream().allMatch(asker -> asker.absent.containsAll(blocks))) {
            throw new SyncException(
                    ErrorKind.NOT_FOUND,
                    "block " + blocks.iterator().next()
                            + " of an attachment isn't here, and no peer that is connected has it");
        }
    }

    @SuppressWarnings("WaitNotInLoop") // whoever calls it loops
    private void pause() {
        try {
            wait();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SyncException(ErrorKind.CANCELLED, "interrupted while an attachment was on its way", e);
        }
    }

    /** Wants a content from now on. */
    private Wanted begin(PieceLink root) {
        Wanted known = wanted.get(root);
        if (known != null) {
            return known;
        }
        PieceStore pieces = store.get();
        Wanted content = new Wanted(new PieceFetch(pieces, root), pieces.hold());
        wanted.put(root, content);
        if (erased.isKnown(root.cid())) {
            fail(root, content, gone(root.cid()));
            return content;
        }
        if (root.size() > most) {
            fail(
                    root,
                    content,
                    new SyncException(
                            ErrorKind.LIMIT_EXCEEDED,
                            "an attachment has " + root.size() + " bytes; the option maxAttachmentBytes allows "
                                    + most));
            return content;
        }
        var unused = missing(root, content);
        return content;
    }

    /** What is missing of a content, which ends if that is nothing, or if it can't be. */
    private Set<Cid> missing(PieceLink root, Wanted content) {
        try {
            Set<Cid> missing = content.fetch.missing();
            if (missing.isEmpty() && !content.done) {
                store.get().force();
                end(root, content);
            }
            return missing;
        } catch (SyncException e) {
            fail(root, content, e);
            return Set.of();
        }
    }

    private void fail(PieceLink root, Wanted content, SyncException why) {
        if (content.ofDocument) {
            warn(why);
        }
        content.failure = why;
        end(root, content);
    }

    /** Why a content that is erased can't be had. */
    static SyncException gone(Cid root) {
        return new SyncException(ErrorKind.NOT_FOUND, "content " + root + " was erased, for good");
    }

    /** Ends what is under way for contents that have been erased, and what comes of them still is dropped. */
    void contentsErased() {
        synchronized (this) {
            named.removeIf(root -> erased.isKnown(root.cid()));
            parked.removeIf(root -> erased.isKnown(root.cid()));
            for (Map.Entry<PieceLink, Wanted> entry : List.copyOf(wanted.entrySet())) {
                if (erased.isKnown(entry.getKey().cid())) {
                    fail(entry.getKey(), entry.getValue(), gone(entry.getKey().cid()));
                }
            }
            for (Cid cid : asked.keySet()) {
                if (wanted.values().stream().noneMatch(content -> content.fetch.waitsFor(cid))) {
                    unwelcome.add(cid);
                }
            }
            notifyAll();
        }
        wakeAll();
    }

    private static void warn(SyncException why) {
        LOG.log(Level.WARNING, "an attachment that a document names is not fetched: {0}", why.getMessage());
    }

    private void end(PieceLink root, Wanted content) {
        content.done = true;
        ended++;
        content.hold.close();
        wanted.remove(root, content);
        erased.released();
        notifyAll();
    }

    /** Called when blocks have come otherwise, or the database is closed. */
    void changed() {
        synchronized (this) {
            notifyAll();
        }
        wakeAll();
    }

    private void wakeAll() {
        List<Asker> all;
        synchronized (this) {
            all = List.copyOf(askers);
        }
        all.forEach(asker -> asker.wakeUp.run());
    }

    // ---- for sessions

    @Override
    public @Nullable Block block(Cid cid) {
        return erased.withholds(cid) ? null : store.get().find(cid);
    }

    @Override
    public boolean has(Cid cid) {
        return !erased.withholds(cid) && store.get().contains(cid);
    }

    @Override
    public BlockRequests requests(Runnable wakeUp) {
        Asker asker = new Asker(wakeUp);
        synchronized (this) {
            askers.add(asker);
        }
        return asker;
    }

    private void name(PieceLink root) {
        if (!wanted.containsKey(root) && !erased.isKnown(root.cid())) {
            parked.remove(root);
            named.add(root);
        }
    }

    /** Looks at the attachments of documents that have changed. */
    private void documentsChanged(List<String> ids) {
        List<PieceLink> found = new ArrayList<>();
        try {
            for (String id : ids) {
                Document document = documents.find(id);
                if (document != null) {
                    found.addAll(NamedAttachments.of(document.value()));
                }
            }
        } catch (SyncException e) {
            unreadable(e);
        }
        if (!found.isEmpty()) {
            synchronized (this) {
                found.forEach(this::name);
            }
            wakeAll();
        }
    }

    /** A document that can't be read names nothing. Whoever reads it is told. */
    private static void unreadable(SyncException e) {
        if (e.kind() != ErrorKind.CLOSED) {
            LOG.log(Level.WARNING, "looking for attachments: {0}", e.getMessage());
        }
    }

    /** What one session asks for. */
    private final class Asker implements BlockRequests {
        private final Runnable wakeUp;
        private final Set<Cid> absent = new HashSet<>();
        private boolean withDocuments;
        private @Nullable Iterator<Document> unseen;

        Asker(Runnable wakeUp) {
            this.wakeUp = wakeUp;
        }

        @Override
        public void fetchWithDocuments(boolean all) {
            synchronized (AttachmentFetches.this) {
                if (all == withDocuments || !askers.contains(this)) {
                    return;
                }
                withDocuments = all;
                if (!all) {
                    unseen = null;
                    return;
                }
                if (changes == null) {
                    changes = documents.subscribe(AttachmentFetches.this::documentsChanged);
                }
                unseen = documents.all();
                named.addAll(parked);
                parked.clear();
            }
            wakeUp.run();
        }

        @Override
        public List<Cid> next(int most) {
            boolean more;
            List<Cid> next = new ArrayList<>();
            synchronized (AttachmentFetches.this) {
                if (!askers.contains(this)) {
                    return next;
                }
                ask(urgent.stream().filter(cid -> !store.get().contains(cid)).toList(), next, most);
                more = withDocuments && activate();
                for (Map.Entry<PieceLink, Wanted> entry : List.copyOf(wanted.entrySet())) {
                    Wanted content = entry.getValue();
                    if (next.size() < most && (content.readers > 0 || withDocuments)) {
                        ask(missing(entry.getKey(), content), next, most);
                    }
                }
            }
            if (more) {
                wakeUp.run();
            }
            return next;
        }

        private void ask(Collection<Cid> from, List<Cid> next, int most) {
            for (Cid cid : from) {
                if (next.size() == most) {
                    return;
                }
                if (!asked.containsKey(cid) && !absent.contains(cid)) {
                    asked.put(cid, this);
                    next.add(cid);
                }
            }
        }

        /** Begins to fetch what documents name; true if there may be more to begin with at once. */
        private boolean activate() {
            try {
                for (int i = 0; unseen != null && named.size() < MOST_NAMED && i < LOOKED_AT; i++) {
                    if (unseen.hasNext()) {
                        NamedAttachments.of(unseen.next().value()).forEach(AttachmentFetches.this::name);
                    } else {
                        unseen = null;
                    }
                }
            } catch (SyncException e) {
                unreadable(e);
                unseen = null;
            }
            long active = wanted.values().stream()
                    .filter(content -> content.ofDocument)
                    .count();
            for (int i = 0; i < LOOKED_AT && active < AT_ONCE && !named.isEmpty(); i++) {
                PieceLink root = named.iterator().next();
                named.remove(root);
                Wanted content = begin(root);
                content.ofDocument = true;
                if (content.failure != null) {
                    warn(content.failure);
                }
                active += content.done ? 0 : 1;
            }
            return unseen != null && named.size() < MOST_NAMED || active < AT_ONCE && !named.isEmpty();
        }

        @Override
        public void received(Block block) {
            boolean more;
            synchronized (AttachmentFetches.this) {
                long before = ended;
                boolean mine = asked.remove(block.cid(), this);
                boolean drop = mine && unwelcome.remove(block.cid());
                SyncException refusal = null;
                try {
                    if (!drop || isAwaited(block.cid())) {
                        store.get().add(block);
                    }
                } catch (SyncException e) {
                    if (e.kind() == ErrorKind.CLOSED) {
                        throw e;
                    }
                    refusal = e; // no room: that costs the content and not the session
                }
                for (Map.Entry<PieceLink, Wanted> entry : List.copyOf(wanted.entrySet())) {
                    Wanted content = entry.getValue();
                    if (content.fetch.waitsFor(block.cid())) {
                        if (refusal == null) {
                            arrived(entry.getKey(), content, block.cid());
                        } else {
                            fail(entry.getKey(), content, refusal);
                        }
                    }
                }
                AttachmentFetches.this.notifyAll();
                more = ended > before;
            }
            if (more) {
                wakeAll(); // others may ask for it now, and there is room for the next
            }
        }

        /** Whether somebody wants it for something else by now. */
        private boolean isAwaited(Cid cid) {
            return wanted.values().stream().anyMatch(content -> content.fetch.waitsFor(cid));
        }

        private void arrived(PieceLink root, Wanted content, Cid cid) {
            try {
                content.fetch.stored(cid);
                var unused = missing(root, content);
            } catch (SyncException e) {
                fail(root, content, e);
            }
        }

        @Override
        public void absent(Cid cid) {
            synchronized (AttachmentFetches.this) {
                if (asked.remove(cid, this)) {
                    unwelcome.remove(cid);
                }
                absent.add(cid);
                park(cid);
                if (absent.size() > MOST_ABSENT) {
                    absent.clear(); // it is asked again
                }
                AttachmentFetches.this.notifyAll();
            }
            wakeAll(); // another may have it
        }

        /** Lets others have the place of a content that no peer has. */
        private void park(Cid cid) {
            for (Map.Entry<PieceLink, Wanted> entry : List.copyOf(wanted.entrySet())) {
                Wanted content = entry.getValue();
                boolean hopeless = content.readers == 0
                        && content.fetch.waitsFor(cid)
                        && isHopeless(missing(entry.getKey(), content));
                if (hopeless && !content.done) {
                    parked.add(entry.getKey());
                    end(entry.getKey(), content);
                }
            }
        }

        private boolean isHopeless(Set<Cid> missing) {
            return askers.stream()
                    .filter(asker -> asker.withDocuments)
                    .allMatch(asker -> asker.absent.containsAll(missing));
        }

        @Override
        public void present(Cid cid) {
            synchronized (AttachmentFetches.this) {
                absent.remove(cid);
                named.addAll(parked);
                parked.clear();
                AttachmentFetches.this.notifyAll();
            }
        }

        @Override
        public void close() {
            Subscription last = null;
            synchronized (AttachmentFetches.this) {
                askers.remove(this);
                asked.entrySet().removeIf(entry -> {
                    boolean mine = entry.getValue() == this;
                    if (mine) {
                        unwelcome.remove(entry.getKey());
                    }
                    return mine;
                });
                unseen = null;
                if (askers.stream().noneMatch(asker -> asker.withDocuments)) {
                    last = changes;
                    changes = null;
                    named.clear();
                    parked.clear();
                    List.copyOf(wanted.entrySet()).forEach(entry -> {
                        entry.getValue().ofDocument = false;
                        if (entry.getValue().readers == 0) {
                            end(entry.getKey(), entry.getValue());
                        }
                    });
                }
                AttachmentFetches.this.notifyAll();
            }
            if (last != null) {
                last.close();
            }
            wakeAll();
        }
    }
}
