package dev.livesync.cli.hub;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.cli.hub.HubConfiguration.DrainSettings;
import dev.livesync.cli.hub.HubConfiguration.Entry;
import dev.livesync.cli.hub.HubConfiguration.Group;
import dev.livesync.cli.web.BlockServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Runs a hub as its file says. Any thread. */
public final class HubRunner implements HubState, AutoCloseable {
    /** With less room than this, a write may fail at any moment. */
    private static final long LITTLE_ROOM = 8L << 20;

    private final HubHost host;
    private final Path file;
    private final HubStores stores;
    private final Object lock = new Object();
    // Written under the lock, read by those who ask for the state.
    private volatile Map<Path, HubSessions> served = Map.of();
    private volatile List<String> problems = List.of();
    private volatile boolean serving;
    private volatile DrainSettings drain = DrainSettings.NONE;
    // Guarded by the lock.
    private final List<Thread> closing = new ArrayList<>();
    private @Nullable HubGroup group;
    private @Nullable HealthServer health;
    private @Nullable InetSocketAddress healthAt;
    private @Nullable BlockServer blocks;
    private @Nullable InetSocketAddress blocksAt;
    private boolean closed;

    private HubRunner(HubHost host, Path file) {
        this.host = host;
        this.file = file;
        this.stores = new HubStores(host::note);
    }

    /**
     * Checks a configuration, without starting anything.
     *
     * @param file where it is
     * @return how many databases it has
     * @throws SyncException {@link ErrorKind#CONFIGURATION} naming file, line and field
     */
    public static int check(Path file) {
        return HubReader.read(file).all().size();
    }

    /**
     * Starts a hub. All that its file says works then.
     *
     * @param host what runs it
     * @param file its configuration
     * @return the hub
     * @throws SyncException what does not work; nothing is left running
     */
    public static HubRunner start(HubHost host, Path file) {
        HubRunner hub = new HubRunner(host, file);
        boolean started = false;
        try {
            List<SyncException> failures = hub.apply(HubReader.read(file));
            if (!failures.isEmpty()) {
                throw failures.get(0);
            }
            started = true;
            return hub;
        } finally {
            if (!started) {
                hub.close();
            }
        }
    }

    /**
     * Reads the file again, and changes what it says differently. A file that can't be used changes nothing; what it says and can't be done is told, and the
     * rest is done.
     *
     * @return what came of it, in a line
     * @throws SyncException what could not be done
     */
    public String reload() {
        List<SyncException> failures = apply(HubReader.read(file));
        if (!failures.isEmpty()) {
            String more = failures.size() == 1 ? "" : " (and " + (failures.size() - 1) + " more)";
            throw new SyncException(
                    failures.get(0).kind(), "done in part: " + failures.get(0).getMessage() + more, failures.get(0));
        }
        return "serving " + served.size() + (served.size() == 1 ? " database" : " databases") + " as " + file + " says";
    }

    private List<SyncException> apply(HubConfiguration configuration) {
        synchronized (lock) {
            if (closed) {
                throw new SyncException(ErrorKind.CLOSED, "the hub is about to end");
            }
            List<SyncException> failures = new ArrayList<>();
            if (!serving) { // whoever looks whether this process lives, looks while a long history is read, too
                applyHealth(configuration.health(), failures);
            }
            Map<Path, HubSessions> next = new LinkedHashMap<>(served);
            Set<Path> wanted =
                    configuration.all().stream().map(Entry::directory).collect(Collectors.toSet());
            List<HubSessions> gone = new ArrayList<>();
            next.entrySet().removeIf(one -> {
                boolean remove = !wanted.contains(one.getKey());
                if (remove) {
                    gone.add(one.getValue());
                }
                return remove;
            });
            applyGroup(configuration.group(), gone, next, failures);
            for (Entry entry : configuration.databases()) {
                try {
                    failures.addAll(opened(entry, next).apply(entry));
                } catch (SyncException e) {
                    failures.add(new SyncException(e.kind(), entry.where() + ": " + e.getMessage(), e));
                }
            }
            served = Map.copyOf(next);
            // The command that has asked for this may run on one of them.
            gone.forEach(this::closeBeside);
            if (serving) {
                applyHealth(configuration.health(), failures);
            }
            applyBlocks(configuration.blocks(), failures);
            drain = configuration.drain();
            problems =
                    failures.stream().map(e -> String.valueOf(e.getMessage())).toList();
            serving = true;
            return failures;
        }
    }

    private HubSessions opened(Entry entry, Map<Path, HubSessions> all) {
        HubSessions sessions = all.computeIfAbsent(
                entry.directory(),
                directory -> new HubSessions(
                        host,
                        entry.store().isPresent()
                                ? stores.open(entry.store().get(), directory, host, this::reload)
                                : host.open(directory, this::reload),
                        directory,
                        entry.store()));
        if (!sessions.store().equals(entry.store())) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "where the documents of a directory are changes with a new start only");
        }
        return sessions;
    }

    /** Its transports are prepared first: where they can't be, nothing changes. */
    private void applyGroup(
            Optional<Group> wanted, List<HubSessions> gone, Map<Path, HubSessions> all, List<SyncException> failures) {
        Map<String, HubSessions> members = new TreeMap<>();
        wanted.map(Group::members)
                .orElse(Map.of())
                .forEach((name, entry) ->
                        HubSessions.attempt(failures, entry.where(), () -> members.put(name, opened(entry, all))));
        HubGroup before = group;
        if (wanted.isEmpty()) {
            HubGroup.giveUpNames(gone, members);
            HubGroup.giveUpNames(all.values(), members);
            group = null;
        } else {
            Group to = wanted.get();
            HubSessions.attempt(failures, to.where(), () -> group = changed(to, members, gone, all, failures));
        }
        if (before != null && before != group) {
            before.close();
        }
        if (group != null && wanted.isPresent()) {
            failures.addAll(group.listen(wanted.get(), members));
        }
    }

    private @Nullable HubGroup changed(
            Group wanted,
            Map<String, HubSessions> members,
            List<HubSessions> gone,
            Map<Path, HubSessions> all,
            List<SyncException> failures)
            throws IOException {
        HubGroup before = group;
        HubGroup next =
                before != null && before.fits(wanted.transports()) ? before : HubGroup.open(host, wanted.transports());
        HubGroup.giveUpNames(gone, members);
        HubGroup.giveUpNames(all.values(), members);
        members.forEach((name, sessions) -> failures.addAll(
                sessions.prepare(Objects.requireNonNull(wanted.members().get(name)), name, next.syncs())));
        if (next != before && members.values().stream().noneMatch(sessions -> sessions.group() == next.syncs())) {
            next.close();
            return before;
        }
        members.values().removeIf(sessions -> {
            boolean left = sessions.group() != next.syncs();
            if (left) {
                sessions.hangUp();
            }
            return left;
        });
        return next;
    }

    private void applyHealth(Optional<InetSocketAddress> address, List<SyncException> failures) {
        if (health != null && address.equals(Optional.ofNullable(healthAt))) {
            return;
        }
        if (health != null) {
            health.close();
            health = null;
        }
        healthAt = address.orElse(null);
        if (address.isPresent()) {
            try {
                health = HealthServer.start(address.get(), this);
                host.note("health at " + health.address());
            } catch (IOException e) {
                failures.add(new SyncException(
                        ErrorKind.IN_USE,
                        file + ", health: cannot listen at " + address.get() + ": " + Reason.of(e),
                        e));
            }
        }
    }

    private void applyBlocks(Optional<InetSocketAddress> address, List<SyncException> failures) {
        if (blocks != null && address.equals(Optional.ofNullable(blocksAt))) {
            return;
        }
        if (blocks != null) {
            blocks.close();
            blocks = null;
        }
        blocksAt = address.orElse(null);
        if (address.isPresent()) {
            try {
                blocks = BlockServer.start(address.get(), () -> served.values());
                host.note("blocks at " + blocks.address());
            } catch (IOException e) {
                failures.add(new SyncException(
                        ErrorKind.IN_USE,
                        file + ", blocks: cannot listen at " + address.get() + ": " + Reason.of(e),
                        e));
            }
        }
    }

    private Thread closeBeside(HubSessions sessions) {
        Thread thread = new Thread(sessions::close, "livesync-hub-closing");
        thread.start();
        closing.add(thread);
        return thread;
    }

    @Override
    public List<ServedEntry> served() {
        return served.entrySet().stream()
                .map(one -> new ServedEntry(
                        one.getKey(),
                        one.getValue().name(),
                        one.getValue().addresses(),
                        one.getValue().sessions()))
                .sorted((a, b) -> a.directory().compareTo(b.directory()))
                .toList();
    }

    @Override
    public List<String> problems() {
        List<String> all = new ArrayList<>(problems);
        if (!serving) {
            all.add("not serving: it begins or ends");
            all.addAll(stores.opening());
        }
        for (HubSessions sessions : served.values()) {
            sessions.problem().ifPresent(all::add);
        }
        for (Path directory : served.keySet()) {
            // Not of its FileStore, for which the JDK looks for a mount: in a chroot there may be none to be found.
            long room = directory.toFile().getUsableSpace();
            if (room == 0 && !Files.isDirectory(directory)) {
                all.add("the disk of " + directory.getFileName() + " can't be looked at");
            } else if (room < LITTLE_ROOM) {
                all.add("the disk of " + directory.getFileName() + " is full");
            }
        }
        return all;
    }

    /**
     * How long {@link #close} may have sessions leave, before it closes them.
     *
     * @return as the file says that was read last
     */
    public Duration drainTime() {
        return drain.notice().plus(drain.leave());
    }

    /** Is not ready for a while, then nobody new comes in and sessions are asked to leave, as far as the file says so. */
    private void leave(DrainSettings how) {
        if (!how.notice().isZero()) {
            host.note("not ready any more; sessions go on for " + how.notice().toSeconds() + " s");
            new CompletableFuture<Void>()
                    .completeOnTimeout(null, how.notice().toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
        if (!how.leave().isZero()) {
            host.note("sessions are asked to leave within " + how.leave().toSeconds() + " s");
            CompletableFuture.allOf(served.values().stream()
                            .map(sessions -> sessions.drain(how.leave()))
                            .toArray(CompletableFuture<?>[]::new))
                    .join();
        }
    }

    /** Has sessions leave as the file says, tells those that are left that it ends, within bounded time, and closes the databases. Idempotent. */
    @Override
    public void close() {
        boolean began;
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            began = serving;
            serving = false;
        }
        if (began) {
            leave(drain);
        }
        end();
    }

    private void end() {
        synchronized (lock) {
            if (blocks != null) {
                blocks.close();
            }
            Collection<HubSessions> all = served.values();
            all.forEach(this::closeBeside);
            for (Thread thread : closing) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            if (group != null) {
                group.close();
            }
            stores.close();
            if (health != null) {
                health.close();
            }
        }
    }
}
