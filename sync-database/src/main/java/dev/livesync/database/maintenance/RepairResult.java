package dev.livesync.database;

import java.util.List;

/**
 * What {@link Database#repair} did.
 *
 * @param segments how many files were damaged, and have been written anew
 * @param salvaged intact blocks that were found in damaged records
 * @param problems one line for each damage that was there before, naming the CID or the file and the offset
 * @param after what a check says now
 */
public record RepairResult(long segments, long salvaged, List<String> problems, Verification after) {
    /** Copies the list. */
    public RepairResult {
        problems = List.copyOf(problems);
    }
}
