package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.core.message.CidSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The CIDs that a diff lists.
 *
 * @param count how many
 * @param cids gives at least as many
 */
public record DiffNames(long count, Iterator<Cid> cids) {
    /**
     * Selects the CIDs that are in a set.
     *
     * @param all gives the same ones each time
     * @param set the set
     * @param most how many at most
     * @return the names
     */
    public static DiffNames common(Supplier<Iterator<Cid>> all, CidSet set, long most) {
        return new DiffNames(Math.min(count(new Common(all.get(), set)), most), new Common(all.get(), set));
    }

    /**
     * Counts.
     *
     * @param cids used up
     * @return how many there were
     */
    public static long count(Iterator<Cid> cids) {
        long count = 0;
        while (cids.hasNext()) {
            cids.next();
            count++;
        }
        return count;
    }

    private static final class Common implements Iterator<Cid> {
        private final Iterator<Cid> all;
        private final CidSet set;
        private @Nullable Cid next;

        Common(Iterator<Cid> all, CidSet set) {
            this.all = all;
            this.set = set;
        }

        @Override
        public boolean hasNext() {
            while (next == null && all.hasNext()) {
                Cid cid = all.next();
                if (set.contains(cid)) {
                    next = cid;
                }
            }
            return next != null;
        }

        @Override
        public Cid next() {
            if (!hasNext() || next == null) {
                throw new NoSuchElementException();
            }
            Cid cid = next;
            next = null;
            return cid;
        }
    }
}
