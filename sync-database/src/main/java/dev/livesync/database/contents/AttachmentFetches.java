package dev.livesync.database.contents;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.pieces.PieceBlocks;
import dev.livesync.database.pieces.PieceFetch;
import dev.livesync.database.pieces.PieceLink;
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
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is wanted of attachments, and which session asks for what. A content is wanted while somebody reads or fetches it, and, of sessions that fetch with documents, once a
 * document names it. Each block is asked of one peer at a time, and of another one if the first hasn't got it or goes.
 *
 * <p>All state is guarded by this. Sessions are woken with nothing locked.
 */
public final class AttachmentFetches implements BlockExchange {
    private static final System.Logger LOG = System.getLogger(AttachmentFetches.class.getName());

    /** How many contents are fetched at a time because documents name them; the others are a name and a size each. */
    private static final int AT_ONCE = 8;
    /** How many documents are looked at in one call of a session's. */
    private static final int LOOKED_AT = 256;
    /** No further documents are looked at while so many contents wait. */
    private static final int MOST_NAMED = 1_000;
    /** Of how many blocks it is remembered that a peer doesn't have them. */
    private static final int MOST_ABSENT = 100_000;

    private final Supplier<? extends PieceBlocks> store;
    private final ContentNames names;
    private final long most;
    private final Erased erased;
    private final Map<PieceLink, Wanted> wanted = new LinkedHashMap<>();
    private final Set<Cid> urgent = new LinkedHashSet<>();
    private final Map<Cid, Asker> asked = new HashMap<>();
    private final Set<Asker> askers = new LinkedHashSet<>();
    /** The same, for who must not wait. */
    private volatile List<Asker> listening = List.of();

    /** What was asked for, and belongs to contents that have been erased since. */
    private final Set<Cid> unwelcome = new HashSet<>();
    /** What documents name, and is not looked at yet. */
    private final Set<PieceLink> named = new LinkedHashSet<>();
    /** What none of the peers had that were asked. */
    private final Set<PieceLink> parked = new LinkedHashSet<>();

    private @Nullable Subscription changes;
    /** How many contents have come to an end. */
    private long ended;

    /** Where it is found out what documents name. */
    public interface ContentNames {
        /**
         * Goes through what documents name now.
         *
         * @return a list for each document, read when it is asked for
         */
        Iterator<List<PieceLink>> all();

        /**
         * Tells what documents name that change from now on.
         *
         * @param listener called on any thread
         * @return ends it when closed
         */
        Subscription subscribe(Consumer<List<PieceLink>> listener);

        /**
         * Whether going through all of it is so dear that one iterator is shared by all sessions, and goes on where the last one ended: what is new comes at its end. A failure
         * of the store ends sessions then, which come again.
         *
         * @return false for those of one process
         */
        default boolean areShared() {
            return false;
        }
    }

    /** What nobody gets any more. */
    public interface Erased {
        /**
         * Whether a content is erased, as far as is known already.
         *
         * @param root its root
         * @return true if it is
         */
        boolean isKnown(Cid root);

        /**
         * Whether a block may be part of such contents alone.
         *
         * @param cid any
         * @return true if nobody gets it
         */
        boolean withholds(Cid cid);

        /** Finds out what has been erased meanwhile, where nobody tells. */
        default void lookForMore() {}

        /** Called when blocks that were held may be removed. */
        void released();
    }

    /** A content that is being fetched. */
    private static final class Wanted {
        final PieceFetch fetch;
        final PieceBlocks.Holding hold;
        /** Who reads it or waits for it; without any, a document names it. */
        int readers;

        boolean ofDocument;
        boolean done;

        @Nullable
        SyncException failure;

        Wanted(PieceFetch fetch, PieceBlocks.Holding hold) {
            this.fetch = fetch;
            this.hold = hold;
        }
    }

    /**
     * Makes one that wants nothing.
     *
     * @param store where the blocks are
     * @param names what documents name
     * @param erased what nobody gets
     * @param most the longest content, in bytes
     */
    public AttachmentFetches(Supplier<? extends PieceBlocks> store, ContentNames names, Erased erased, long most) {
        this.store = store;
        this.erased = erased;
        this.most = most;
        this.names = names;
    }

    // ---- for users

    /**
     * Waits until a content is here.
     *
     * @param root its root, and its size
     */
    public void fetch(PieceLink root) {
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

    /**
     * Wants a content until {@link #leave}.
     *
     * @param root its root, and its size
     * @return what to leave with
     */
    public @Nullable Object enter(PieceLink root) {
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

    /**
     * Wants it no more.
     *
     * @param root what was wanted
     * @param entered what {@link #enter} has returned
     */
    public void leave(PieceLink root, @Nullable Object entered) {
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

    /**
     * Waits for a block that somebody is reading just now.
     *
     * @param root of which content
     * @param cid which block
     * @return the block
     */
    public Block await(Cid root, Cid cid) {
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
        PieceBlocks pieces = store.get();
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
        boolean looked = false;
        try {
            var unused = missing(root, content);
            looked = true;
        } finally {
            if (!looked) {
                end(root, content);
            }
        }
        return content;
    }

    /** What is missing of a content, which ends if that is nothing, or if it can't be. */
    private Set<Cid> missing(PieceLink root, Wanted content) {
        try {
            Set<Cid> missing = content.fetch.missing();
            if (missing.isEmpty() && !content.done) {
                store.get().complete(root.cid());
                end(root, content);
            }
            return missing;
        } catch (SyncException e) {
            if (endsSession(e)) {
                throw e;
            }
            fail(root, content, e);
            return Set.of();
        }
    }

    /** Whether what is wanted stays wanted, and the peer has to come again, because a store didn't answer. */
    private boolean endsSession(SyncException e) {
        return e.kind() == ErrorKind.CLOSED || e.kind() == ErrorKind.STORAGE && names.areShared();
    }

    private void fail(PieceLink root, Wanted content, SyncException why) {
        if (content.ofDocument) {
            failed(root, why);
        }
        content.failure = why;
        end(root, content);
    }

    /**
     * Why a content that is erased can't be had.
     *
     * @param root its root
     * @return to be thrown
     */
    public static SyncException gone(Cid root) {
        return new SyncException(ErrorKind.NOT_FOUND, "content " + root + " was erased, for good");
    }

    /** Ends what is under way for contents that have been erased, and what comes of them still is dropped. */
    public void contentsErased() {
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

    private void failed(PieceLink root, SyncException why) {
        if (why.kind() == ErrorKind.LIMIT_EXCEEDED && root.size() <= most && names.areShared()) {
            parked.add(root); // nobody would name it again
        }
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
    public void changed() {
        synchronized (this) {
            notifyAll();
        }
        wakeAll();
    }

    /** Called when all that documents name may have something new at its end; waits for no lock. */
    public void namesChanged() {
        listening.stream().filter(asker -> asker.withDocuments).forEach(asker -> asker.wakeUp.run());
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
        return !present(Set.of(cid)).isEmpty();
    }

    @Override
    public Set<Cid> present(Collection<Cid> cids) {
        Set<Cid> here = new HashSet<>(store.get().present(cids));
        here.removeIf(erased::withholds);
        return here;
    }

    @Override
    public BlockRequests requests(Runnable wakeUp) {
        Asker asker = new Asker(wakeUp);
        synchronized (this) {
            askers.add(asker);
            listening = List.copyOf(askers);
        }
        return asker;
    }

    private void name(PieceLink root) {
        if (!wanted.containsKey(root) && !erased.isKnown(root.cid())) {
            parked.remove(root);
            named.add(root);
        }
    }

    /** Takes what documents name that have changed. */
    private void documentsChanged(List<PieceLink> found) {
        if (!found.isEmpty()) {
            synchronized (this) {
                found.forEach(this::name);
            }
            wakeAll();
        }
    }

    /**
     * Tells of a document that can't be read, and so names nothing. Whoever reads it is told.
     *
     * @param e why
     */
    public static void unreadable(SyncException e) {
        if (e.kind() != ErrorKind.CLOSED) {
            LOG.log(Level.WARNING, "looking for attachments: {0}", e.getMessage());
        }
    }

    /** What one session asks for. */
    private final class Asker implements BlockRequests {
        private final Runnable wakeUp;
        private final Set<Cid> absent = new HashSet<>();
        private volatile boolean withDocuments;
        private @Nullable Iterator<List<PieceLink>> unseen;

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
                    changes = names.subscribe(AttachmentFetches.this::documentsChanged);
                }
                unseen = names.all();
                named.addAll(parked);
                parked.clear();
            }
            wakeUp.run();
        }

        @Override
        public List<Cid> next(int most) {
            boolean more;
            List<Cid> next = new ArrayList<>();
            erased.lookForMore();
            synchronized (AttachmentFetches.this) {
                if (!askers.contains(this)) {
                    return next;
                }
                if (!urgent.isEmpty()) {
                    Set<Cid> here = store.get().present(urgent);
                    ask(urgent.stream().filter(cid -> !here.contains(cid)).toList(), next, most);
                }
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
            boolean ended = false;
            try {
                for (int i = 0; unseen != null && !ended && named.size() < MOST_NAMED && i < LOOKED_AT; i++) {
                    if (unseen.hasNext()) {
                        unseen.next().forEach(AttachmentFetches.this::name);
                    } else {
                        ended = true; // until something new is at its end, if it is shared
                        unseen = names.areShared() ? unseen : null;
                    }
                }
            } catch (SyncException e) {
                if (endsSession(e)) {
                    throw e;
                }
                unreadable(e);
                unseen = null;
            }
            long active = wanted.values().stream()
                    .filter(content -> content.ofDocument)
                    .count();
            for (int i = 0; i < LOOKED_AT && active < AT_ONCE && !named.isEmpty(); i++) {
                PieceLink root = named.iterator().next();
                named.remove(root);
                active += begun(root) ? 1 : 0;
            }
            return unseen != null && !ended && named.size() < MOST_NAMED || active < AT_ONCE && !named.isEmpty();
        }

        /** Begins to fetch a content because a document names it; false if that has ended already, or nobody has what is missing. */
        private boolean begun(PieceLink root) {
            Wanted content;
            try {
                content = begin(root);
                content.ofDocument = true;
                if (content.failure != null) {
                    failed(root, content.failure);
                }
                if (!content.done && content.readers == 0 && isHopeless(missing(root, content)) && !content.done) {
                    parked.add(root);
                    end(root, content);
                }
            } catch (SyncException e) {
                named.add(root);
                throw e;
            }
            return !content.done;
        }

        @Override
        public void received(Block block) {
            boolean more;
            erased.lookForMore();
            synchronized (AttachmentFetches.this) {
                long before = ended;
                boolean mine = asked.remove(block.cid(), this);
                boolean drop = mine && unwelcome.remove(block.cid());
                SyncException refusal = null;
                try {
                    boolean awaited = isAwaited(block.cid()) || urgent.contains(block.cid());
                    if (names.areShared() ? awaited : !drop || awaited) {
                        store.get().add(block);
                    }
                } catch (SyncException e) {
                    if (endsSession(e)) {
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
                if (endsSession(e)) {
                    throw e;
                }
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
                listening = List.copyOf(askers);
                asked.entrySet().removeIf(entry -> {
                    boolean mine = entry.getValue() == this;
                    if (mine) {
                        unwelcome.remove(entry.getKey());
                    }
                    return mine;
                });
                unseen = null;
                if (askers.stream().noneMatch(asker -> asker.withDocuments)) {
                    boolean shared = names.areShared();
                    last = shared ? null : changes;
                    changes = shared ? changes : null;
                    parked.addAll(named);
                    named.clear();
                    if (!shared) {
                        parked.clear();
                    }
                    List.copyOf(wanted.entrySet()).forEach(entry -> {
                        if (shared && entry.getValue().ofDocument) {
                            parked.add(entry.getKey());
                        }
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
