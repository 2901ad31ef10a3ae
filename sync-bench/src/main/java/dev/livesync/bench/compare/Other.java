package dev.livesync.bench.compare;

import dev.livesync.bench.process.Child;
import dev.livesync.bench.process.ProcessPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** A system that LiveSync is measured alongside: a program for Node under {@code interop}, which plays both sides. */
public enum Other {
    /** Fireproof's alpha: every document a put of its own. */
    ALPHA("alpha", "bench.mjs"),
    /** Yjs and no more than the messages of y-websocket. */
    YJS("peers", "yjs.mjs"),
    /** Yjs with y-websocket itself, its server and its provider. */
    Y_WEBSOCKET("peers", "y-websocket.mjs"),
    /** RxDB and its replication over WebSockets, both in memory. */
    RXDB("peers", "rxdb.mjs"),
    /** PouchDB and express-pouchdb, both in memory. */
    POUCHDB("peers", "pouchdb.mjs"),
    /** Automerge and its sync protocol. */
    AUTOMERGE("peers", "automerge.mjs");

    private final String folder;
    private final String program;

    Other(String folder, String program) {
        this.folder = folder;
        this.program = program;
    }

    /**
     * By the name that people write.
     *
     * @param name in small letters
     * @return the system
     */
    public static Other of(String name) {
        return Arrays.stream(values())
                .filter(other -> other.title().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no system of the name " + name + "; there are "
                        + Arrays.stream(values()).map(Other::title).collect(Collectors.joining(", "))));
    }

    /**
     * For people.
     *
     * @return the name in small letters
     */
    public String title() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Starts both sides.
     *
     * @param interop the checkout's folder of that name
     * @return both processes
     * @throws IOException if one cannot be started
     */
    public ProcessPair start(Path interop) throws IOException {
        Path home = interop.resolve(folder);
        if (!isInstalled(interop)) {
            throw new IllegalStateException(title() + " needs its packages: run `npm ci` in " + home
                    + ", or say with --interop where the checkout's folder interop is");
        }
        Path file = home.resolve(program).toAbsolutePath();
        Child a = Child.node("A of " + title(), file);
        try {
            return new ProcessPair(a, Child.node("B of " + title(), file));
        } catch (IOException e) {
            a.close();
            throw e;
        }
    }

    /**
     * Whether its packages are there.
     *
     * @param interop the checkout's folder of that name
     * @return whether it can be started
     */
    public boolean isInstalled(Path interop) {
        return Files.isDirectory(interop.resolve(folder).resolve("node_modules"));
    }
}
