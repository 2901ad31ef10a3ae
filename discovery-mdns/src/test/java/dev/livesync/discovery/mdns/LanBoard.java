package dev.livesync.discovery.mdns;

import dev.livesync.api.discovery.Discovery;
import java.io.IOException;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Networks in memory, on which discoveries and whoever else a test makes up meet. Any thread. */
public final class LanBoard {
    private final List<Post> posts = new CopyOnWriteArrayList<>();
    private final List<PostLink> links = new CopyOnWriteArrayList<>();

    /** A service on a network. */
    static final class Post {
        private final String network;
        private final String label;
        private final byte[] text;

        Post(String network, String label, byte[] text) {
            this.network = network;
            this.label = label;
            this.text = text.clone();
        }

        String network() {
            return network;
        }

        String label() {
            return label;
        }

        byte[] text() {
            return text.clone();
        }
    }

    /** A discovery of a machine of this board with the given addresses, each of them on a network, which looks by a thread of its own. */
    public Discovery discovery(String group, String network, String... addresses) {
        Machine machine = machine();
        for (String address : addresses) {
            machine.gain(network, address);
        }
        return new MdnsDiscovery(group, machine, new LanThread("board"), InstantSource.system(), new Random());
    }

    Machine machine() {
        return new Machine();
    }

    /** Anybody says anything. */
    void say(String network, String label, byte[] text) {
        take(network, label);
        posts.add(new Post(network, label, text));
        links.stream().filter(link -> link.hears(network)).forEach(link -> link.listener.heard(label, text.clone()));
    }

    /** A service is said to have gone, whoever says so. */
    void take(String network, String label) {
        if (posts.removeIf(
                post -> post.network().equals(network) && post.label().equals(label))) {
            links.stream().filter(link -> link.hears(network)).forEach(link -> link.listener.gone(label));
        }
    }

    List<Post> posts(String network) {
        return posts.stream().filter(post -> post.network().equals(network)).toList();
    }

    private boolean isTaken(String network, String label) {
        return posts(network).stream().anyMatch(post -> post.label().equals(label));
    }

    /** One machine: its addresses, and its links. */
    final class Machine implements Lan {
        private final List<LanAddress> addresses = new CopyOnWriteArrayList<>();
        final List<PostLink> open = new CopyOnWriteArrayList<>();
        final Set<String> deaf = java.util.concurrent.ConcurrentHashMap.newKeySet();
        volatile boolean mute;
        final AtomicInteger opened = new AtomicInteger();

        void gain(String network, String address) {
            addresses.add(new LanAddress(network, literal(address)));
        }

        void lose(String address) {
            addresses.removeIf(at -> at.address().equals(literal(address)));
        }

        @Override
        public List<LanAddress> addresses() throws IOException {
            if (mute) {
                throw new IOException("no interfaces");
            }
            return new ArrayList<>(addresses);
        }

        @Override
        public LanLink open(LanAddress at, String label, int port, byte[] text, LanListener listener)
                throws IOException {
            if (deaf.contains(at.address().getHostAddress())) {
                throw new IOException("no multicast here");
            }
            opened.incrementAndGet();
            String free = label;
            for (int i = 2; isTaken(at.network(), free); i++) {
                free = label + " (" + i + ")";
            }
            PostLink link = new PostLink(this, at, free, port, listener);
            open.add(link);
            links.add(link);
            posts(at.network()).forEach(post -> listener.heard(post.label(), post.text()));
            say(at.network(), free, text);
            return link;
        }
    }

    /** A link, as seen by tests. */
    final class PostLink implements LanLink {
        private final Machine machine;
        final LanAddress at;
        final String label;
        final int port;
        final LanListener listener;
        volatile boolean sound = true;
        final AtomicInteger asked = new AtomicInteger();

        private PostLink(Machine machine, LanAddress at, String label, int port, LanListener listener) {
            this.machine = machine;
            this.at = at;
            this.label = label;
            this.port = port;
            this.listener = listener;
        }

        boolean hears(String network) {
            return at.network().equals(network);
        }

        @Override
        public boolean isSound() {
            return sound;
        }

        @Override
        public void ask() {
            asked.incrementAndGet();
        }

        @Override
        public CompletionStage<Void> leave() {
            machine.open.remove(this);
            links.remove(this);
            take(at.network(), label);
            return CompletableFuture.completedFuture(null);
        }
    }

    static InetAddress literal(String address) {
        try {
            return InetAddress.getByName(address);
        } catch (IOException e) {
            throw new IllegalArgumentException(address, e);
        }
    }
}
