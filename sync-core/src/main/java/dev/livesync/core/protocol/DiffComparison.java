package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.CidSet;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines.What;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Each end lists what it has, and gets what it did not list; {@code docs/protocol.md}, sections 2 and 4. */
public final class DiffComparison implements Comparison {
    private final DialectHost session;
    private final DiffRules rules;
    private boolean due;
    private boolean waits;
    private boolean waitsNoLonger;
    private WireMessage.@Nullable Diff asked;
    private @Nullable CidSet known;

    /**
     * Creates a comparison; nothing is said yet.
     *
     * @param session whose it is
     * @param rules what its dialect decides
     */
    public DiffComparison(DialectHost session, DiffRules rules) {
        this.session = session;
        this.rules = rules;
    }

    @Override
    public void begin() {
        due = true;
    }

    @Override
    public @Nullable DiffText statement() {
        DiffText diff = due ? diff() : null;
        due &= diff == null;
        return diff;
    }

    private @Nullable DiffText diff() {
        if (!session.config().rights().canRead()) {
            return new DiffText(List.of(), null, Collections.emptyIterator(), 0, () -> {});
        }
        if (waits && known == null && !waitsNoLonger) {
            return null;
        }
        Snapshot snapshot = session.replica().snapshot();
        boolean made = false;
        try {
            List<Cid> heads = snapshot.heads();
            List<Cid> named = heads.size() <= DiffText.MOST_HEADS ? heads : heads.subList(0, DiffText.MOST_HEADS);
            DiffNames names = rules.names(snapshot, named, known, waitsNoLonger);
            if (names == null) {
                waits = true;
                long time = session.config().times().phase().toNanos() / 4;
                session.deadlines().start(What.OWN_DIFF, session.now() + time);
                return null;
            }
            DiffText diff =
                    new DiffText(named, rules.digest(heads, named), names.cids(), names.count(), snapshot::close);
            made = true;
            session.statesClock(heads, named.size() == heads.size());
            known = null;
            return diff;
        } finally {
            if (!made) {
                snapshot.close();
            }
        }
    }

    @Override
    public @Nullable DiffText next() {
        return null;
    }

    @Override
    public void stated() {
        rules.asked();
    }

    @Override
    public boolean isDue() {
        return due;
    }

    @Override
    public boolean hasNext() {
        return due;
    }

    @Override
    public boolean waitsForTheirs() {
        return waits;
    }

    @Override
    public void waitNoLonger() {
        waitsNoLonger = true;
    }

    @Override
    public WireMessage.Diff received(WireMessage.Reconcile message) {
        throw new SyncException(ErrorKind.MALFORMED, "a reconciliation, where each end sends a diff");
    }

    @Override
    public void asked(WireMessage.Diff diff) {
        asked = diff;
        known = due ? diff.cids() : null;
    }

    @Override
    public void peerLeaves() {
        due = false;
    }

    @Override
    public boolean isAsked() {
        return asked != null;
    }

    @Override
    public boolean isAnswerable() {
        return asked != null && !rules.isTheirsFirst(asked);
    }

    @Override
    public boolean waitsForPeer() {
        return false;
    }

    @Override
    public AnswerStart answer() {
        WireMessage.Diff diff = Objects.requireNonNull(asked);
        Snapshot snapshot = session.replica().snapshot();
        return AnswerStart.of(snapshot, () -> rules.answer(snapshot, diff));
    }

    @Override
    public void answered() {
        asked = null;
    }

    @Override
    public void held(List<Cid> clock) {}

    @Override
    public boolean begins() {
        return true;
    }

    @Override
    public boolean again() {
        due = true;
        waitsNoLonger = true;
        return true;
    }

    @Override
    public boolean mends() {
        return false;
    }

    @Override
    public void wanted() {}

    @Override
    public void close() {
        asked = null;
        known = null;
    }
}
