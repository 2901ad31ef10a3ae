package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.ChangesSince;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Finds out what others write to a database, by looking: where the files are others than last time, it opens the database to read it, and asks for the changes
 * since. Costs them nothing, takes no lock, and goes on through their compactions and restarts.
 */
final class DirectoryFollower implements ChangeFollower {
    private record FileState(long size, FileTime modified) {}

    private final Path directory;
    private List<Cid> clock;
    private Map<String, FileState> files = Map.of();
    /** Whether the files have just changed. Times have a grain, so that one more write may hide behind the last. */
    private boolean restless = true;

    /**
     * Begins to follow.
     *
     * @param directory a database
     * @param everything whether the documents that are there already are changes, too
     */
    DirectoryFollower(Path directory, boolean everything) {
        this.directory = directory;
        try (Database database = Databases.read(directory)) {
            clock = everything ? List.of() : database.clock();
        }
    }

    /**
     * Looks once. Two looks are further apart than the grain of file times.
     *
     * @param action is called with the changes if there are any; the database is open meanwhile
     */
    @Override
    public void look(Consumer<ChangesSince> action) {
        Map<String, FileState> now = files();
        boolean changed = !now.equals(files);
        files = now;
        if (changed || restless) {
            restless = changed;
            try (Database database = Databases.read(directory)) {
                ChangesSince changes = database.changesSince(clock);
                if (!changes.changes().isEmpty()) {
                    action.accept(changes);
                }
                clock = changes.clock();
            }
        }
    }

    private Map<String, FileState> files() {
        Map<String, FileState> states = new TreeMap<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path file : all) {
                try {
                    BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                    states.put(
                            file.getFileName().toString(),
                            new FileState(attributes.size(), attributes.lastModifiedTime()));
                } catch (NoSuchFileException e) {
                    restless = true; // it went away this very moment
                }
            }
        } catch (IOException e) {
            throw new SyncException(ErrorKind.STORAGE, "cannot look at " + directory, e);
        }
        return states;
    }
}
