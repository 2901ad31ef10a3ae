package dev.livesync.discovery.mdns;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Finds peers on the networks of this machine by multicast DNS, as services of the type {@code _livesync._tcp.local.}
 *
 * <p>It announces the addresses of its advertisement at each of this machine's addresses from which they are reached. A listener at a wildcard is
 * announced with those; one at a single address on the network of that address alone, and only one at a loopback address on this machine
 * alone. An address that depends on a zone, such as {@code fe80::1%eth0}, is not announced. It looks every few seconds whether the
 * machine has others.
 *
 * <p>On the network everybody sees that LiveSync is there, its addresses, and a name that is new each time. A tag that is made with the
 * {@linkplain Advertisement#groupKey group's key} tells members that it is one of them: strangers can neither tell of which group it is nor be taken for
 * members. What they record is good for repeating those addresses, for a day.
 *
 * <p>The clocks of a group's machines have to agree within a day. JmDNS logs through SLF4J.
 *
 * <p>Any thread. {@link #close} waits for what takes the announcement back, which takes about two seconds, and no longer than six. There are a thread of its own and four for each address as long as it is open.
 */
public final class MdnsDiscovery implements Discovery {
    /** The most characters of a group's name. */
    public static final int MAX_GROUP_CHARS = 64;

    /** How often this machine's addresses are looked at. */
    static final Duration LOOK = Duration.ofSeconds(5);

    /** How many looks pass until a link that didn't work is tried again. */
    static final int RETRY = 6;

    /** How many looks pass until the networks are asked again who is there. */
    static final int ASK = 12;

    /** How old an announcement gets before it is written again. */
    static final Duration RENEWAL = Duration.ofHours(12);

    /** By how much the time of an announcement may differ from this machine's. */
    static final Duration VALIDITY = Duration.ofDays(1);

    /** At how many addresses there are links at a time. */
    static final int MOST_LINKS = 8;

    private static final System.Logger LOG = System.getLogger(MdnsDiscovery.class.getName());
    private static final Duration LEAVING = Duration.ofSeconds(6);
    private static final int NAME_BYTES = 16;

    private final String group;
    private final Lan lan;
    private final LanWorker worker;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final String name;

    // By the worker
    private final Map<LanAddress, Announced> links = new LinkedHashMap<>();
    private final Map<LanAddress, Long> retries = new HashMap<>();
    private final List<CompletionStage<Void>> leaving = new ArrayList<>();
    private long looks;

    // Guarded by this
    private @Nullable LanPeers peers;
    private @Nullable CompletableFuture<String> started;
    private boolean closed;
    private boolean warned;

    /** What was announced, since when, and the link. */
    private record Announced(LanLink link, Source source, Instant written) {}

    /**
     * Makes a discovery that isn't started.
     *
     * @param group which of the groups that have one secret; not announced, 1 to {@value #MAX_GROUP_CHARS} characters
     * @throws IllegalArgumentException if it has none or more
     */
    public MdnsDiscovery(String group) {
        this(group, new JmdnsLan(), new LanThread("livesync-mdns"), InstantSource.system(), new SecureRandom());
    }

    MdnsDiscovery(String group, Lan lan, LanWorker worker, InstantSource clock, RandomGenerator random) {
        if (group.isEmpty() || group.length() > MAX_GROUP_CHARS) {
            throw new IllegalArgumentException(
                    "a group's name has " + group.length() + " characters; it takes 1 to " + MAX_GROUP_CHARS);
        }
        this.group = group;
        this.lan = lan;
        this.worker = worker;
        this.clock = clock;
        this.random = random;
        byte[] bytes = new byte[NAME_BYTES];
        random.nextBytes(bytes);
        this.name = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Override
    public CompletionStage<String> start(Advertisement self, DiscoveryListener listener) {
        Objects.requireNonNull(listener, "listener");
        CompletableFuture<String> result = new CompletableFuture<>();
        try {
            List<BoundAddress> addresses =
                    self.addresses().stream().map(BoundAddress::parse).toList();
            GroupTag tag = new GroupTag(self.groupKey(), group);
            synchronized (this) {
                if (closed) {
                    throw closedFailure();
                }
                if (started != null) {
                    throw new SyncException(ErrorKind.CONFIGURATION, "a discovery is started once");
                }
                started = result;
                peers = new LanPeers(listener);
            }
            worker.repeat(LOOK, () -> look(addresses, tag, result));
        } catch (SyncException e) {
            result.completeExceptionally(e);
        }
        return result;
    }

    private static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the discovery is closed");
    }

    // Steps of the worker

    private void look(List<BoundAddress> addresses, GroupTag tag, CompletableFuture<String> result) {
        if (isClosed() || result.isCompletedExceptionally()) {
            return;
        }
        SyncException failure = null;
        try {
            failure = follow(addresses, tag);
        } catch (IOException e) {
            failure = unreachable("this machine's addresses are not to be had: " + Reason.of(e), e);
        } catch (RuntimeException | Error e) {
            failure = new SyncException(ErrorKind.INTERNAL, "looking for peers on the network failed: " + e, e);
            LOG.log(Level.WARNING, "looking for peers on the network failed", e);
        }
        forgetTheOld();
        looks++;
        leaving.removeIf(left -> left.toCompletableFuture().isDone());
        if (!links.isEmpty()) {
            result.complete(name);
        } else if (failure != null) {
            result.completeExceptionally(failure);
        }
    }

    private synchronized void forgetTheOld() {
        if (peers != null) {
            peers.expire(clock.instant().minus(VALIDITY));
        }
    }

    /** Has links where they are possible now, and no others. Returns why there is none. */
    private @Nullable SyncException follow(List<BoundAddress> addresses, GroupTag tag) throws IOException {
        Map<LanAddress, List<String>> wanted = wanted(addresses);
        for (Iterator<Map.Entry<LanAddress, Announced>> i = links.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<LanAddress, Announced> link = i.next();
            boolean sound = link.getValue().link().isSound();
            if (!sound || !wanted.containsKey(link.getKey())) {
                i.remove();
                if (!sound) {
                    retries.put(link.getKey(), looks + RETRY);
                }
                leave(link.getValue());
            } else if (looks % ASK == ASK - 1) {
                link.getValue().link().ask();
            }
        }
        retries.keySet().retainAll(wanted.keySet());
        SyncException failure =
                unreachable("there is no network on which " + addresses.get(0) + " could be reached", null);
        for (Map.Entry<LanAddress, List<String>> at : wanted.entrySet()) {
            Announced before = links.get(at.getKey());
            if (retries.getOrDefault(at.getKey(), 0L) > looks || before != null && !isOld(before)) {
                continue;
            }
            try {
                links.put(
                        at.getKey(),
                        announce(at.getKey(), at.getValue(), addresses.get(0).port(), tag));
                retries.remove(at.getKey());
                if (before != null) {
                    leave(before);
                }
            } catch (IOException e) {
                retries.put(at.getKey(), looks + RETRY);
                String where = at.getKey().address().getHostAddress();
                failure = unreachable("multicast DNS doesn't work at " + where + ": " + Reason.of(e), e);
            } catch (SyncException e) {
                retries.put(at.getKey(), looks + RETRY);
                failure = e;
            }
        }
        return failure;
    }

    private static SyncException unreachable(String message, @Nullable Throwable cause) {
        return new SyncException(ErrorKind.UNREACHABLE, message, cause);
    }

    private boolean isOld(Announced announced) {
        Instant now = clock.instant();
        return !now.isBefore(announced.written().plus(RENEWAL))
                || now.isBefore(announced.written().minus(RENEWAL));
    }

    /** Where to announce what: one address of each interface and family. */
    private Map<LanAddress, List<String>> wanted(List<BoundAddress> addresses) throws IOException {
        Map<LanAddress, List<String>> wanted = new LinkedHashMap<>();
        Set<String> reached = new HashSet<>();
        List<LanAddress> present = new ArrayList<>(lan.addresses());
        present.sort((a, b) -> Boolean.compare(links.containsKey(b), links.containsKey(a))); // it keeps the one it has
        for (LanAddress at : present) {
            List<String> seen = addresses.stream()
                    .flatMap(address -> address.at(at.address()).stream())
                    .toList();
            if (!seen.isEmpty() && wanted.size() < MOST_LINKS && reached.add(at.reach())) {
                wanted.put(at, seen);
            }
        }
        return wanted;
    }

    private Announced announce(LanAddress at, List<String> addresses, int port, GroupTag tag) throws IOException {
        Instant now = Instant.ofEpochSecond(clock.instant().getEpochSecond());
        byte[] text;
        try {
            text = new LanRecord(new DiscoveredPeer(name, addresses), now).encode(tag);
        } catch (IllegalArgumentException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, Reason.of(e), e);
        }
        Source source = new Source(tag);
        // A label of its own for each link: where two links of ours meet on one network, neither is in the other's way.
        String label = HexFormat.of().toHexDigits(random.nextLong());
        return new Announced(lan.open(at, label, port, text, source), source, now);
    }

    private void leave(Announced announced) {
        synchronized (this) {
            announced.source().left = true;
            if (peers != null) {
                peers.left(announced.source());
            }
        }
        leaving.add(announced.link().leave());
    }

    private void leaveAll() {
        links.values().forEach(this::leave);
        links.clear();
        CompletableFuture<?>[] all =
                leaving.stream().map(CompletionStage::toCompletableFuture).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(all).get(LEAVING.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "multicast DNS didn't end in time", e);
        }
    }

    // What links bring

    /** One link, by whatever thread. */
    private final class Source implements LanListener {
        private final GroupTag tag;

        /** Guarded by the discovery. What it brings while it is being closed would never be taken back. */
        private boolean left;

        Source(GroupTag tag) {
            this.tag = tag;
        }

        @Override
        public void heard(String label, byte[] text) {
            LanRecord.decode(text, tag).ifPresent(found -> MdnsDiscovery.this.heard(this, label, found));
        }

        @Override
        public void gone(String label) {
            synchronized (MdnsDiscovery.this) {
                if (peers != null) {
                    peers.gone(this, label);
                }
            }
        }
    }

    private synchronized void heard(Source source, String label, LanRecord found) {
        if (peers == null || source.left || found.peer().name().equals(name)) {
            return;
        }
        Duration off = Duration.between(found.written(), clock.instant());
        if (off.abs().compareTo(VALIDITY) > 0) {
            if (!warned) {
                warned = true;
                LOG.log(
                        Level.WARNING,
                        "a member of the group announces itself with a time that is {0} from this machine''s: it is "
                                + "repeated by somebody else, or one of the clocks is wrong",
                        off);
            }
            peers.gone(source, label);
            return;
        }
        peers.heard(source, label, found);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        CompletableFuture<String> waiting;
        synchronized (this) {
            closed = true;
            peers = null;
            waiting = started;
        }
        worker.end(this::leaveAll, LEAVING);
        if (waiting != null) {
            waiting.completeExceptionally(closedFailure());
        }
    }

    /** The group alone. */
    @Override
    public String toString() {
        return "MdnsDiscovery[" + group + "]";
    }
}
