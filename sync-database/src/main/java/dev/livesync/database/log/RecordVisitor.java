package dev.livesync.database.log;

import java.io.IOException;

/** Takes the records of a log in order. */
@FunctionalInterface
public interface RecordVisitor {
    /**
     * One intact record of transactions.
     *
     * @param payload at its start; {@link PayloadReader#remaining} is its length
     * @throws IOException as the payload throws it
     */
    void record(PayloadReader payload) throws IOException;
}
