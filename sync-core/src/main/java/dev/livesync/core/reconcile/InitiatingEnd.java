package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end that sends first. */
final class InitiatingEnd implements Reconciliation {
    private enum State {
        REPLY,
        LIST,
        SYMBOLS,
        /** Our list is sent. */
        MINE,
        END
    }

    /** The most events that a reply lists. */
    private static final int MOST_UNASKED = 128;

    /** As many symbols are asked for each difference that is expected; with a fifth more, often enough, everything is told. */
    private static final double SYMBOLS_EACH = 1.25;

    /** A sketch that has so many for each difference, and some more, tells everything, or it is none. */
    private static final double SYMBOLS_MOST = 2;

    private static final int SYMBOLS_MORE = 20;

    private final Snapshot snapshot;
    private final ShortIds shortIds;
    private final ReconcileLimits limits;
    private final TableMemory memory;
    private final OpeningMessage.Chosen chosen;
    private final Deque<byte[]> outgoing = new ArrayDeque<>();

    private State state = State.REPLY;
    private @Nullable StatedClock clock;
    private @Nullable PeerHas has;
    private List<Cid> frontier = List.of();
    private @Nullable ComparedEvents events;
    private @Nullable SketchDecoder decoder;
    /** How many events the responder has since the frontier, and how many of them it has listed. */
    private int theirs;

    private int listed;
    private int askedSymbols;
    private boolean misremembered;

    InitiatingEnd(
            Snapshot snapshot,
            ShortIds shortIds,
            OpeningMessage.Chosen chosen,
            ReconcileLimits limits,
            TableMemory memory) {
        this.snapshot = snapshot;
        this.shortIds = shortIds;
        this.chosen = chosen;
        this.limits = limits;
        this.memory = memory;
        outgoing.add(chosen.message(shortIds).toByteArray());
    }

    @Override
    public byte @Nullable [] poll() {
        return outgoing.poll();
    }

    @Override
    public void received(byte[] message) {
        MessageInput in = new MessageInput(message);
        int type = in.octet();
        ComparedEvents ours = events;
        if (!outgoing.isEmpty() && state != State.LIST) {
            throw unexpected(in, type);
        } else if (state == State.REPLY && type == MessageType.REPLY) {
            replied(in);
        } else if (ours == null) {
            throw unexpected(in, type);
        } else if (state == State.LIST && type == MessageType.LIST) {
            int count = in.count(theirs - listed, ours.idBytes());
            if (count == 0) {
                throw in.malformed("lists nothing");
            }
            hear(in, ours, count);
        } else if (state == State.SYMBOLS && type == MessageType.SYMBOLS && decoder != null) {
            symbols(in, (ShortIdEvents) ours, decoder);
        } else if (state == State.MINE && type == MessageType.HAVE) {
            BitSet bits = in.bits(ours.size());
            in.end();
            bits.stream().forEach(ours::mark);
            end(new PeerHas(frontier, ours.marked()));
        } else {
            throw unexpected(in, type);
        }
    }

    private SyncException unexpected(MessageInput in, int type) {
        return in.malformed("of type " + type + " came to an initiator in the state " + state);
    }

    private void replied(MessageInput in) {
        StatedClock peer = StatedClock.read(in);
        clock = peer;
        List<Cid> named = chosen.events();
        BitSet bits = in.bits(named.size());
        List<Cid> common = new ArrayList<>();
        bits.stream().forEach(i -> common.add(named.get(i)));
        frontier = List.copyOf(common);
        int form = in.octet();
        StatedClock own = chosen.clock();
        if (form == ReplyForm.UNKNOWN && chosen.claim() == OpeningMessage.Claim.REMEMBERED) {
            in.end();
            misremembered = true;
            state = State.END;
            return;
        }
        if (form != ReplyForm.NOTHING
                && own.isWhole()
                && bits.nextClearBit(0) >= own.heads().size()) {
            throw in.malformed("tells of more though the peer has everything");
        }
        if (peer.isWhole() && peer.heads().stream().allMatch(head -> snapshot.isComplete(head))) {
            // Whatever the form, there is nothing here that would be wanted.
            common.addAll(peer.heads());
            if (form == ReplyForm.LIST || form == ReplyForm.SYMBOLS) {
                want(new long[0]);
            }
            end(new PeerHas(common, cid -> false));
            return;
        }
        switch (form) {
            case ReplyForm.NOTHING -> {
                in.end();
                end(new PeerHas(frontier, cid -> false));
            }
            case ReplyForm.COMING -> coming(in);
            case ReplyForm.LIST -> {
                theirs = in.count(MOST_UNASKED, ShortIds.BYTES);
                state = State.LIST;
                hear(in, new ShortIdEvents(shortIds, snapshot, frontier, memory), theirs);
            }
            case ReplyForm.SYMBOLS -> sketched(in);
            default -> throw in.malformed("has the unknown form " + form);
        }
    }

    private void coming(MessageInput in) {
        long[] ids = new long[in.count(MOST_UNASKED, ShortIds.NARROW)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = in.fixed(ShortIds.NARROW);
        }
        in.end();
        Arrays.sort(ids);
        end(new PeerHas(frontier, cid -> Arrays.binarySearch(ids, ShortIds.narrow(shortIds.id(cid))) >= 0));
    }

    private void sketched(MessageInput in) {
        theirs = in.number();
        askedSymbols = in.count(theirs, SymbolBytes.LEAST);
        boolean last = chosen.attempt() == Reconciliations.ATTEMPTS - 1;
        if (last != (askedSymbols == 0)) {
            throw in.malformed("has " + askedSymbols + " symbols in attempt " + chosen.attempt());
        }
        if (last) {
            ComparedEvents ours = new FullIdEvents(shortIds, snapshot, frontier, memory);
            events = ours;
            in.end();
            list(ours);
        } else {
            ShortIdEvents ours = new ShortIdEvents(shortIds, snapshot, frontier, memory);
            events = ours;
            SketchDecoder theirSketch = new SketchDecoder(shortIds, ours.sketch());
            decoder = theirSketch;
            state = State.SYMBOLS;
            add(in, ours, theirSketch, askedSymbols);
        }
    }

    private void symbols(MessageInput in, ShortIdEvents ours, SketchDecoder theirSketch) {
        int count = in.count(askedSymbols - theirSketch.size(), SymbolBytes.LEAST);
        if (count == 0) {
            throw in.malformed("has no symbols");
        }
        add(in, ours, theirSketch, count);
    }

    private void add(MessageInput in, ShortIdEvents ours, SketchDecoder theirSketch, int count) {
        for (int i = 0; i < count; i++) {
            SymbolBytes.read(in, theirSketch, theirs);
        }
        in.end();
        if (theirSketch.size() < askedSymbols) {
            return;
        }
        if (theirSketch.decode()) {
            for (long id : theirSketch.found(false)) {
                ours.mark(id);
            }
            want(theirSketch.found(true));
            end(new PeerHas(frontier, ours.marked().negate()));
            return;
        }
        double estimate = Math.min(theirSketch.estimate(), Sketch.MOST);
        long total = Math.max((long) (estimate * SYMBOLS_EACH) + 4, theirSketch.size() + theirSketch.size() / 5 + 1);
        boolean isWorth = !theirSketch.hasFailed()
                && theirSketch.size() < estimate * SYMBOLS_MOST + SYMBOLS_MORE
                && total <= Sketch.worth(theirs)
                && (total - theirSketch.size()) * SymbolBytes.USUAL < Math.min(theirs, mine(ours)) * 8L;
        if (isWorth) {
            askedSymbols = (int) total;
            more(askedSymbols);
        } else {
            decoder = null;
            list(ours);
        }
    }

    /** How many events our list would have; more than anything if it would take more than a message. */
    private int mine(ComparedEvents ours) {
        return ours.size() <= limits.messageBytes() / ours.idBytes() ? ours.size() : Integer.MAX_VALUE;
    }

    /** Takes the shorter list. */
    private void list(ComparedEvents ours) {
        if (mine(ours) < theirs) {
            state = State.MINE;
            MessageOutput out = new MessageOutput();
            out.octet(MessageType.MINE);
            out.number(ours.size());
            ours.list(out, ours.size());
            outgoing.add(out.toByteArray());
        } else {
            state = State.LIST;
            more(0);
        }
    }

    private void hear(MessageInput in, ComparedEvents ours, int count) {
        BitSet bits = new BitSet();
        for (int i = 0; i < count; i++) {
            bits.set(i, ours.hear(in));
        }
        in.end();
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.HAVE);
        out.bits(bits, count);
        outgoing.add(out.toByteArray());
        listed += count;
        if (listed == theirs) {
            end(new PeerHas(frontier, ours.marked()));
        }
    }

    private void more(int symbols) {
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.MORE);
        out.number(symbols);
        outgoing.add(out.toByteArray());
    }

    private void want(long[] ids) {
        int piece = limits.messageBytes() / ShortIds.BYTES;
        int at = 0;
        do {
            int end = Math.min(ids.length, at + piece);
            MessageOutput out = new MessageOutput();
            out.octet(MessageType.WANT);
            out.octet(end == ids.length ? 1 : 0);
            out.number(end - at);
            for (; at < end; at++) {
                out.fixed(ids[at], ShortIds.BYTES);
            }
            outgoing.add(out.toByteArray());
        } while (at < ids.length);
    }

    private void end(PeerHas what) {
        has = what;
        state = State.END;
        decoder = null;
        events = null;
    }

    @Override
    public @Nullable PeerHas peerHas() {
        return has;
    }

    @Override
    public @Nullable StatedClock peerClock() {
        return clock;
    }

    @Override
    public boolean isMisremembered() {
        return misremembered;
    }

    @Override
    public boolean isDone() {
        return state == State.END && outgoing.isEmpty();
    }

    @Override
    public Snapshot snapshot() {
        return snapshot;
    }

    @Override
    public void close() {
        snapshot.close();
    }
}
