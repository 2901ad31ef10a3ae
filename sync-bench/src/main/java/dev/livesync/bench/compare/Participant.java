package dev.livesync.bench.compare;

import dev.livesync.bench.process.ProcessPair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A system that takes part in a comparison.
 *
 * @param title for people, and in the file of the figures
 * @param store where its databases are: {@code memory} or {@code directory}
 * @param ours whether it is LiveSync, which fills itself and tells when a session is open
 * @param mostDocuments how many are reasonable
 * @param starter starts its two processes
 */
public record Participant(String title, String store, boolean ours, int mostDocuments, Starter starter) {
    /** LiveSync with databases in memory. */
    public static final String MEMORY = "LiveSync, memory";

    /** LiveSync with databases in directories. */
    public static final String DIRECTORY = "LiveSync, directory";

    /** The system that the aims name, as people run it: with y-websocket. */
    public static final String Y_WEBSOCKET = "y-websocket";

    /** The same without anything that it could do without. */
    public static final String YJS = "yjs";

    /** Starts both processes of a system. */
    @FunctionalInterface
    public interface Starter {
        /**
         * Starts them.
         *
         * @param jvmOptions what to tell the JVMs, where there are any
         * @return both
         * @throws IOException if one cannot be started
         */
        ProcessPair start(List<String> jvmOptions) throws IOException;
    }

    /**
     * LiveSync.
     *
     * @param store {@code memory} or {@code directory}
     * @param starter starts it
     * @return it
     */
    public static Participant liveSync(String store, Starter starter) {
        return new Participant("LiveSync, " + store, store, true, Integer.MAX_VALUE, starter);
    }

    /**
     * Another system.
     *
     * @param other which
     * @param interop the checkout's folder of that name
     * @param mostDocuments how many are reasonable
     * @return it
     */
    public static Participant of(Other other, Path interop, int mostDocuments) {
        return new Participant(other.title(), "memory", false, mostDocuments, options -> other.start(interop));
    }

    ProcessPair start(List<String> jvmOptions) throws IOException {
        return starter.start(jvmOptions);
    }

    /** So many, or fewer where that many are not reasonable. */
    int reasonable(int documents) {
        return Math.min(documents, mostDocuments);
    }
}
