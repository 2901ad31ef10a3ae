package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.core.message.CidSet;

/** The last few thousand of many CIDs: enough not to send back what came from two peers at once, and of fixed size. */
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

    boolean contains(Cid cid) {
        return young.contains(cid) || old.contains(cid);
    }
}
