package dev.livesync.cli.control;

import java.io.InputStream;
import java.io.OutputStream;

/** What a command has around it: its standard streams and its files. The holder's side of a connection has the client's. One thread, but for the outputs. */
public interface Surroundings {
    /**
     * Standard input.
     *
     * @return read as it is asked for, and no further
     */
    InputStream in();

    /**
     * Standard output.
     *
     * @return any thread may write
     */
    OutputStream out();

    /**
     * Standard error.
     *
     * @return any thread may write
     */
    OutputStream err();

    /**
     * Whether an output is a terminal.
     *
     * @param descriptor 1 for standard output, 2 for standard error
     * @return true if it is
     */
    boolean isTerminal(int descriptor);

    /**
     * Whether nobody is there any more to see what comes of the command.
     *
     * @return true from when that is known
     */
    default boolean isGone() {
        return false;
    }

    /**
     * The files that the command line names.
     *
     * @return those, and no others
     */
    FileAccess files();
}
