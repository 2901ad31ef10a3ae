package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.core.message.CidSet;

/** Remembers the last few thousand CIDs that a peer sent, so that they aren't sent back. Of fixed size. */
final class EchoFilter {
    private static final int GENERATION = 8_192;

    private final long salt;
    private CidSet young;
    private CidSet old;

    EchoFilter(long salt) {
        this.salt = salt;
        young = new CidSet(salt);
        old = young;
    }

    void add(Cid cid) {
        if (young.size() == GENERATION) {
            old = young;
            young = new CidSet(salt);
        }
        young.add(cid);
    }

    void clear() {
        young = new CidSet(salt);
        old = young;
    }

    boolean contains(Cid cid) {
        return young.contains(cid) || old.contains(cid);
    }
}
