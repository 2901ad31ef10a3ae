package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Reason;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The clocks that peers had, of those met last, in a file of its own. Whatever is wrong with the file, it counts as none: what is in it are
 * hints.
 */
final class RememberedPeers implements PeerFrontiers {
    private static final System.Logger LOG = System.getLogger(RememberedPeers.class.getName());

    private static final String FILE = "peers.idx";
    private static final long MAGIC = 0x4c69766550656572L;
    private static final int VERSION = 1;

    /** How many peers are remembered. */
    static final int MOST = 256;

    private final SegmentLog log;
    private final Map<Long, List<Cid>> frontiers = new LinkedHashMap<>(16, 0.75f, true);
    private boolean changed;

    private RememberedPeers(SegmentLog log) {
        this.log = log;
    }

    /** Reads the file. */
    static RememberedPeers load(SegmentLog log) {
        RememberedPeers peers = new RememberedPeers(log);
        try {
            log.side(FILE).load(peers::read);
        } catch (IOException | RuntimeException e) {
            peers.frontiers.clear();
            LOG.log(
                    Level.WARNING,
                    "what was remembered of peers cannot be read, so the next sync with each takes a few more bytes: {0}",
                    Reason.of(e));
        }
        return peers;
    }

    private void read(ImageReader in) {
        if (in.getLong() != MAGIC || in.getInt() != VERSION) {
            throw new ImageReader.DamagedException("it is of another format");
        }
        boolean mine = in.getLong() == log.database().getMostSignificantBits()
                && in.getLong() == log.database().getLeastSignificantBits();
        Map<Long, List<Cid>> read = new LinkedHashMap<>();
        for (int peers = in.getCount(Long.BYTES + Integer.BYTES); peers > 0; peers--) {
            long instance = in.getLong();
            List<Cid> heads = new ArrayList<>();
            int count = in.getCount(Cid.BYTES);
            if (count > MOST_HEADS) {
                throw new ImageReader.DamagedException("a clock of " + count + " heads");
            }
            for (; count > 0; count--) {
                byte[] head = new byte[Cid.BYTES];
                in.getBytes(head, head.length);
                heads.add(Cid.fromBytes(head, 0));
            }
            read.put(instance, List.copyOf(heads));
        }
        in.finish();
        if (mine) {
            frontiers.putAll(read);
        }
    }

    /** Writes the file, if there is anything new. One thread at a time. */
    void save() throws IOException {
        Map<Long, List<Cid>> now;
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            now = new LinkedHashMap<>(frontiers);
        }
        log.side(FILE).save(out -> write(out, now));
    }

    private void write(ImageWriter out, Map<Long, List<Cid>> now) {
        out.putLong(MAGIC);
        out.putInt(VERSION);
        out.putLong(log.database().getMostSignificantBits());
        out.putLong(log.database().getLeastSignificantBits());
        out.putInt(now.size());
        now.forEach((instance, heads) -> {
            out.putLong(instance);
            out.putInt(heads.size());
            heads.forEach(head -> out.putBytes(head.toByteArray(), Cid.BYTES));
        });
    }

    @Override
    public long instance() {
        return log.database().getMostSignificantBits();
    }

    @Override
    public synchronized List<Cid> frontier(long instance) {
        return frontiers.getOrDefault(instance, List.of());
    }

    @Override
    public synchronized void remember(long instance, List<Cid> heads) {
        if (heads.size() > MOST_HEADS) {
            throw new IllegalArgumentException(heads.size() + " heads; at most " + MOST_HEADS + " are remembered");
        }
        changed |= !heads.equals(frontiers.put(instance, List.copyOf(heads)));
        if (frontiers.size() > MOST) {
            frontiers.remove(frontiers.keySet().iterator().next());
        }
    }
}
