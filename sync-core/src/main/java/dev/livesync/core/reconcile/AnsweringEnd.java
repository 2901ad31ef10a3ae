package dev.livesync.core.reconcile;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.reconcile.OpeningMessage.Claim;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end that answers. */
final class AnsweringEnd implements Reconciliation {
    private enum State {
        OPENING,
        /** The initiator chooses how to go on. */
        CHOICE,
        /** The list is being sent, and the initiator says what it has of it. */
        LIST,
        /** Everything is known. */
        END
    }

    /** How many events go into the reply as a list whatever the peer has: fewer bytes than the shortest sketch. */
    private static final int SHORT_LIST = 128;

    private static final int FEW = 8;
    private static final int FIRST_SYMBOLS = 32;

    private final Snapshot snapshot;
    private final ShortIds shortIds;
    private final int attempt;
    private final ReconcileLimits limits;
    private final TableMemory memory;

    private State state = State.OPENING;
    private byte @Nullable [] reply;
    private @Nullable StatedClock clock;
    private @Nullable PeerHas has;
    private List<Cid> frontier = List.of();
    private @Nullable ComparedEvents events;
    private @Nullable Sketch sketch;
    private int listed;
    private int answered;
    private int symbols;
    private int askedSymbols;
    private int wanted;
    /** Whether a part of what is wanted has come, and the rest is to follow. */
    private boolean wants;

    AnsweringEnd(Snapshot snapshot, ShortIds shortIds, int attempt, ReconcileLimits limits, TableMemory memory) {
        this.snapshot = snapshot;
        this.shortIds = shortIds;
        this.attempt = attempt;
        this.limits = limits;
        this.memory = memory;
    }

    @Override
    public byte @Nullable [] poll() {
        byte[] first = reply;
        if (first != null) {
            reply = null;
            return first;
        }
        ComparedEvents all = events;
        if (all == null) {
            return null;
        }
        if (state == State.LIST && listed < all.size()) {
            return list(all);
        }
        return state == State.CHOICE && symbols < askedSymbols ? symbols(all) : null;
    }

    @Override
    public void received(byte[] message) {
        MessageInput in = new MessageInput(message);
        int type = in.octet();
        ComparedEvents all = events;
        if (state == State.OPENING && type == MessageType.OPENING) {
            opened(OpeningMessage.read(in));
        } else if (all == null || reply != null) {
            throw unexpected(in, type);
        } else if (state == State.LIST && type == MessageType.HAVE && answered < listed) {
            have(in, all);
        } else if (state == State.LIST && type == MessageType.WANT && answered == 0 && listed == all.size()) {
            want(in, all);
        } else if (wants && type != MessageType.WANT) {
            throw unexpected(in, type);
        } else if (state == State.CHOICE && symbols == askedSymbols) {
            switch (type) {
                case MessageType.MORE -> more(in, all);
                case MessageType.WANT -> want(in, all);
                case MessageType.MINE -> mine(in, all);
                default -> throw unexpected(in, type);
            }
        } else {
            throw unexpected(in, type);
        }
    }

    private SyncException unexpected(MessageInput in, int type) {
        return in.malformed("of type " + type + " came to a responder in the state " + state);
    }

    private void opened(OpeningMessage opening) {
        if (opening.attempt() != attempt) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "a reconciliation opens attempt " + opening.attempt() + " where this is attempt " + attempt);
        }
        StatedClock theirs = opening.clock();
        clock = theirs;
        List<Cid> named = new ArrayList<>(theirs.heads());
        named.addAll(opening.named());
        BitSet here = new BitSet();
        List<Cid> common = new ArrayList<>();
        for (int i = 0; i < named.size(); i++) {
            Cid cid = named.get(i);
            if (snapshot.isComplete(cid) && !snapshot.isInterior(cid)) {
                here.set(i);
                common.add(cid);
            }
        }
        int bits = named.size() + opening.narrow().length;
        int heads = theirs.heads().size();
        if (theirs.isWhole() && here.nextClearBit(0) >= heads) {
            frontier = theirs.heads();
            reply(here, bits, ReplyForm.NOTHING);
            end(new PeerHas(frontier, cid -> false));
            return;
        }
        if (opening.claim() == Claim.REMEMBERED && here.nextClearBit(heads) < bits) {
            reply(here, bits, ReplyForm.UNKNOWN);
            state = State.END;
            return;
        }
        find(opening.narrow(), named.size(), common, here);
        frontier = List.copyOf(common);
        answer(opening, here, bits);
    }

    /** Finds the events of narrow ids among those that aren't known to be common. */
    private void find(long[] narrow, int firstBit, List<Cid> common, BitSet here) {
        if (narrow.length == 0) {
            return;
        }
        long[] sorted = new long[narrow.length];
        for (int i = 0; i < narrow.length; i++) {
            sorted[i] = narrow[i] << 16 | i;
        }
        Arrays.sort(sorted);
        Iterator<Cid> above = snapshot.eventsSince(List.copyOf(common));
        while (above.hasNext()) {
            Cid cid = above.next();
            long id = ShortIds.narrow(shortIds.id(cid));
            int at = Arrays.binarySearch(sorted, id << 16);
            at = at < 0 ? -1 - at : at;
            if (at < sorted.length && (sorted[at] >> 16 & 0xffff_ffff_ffffL) == id && !snapshot.isInterior(cid)) {
                common.add(cid);
                for (; at < sorted.length && (sorted[at] >> 16 & 0xffff_ffff_ffffL) == id; at++) {
                    here.set(firstBit + (int) (sorted[at] & 0xffff));
                }
            }
        }
    }

    private void answer(OpeningMessage opening, BitSet here, int bits) {
        if (opening.claim() == Claim.WHOLE || !snapshot.eventsSince(frontier).hasNext()) {
            reply(here, bits, ReplyForm.NOTHING);
            end(new PeerHas(frontier, cid -> false));
            return;
        }
        if (attempt == Reconciliations.ATTEMPTS - 1) {
            ComparedEvents all = new FullIdEvents(shortIds, snapshot, frontier, memory);
            events = all;
            state = State.CHOICE;
            MessageOutput out = reply(here, bits, ReplyForm.SYMBOLS);
            out.number(all.size());
            out.number(0);
            reply = out.toByteArray();
            return;
        }
        ShortIdEvents all = new ShortIdEvents(shortIds, snapshot, frontier, memory);
        events = all;
        if (opening.claim() == Claim.REMEMBERED && isSmall(all.size())) {
            // Telling what comes would cost more than what may be sent twice.
            reply(here, bits, ReplyForm.NOTHING);
            end(new PeerHas(frontier, cid -> false));
        } else if (attempt == 0 && mayComeUnasked(all.size(), newestNarrow(opening, here))) {
            MessageOutput out = reply(here, bits, ReplyForm.COMING);
            out.number(all.size());
            all.listNarrow(out);
            reply = out.toByteArray();
            end(new PeerHas(frontier, cid -> false));
        } else if (all.size() <= SHORT_LIST) {
            state = State.LIST;
            MessageOutput out = reply(here, bits, ReplyForm.LIST);
            listInto(out, all, all.size());
            reply = out.toByteArray();
        } else {
            state = State.CHOICE;
            MessageOutput out = reply(here, bits, ReplyForm.SYMBOLS);
            out.number(all.size());
            askedSymbols = FIRST_SYMBOLS;
            symbolsInto(out, all, FIRST_SYMBOLS);
            reply = out.toByteArray();
        }
    }

    /** The place of the first narrow id that is here; 0 if there is none. */
    private static int newestNarrow(OpeningMessage opening, BitSet here) {
        int first = opening.clock().heads().size() + opening.named().size();
        int at = here.nextSetBit(first);
        return at < 0 ? 0 : at - first;
    }

    /**
     * An initiator that is ahead has all of what is here since the frontier, and fewer than lie between two names. Few cost less than the time
     * of asking.
     */
    private boolean mayComeUnasked(int count, int newestNarrow) {
        return (count <= FEW || count >= OpeningMessage.gap(newestNarrow)) && isSmall(count);
    }

    /** Whether so many events since the frontier are few enough for a peer that may have some of them. */
    private boolean isSmall(int count) {
        if (count > limits.unasked()) {
            return false;
        }
        long bytes = 0;
        Iterator<Cid> above = snapshot.eventsSince(frontier);
        while (above.hasNext()) {
            Block block = snapshot.block(above.next());
            bytes += block == null ? 0 : block.size();
        }
        return bytes <= limits.unaskedBytes();
    }

    /** Begins the reply, and makes it one that ends here. */
    private MessageOutput reply(BitSet here, int bits, int form) {
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.REPLY);
        StatedClock.of(snapshot.heads()).write(out);
        out.bits(here, bits);
        out.octet(form);
        reply = out.toByteArray();
        return out;
    }

    private byte[] list(ComparedEvents all) {
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.LIST);
        listInto(out, all, Math.min(listPiece(all), all.size() - listed));
        return out.toByteArray();
    }

    private int listPiece(ComparedEvents all) {
        return limits.messageBytes() / all.idBytes();
    }

    private void listInto(MessageOutput out, ComparedEvents all, int count) {
        out.number(count);
        all.list(out, count);
        listed += count;
    }

    private byte[] symbols(ComparedEvents all) {
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.SYMBOLS);
        symbolsInto(out, all, Math.min(limits.messageBytes() / SymbolBytes.MOST, askedSymbols - symbols));
        return out.toByteArray();
    }

    private void symbolsInto(MessageOutput out, ComparedEvents all, int count) {
        Sketch from = sketch == null ? ((ShortIdEvents) all).sketch() : sketch;
        sketch = from;
        from.require(symbols + count);
        out.number(count);
        for (int end = symbols + count; symbols < end; symbols++) {
            SymbolBytes.write(out, from, all.size(), symbols);
        }
    }

    private void more(MessageInput in, ComparedEvents all) {
        int total = in.number();
        in.end();
        if (total == 0) {
            sketch = null;
            state = State.LIST;
        } else if (!(all instanceof ShortIdEvents) || total < symbols + symbols / 8) {
            throw in.malformed("asks for " + total + " symbols after " + symbols);
        } else if (total > Sketch.worth(all.size())) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a reconciliation asks for " + total + " symbols of " + all.size() + " events");
        } else {
            askedSymbols = total;
        }
    }

    private void have(MessageInput in, ComparedEvents all) {
        int count = Math.min(listPiece(all), listed - answered);
        BitSet bits = in.bits(count);
        in.end();
        bits.stream().forEach(i -> all.mark(answered + i));
        answered += count;
        if (answered == all.size()) {
            end(new PeerHas(frontier, all.marked()));
        }
    }

    private void want(MessageInput in, ComparedEvents all) {
        boolean last = in.octet() == 1;
        int count = in.count(all.size() - wanted, ShortIds.BYTES);
        if (count > 0 && symbols == 0 || count == 0 && !last) {
            throw in.malformed("wants " + count + " events after " + symbols + " symbols");
        }
        for (int i = 0; i < count; i++) {
            ((ShortIdEvents) all).mark(in.fixed(ShortIds.BYTES));
        }
        in.end();
        wanted += count;
        wants = !last;
        if (last) {
            end(new PeerHas(frontier, wanted == 0 ? cid -> true : all.marked().negate()));
        }
    }

    private void mine(MessageInput in, ComparedEvents all) {
        BitSet bits = new BitSet();
        int count = in.count(Integer.MAX_VALUE, all.idBytes());
        for (int i = 0; i < count; i++) {
            bits.set(i, all.hear(in));
        }
        in.end();
        MessageOutput out = new MessageOutput();
        out.octet(MessageType.HAVE);
        out.bits(bits, count);
        reply = out.toByteArray();
        end(new PeerHas(frontier, all.marked()));
    }

    private void end(PeerHas what) {
        has = what;
        state = State.END;
        sketch = null;
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
    public boolean isDone() {
        return state == State.END && reply == null;
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
