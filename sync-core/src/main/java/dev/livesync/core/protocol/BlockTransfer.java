package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.core.message.BinaryEncoding;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.OutgoingMessage;
import dev.livesync.core.message.WireMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Blocks beside the events, both ways: what is asked of the peer, and what it asks for. They come after everything else that is to be sent, one at a time,
 * and nothing waits for them. {@code docs/protocol.md}, section 7.
 */
final class BlockTransfer {
    /** How many blocks may be asked for and not answered. */
    static final int MOST_WANTED = 64;

    /** How many we ask for at a time: what may be on its way to us is four megabytes. */
    private static final int AHEAD = 16;

    /** Of how many blocks that aren't here it is remembered that the peer wants them. */
    private static final int MOST_MISSED = 256;

    private final DialectHost session;
    private final Effects effects;
    private final Permissions permissions;
    private final Counters counters;
    /** How long the peer may take for a block, in nanoseconds. */
    private final long phase;

    private final @Nullable BlockExchange blocks;
    private @Nullable BlockRequests requests;
    private final Set<Cid> asked = new HashSet<>();
    private final Queue<Cid> wanted = new ArrayDeque<>();
    private final List<Cid> absent = new ArrayList<>();
    /** What the peer was told is absent, the earliest first. */
    private final Set<Cid> missed = new LinkedHashSet<>();

    private boolean look;
    private boolean parting;

    BlockTransfer(DialectHost session, Effects effects, Permissions permissions, Counters counters) {
        this.session = session;
        this.effects = effects;
        this.permissions = permissions;
        this.counters = counters;
        phase = session.config().times().phase().toNanos();
        Set<Feature> features = session.config().features();
        blocks = Feature.isNative(features) && features.contains(Feature.BLOCKS)
                ? session.replica().blocks().orElse(null)
                : null;
    }

    /** Begins to ask, unless the peer must not learn what is here. */
    void open() {
        if (blocks != null && permissions.peerReads()) {
            requests = blocks.requests(effects::blocksChanged);
        }
    }

    /** Says whether what documents name is fetched with them. */
    void fetchWithDocuments(boolean withDocuments) {
        if (requests != null) {
            requests.fetchWithDocuments(withDocuments);
        }
    }

    /** Called when the peer has said what we may do there: who may not read doesn't ask. */
    void permitted() {
        if (!permissions.reads()) {
            askNoMore();
        }
    }

    /** Called when one side has closed: nothing more is asked for or given. */
    void part() {
        parting = true;
        askNoMore();
    }

    private void askNoMore() {
        BlockRequests mine = requests;
        requests = null;
        asked.clear();
        session.deadlines().clear(Deadlines.What.BLOCKS);
        if (mine != null) {
            mine.close();
        }
    }

    /** Called when something may be here that was not. */
    void changed() {
        look = true;
    }

    /** Ends all of it; what hasn't come is left to other sessions. */
    void stop() {
        askNoMore();
        wanted.clear();
        absent.clear();
        missed.clear();
    }

    // ---- what we ask for

    /** The next control message; null if there is none. */
    @Nullable
    WireMessage control() {
        if (!absent.isEmpty()) {
            WireMessage answer = new WireMessage.AbsentBlocks(absent);
            absent.clear();
            return answer;
        }
        if (parting) {
            return null;
        }
        List<Cid> come = look ? come() : List.of();
        if (!come.isEmpty()) {
            return new WireMessage.HaveBlocks(come);
        }
        if (requests == null || asked.size() > AHEAD / 2) {
            return null;
        }
        List<Cid> next = requests.next(AHEAD - asked.size());
        if (next.isEmpty()) {
            return null;
        }
        asked.addAll(next);
        session.deadlines().start(Deadlines.What.BLOCKS, session.now() + phase);
        return new WireMessage.WantBlocks(next);
    }

    /** Takes those of the blocks that were asked for in vain which are here by now. */
    private List<Cid> come() {
        List<Cid> come = new ArrayList<>();
        look = false;
        Set<Cid> here = blocks == null || missed.isEmpty() ? Set.of() : blocks.present(missed);
        for (Iterator<Cid> all = missed.iterator(); !here.isEmpty() && all.hasNext(); ) {
            Cid cid = all.next();
            if (come.size() == MOST_WANTED) {
                look = true;
                break;
            }
            if (here.contains(cid)) {
                come.add(cid);
                all.remove();
            }
        }
        return come;
    }

    /** Called when data of any kind comes: what was asked for comes behind it. */
    void heard() {
        if (!asked.isEmpty()) {
            session.deadlines().renew(Deadlines.What.BLOCKS, session.now() + phase);
        }
    }

    /** Takes a block of the peer's. */
    void received(Block block) {
        requireAsked(block.cid());
        counters.blocksReceived++;
        if (requests != null) {
            requests.received(block);
        }
    }

    /** Takes word of what the peer doesn't have. */
    void absent(WireMessage.AbsentBlocks message) {
        for (Cid cid : message.cids()) {
            requireAsked(cid);
            if (requests != null) {
                requests.absent(cid);
            }
        }
    }

    /** Takes word of what the peer has by now. */
    void present(WireMessage.HaveBlocks message) {
        if (requests != null) {
            message.cids().forEach(requests::present);
        }
    }

    private void requireAsked(Cid cid) {
        if (blocks == null) {
            throw new SyncException(ErrorKind.MALFORMED, "a block in a session without blocks");
        }
        if (!asked.remove(cid) && requests != null) {
            throw new SyncException(ErrorKind.MALFORMED, "block " + cid + " came, and nobody asked for it");
        }
        if (asked.isEmpty()) {
            session.deadlines().clear(Deadlines.What.BLOCKS);
        }
    }

    // ---- what the peer asks for

    /** Takes what the peer asks for. */
    void wanted(WireMessage.WantBlocks message) {
        if (blocks == null) {
            return; // it may know more than its handshake says
        }
        if (message.cids().size() > MOST_WANTED - wanted.size() - absent.size()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "the peer asks for " + message.cids().size() + " blocks, and waits for "
                            + (wanted.size() + absent.size()) + "; " + MOST_WANTED + " are allowed");
        }
        if (permissions.peerReads()) {
            wanted.addAll(message.cids());
        } else {
            absent.addAll(message.cids());
        }
    }

    /** Whether the peer waits for something. */
    boolean hasNext() {
        return !wanted.isEmpty() && !parting;
    }

    /** The next block for the peer; null if it waits for none that is here. */
    @Nullable
    OutgoingMessage next() {
        while (blocks != null && hasNext()) {
            Cid cid = wanted.remove();
            Block block = blocks.block(cid);
            if (block != null) {
                counters.blocksSent++;
                return BinaryEncoding.block(block);
            }
            absent.add(cid);
            missed.add(cid);
            if (missed.size() > MOST_MISSED) {
                missed.remove(missed.iterator().next());
            }
        }
        return null;
    }
}
