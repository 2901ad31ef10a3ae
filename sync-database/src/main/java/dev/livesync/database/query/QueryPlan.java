package dev.livesync.database.query;

import java.util.Optional;

/**
 * How a database would find what a {@link Query} looks for.
 *
 * <p>Any thread; it does not change. LiveSync implements this, and a later version may tell more: programs only read it. {@code toString} is for people.
 */
public interface QueryPlan {
    /**
     * What it goes by.
     *
     * @return the index; empty if it looks at the documents of a range of ids, or at all
     */
    Optional<FieldIndex> index();

    /**
     * How many documents it may have to look at.
     *
     * @return at most so many of those that are there now, and fewer where a limit is reached before
     */
    long candidates();

    /**
     * Whether it has to find all before it can hand out the first.
     *
     * @return true if the order isn't that of what it goes by
     */
    boolean sorts();
}
