package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Reason;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.RememberedClock;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The clocks that peers had, of those met last, in a file of its own. Whatever is wrong with the file, it counts as none: what is in it are
 * hints. Version 1 of the file, which knew neither names nor times, is read, too.
 */
final class RememberedPeers implements PeerFrontiers {
    private static final System.Logger LOG = System.getLogger(RememberedPeers.class.getName());

    private static final String FILE = "peers.idx";
    private static final long MAGIC = 0x4c69766550656572L;
    private static final int VERSION = 2;

    /** How many peers are remembered. */
    static final int MOST = 256;

    /** A longer name is cut. */
    private static final int MOST_NAME = 200;

    private final SegmentLog log;
    private final InstantSource time;
    private final Map<Long, RememberedClock> frontiers = new LinkedHashMap<>(16, 0.75f, true);
    private boolean changed;

    private RememberedPeers(SegmentLog log, InstantSource time) {
        this.log = log;
        this.time = time;
    }

    /** Reads the file. */
    static RememberedPeers load(SegmentLog log, InstantSource time) {
        RememberedPeers peers = new RememberedPeers(log, time);
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
        boolean known = in.getLong() == MAGIC;
        int version = in.getInt();
        if (!known || version < 1 || version > VERSION) {
            throw new ImageReader.DamagedException("it is of another format");
        }
        boolean mine = in.getLong() == log.database().getMostSignificantBits()
                && in.getLong() == log.database().getLeastSignificantBits();
        Map<Long, RememberedClock> read = new LinkedHashMap<>();
        for (int peers = in.getCount(Long.BYTES + Integer.BYTES); peers > 0; peers--) {
            long instance = in.getLong();
            String name = version == 1 ? "" : in.getString();
            long since = version == 1 ? 0 : in.getLong();
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
            read.put(instance, new RememberedClock(instance, name, since, heads));
        }
        in.finish();
        if (mine) {
            frontiers.putAll(read);
        }
    }

    /** Writes the file, if there is anything new. One thread at a time. */
    void save() throws IOException {
        List<RememberedClock> now;
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            now = List.copyOf(frontiers.values());
        }
        log.side(FILE).save(out -> write(out, now));
    }

    private void write(ImageWriter out, List<RememberedClock> now) {
        out.putLong(MAGIC);
        out.putInt(VERSION);
        out.putLong(log.database().getMostSignificantBits());
        out.putLong(log.database().getLeastSignificantBits());
        out.putInt(now.size());
        now.forEach(peer -> {
            out.putLong(peer.instance());
            out.putString(peer.name());
            out.putLong(peer.sinceMillis());
            out.putInt(peer.heads().size());
            peer.heads().forEach(head -> out.putBytes(head.toByteArray(), Cid.BYTES));
        });
    }

    @Override
    public long instance() {
        return log.database().getMostSignificantBits();
    }

    @Override
    public synchronized List<Cid> frontier(long instance) {
        RememberedClock peer = frontiers.get(instance);
        return peer == null ? List.of() : peer.heads();
    }

    @Override
    public synchronized List<RememberedClock> all() {
        List<RememberedClock> all = new ArrayList<>(frontiers.values());
        Collections.reverse(all);
        return all;
    }

    @Override
    public void remember(long instance, List<Cid> heads) {
        remember(instance, "", heads);
    }

    @Override
    public synchronized void remember(long instance, String name, List<Cid> heads) {
        if (heads.size() > MOST_HEADS) {
            throw new IllegalArgumentException(heads.size() + " heads; at most " + MOST_HEADS + " are remembered");
        }
        String shown = name.length() > MOST_NAME ? name.substring(0, MOST_NAME) : name;
        RememberedClock before = frontiers.get(instance); // which makes it the one met last
        if (before != null && before.heads().equals(heads) && before.name().equals(shown)) {
            return;
        }
        changed = true;
        frontiers.put(instance, new RememberedClock(instance, shown, time.millis(), heads));
        if (frontiers.size() > MOST) {
            frontiers.remove(frontiers.keySet().iterator().next());
        }
    }
}
