package dev.livesync.discovery.mdns;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import javax.jmdns.JmDNS;
import javax.jmdns.ServiceEvent;
import javax.jmdns.ServiceInfo;
import javax.jmdns.ServiceListener;
import javax.jmdns.impl.JmDNSImpl;

/** A link by jmDNS. What this needs of jmDNS beside its interface: how much it remembers, a question, and its end where {@code close} isn't one. */
final class JmdnsLink implements LanLink {
    private static final System.Logger LOG = System.getLogger(JmdnsLink.class.getName());
    private static final String TYPE = "_livesync._tcp.local.";

    /** JmDNS remembers what anybody sends, for as long as that says. A large office has some hundreds of names. */
    private static final int MOST_REMEMBERED = 2_000;

    /** Longer labels are not allowed in DNS, and jmDNS doesn't look. */
    private static final int MOST_LABEL_CHARS = 128;

    /** So many looks in a row it may be on its way to be announced: that takes two seconds, or never comes to an end. */
    private static final int PATIENCE = 6;

    private static final long OPENING_SECONDS = 10;
    private static final Duration CLOSING = Duration.ofSeconds(4);
    private static final int CLOSING_ROUNDS = 8;

    private final JmdnsThreads threads;
    private final JmDNSImpl dns;
    private final AtomicInteger unannounced = new AtomicInteger();
    private final AtomicBoolean left = new AtomicBoolean();
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    JmdnsLink(JmdnsThreads threads, InetAddress at, String label, int port, byte[] text, LanListener listener)
            throws IOException {
        this.threads = threads;
        // The label is the host's name, too: jmDNS would look up this machine's, and announce it.
        this.dns = threads.call(() -> (JmDNSImpl) JmDNS.create(at, label), OPENING_SECONDS);
        try {
            threads.call(
                    () -> {
                        dns.registerService(ServiceInfo.create(TYPE, label, "", port, 0, 0, text));
                        dns.addServiceListener(TYPE, new ServiceEvents(listener));
                        return true;
                    },
                    OPENING_SECONDS);
        } catch (IOException e) {
            leave();
            throw e;
        }
    }

    @Override
    public boolean isSound() {
        boolean announced = dns.isAnnounced();
        int waited = announced ? 0 : unannounced.incrementAndGet();
        if (announced) {
            unannounced.set(0);
        }
        return !threads.hasFailed()
                && waited < PATIENCE
                && dns.getCache().size() <= MOST_REMEMBERED
                && dns.getServiceTypes().size() <= MOST_REMEMBERED;
    }

    @Override
    public void ask() {
        dns.startServiceResolver(TYPE);
    }

    @Override
    public CompletionStage<Void> leave() {
        if (left.compareAndSet(false, true)) {
            Thread closer = new Thread(this::close, "livesync-mdns-close");
            closer.setDaemon(true);
            closer.start();
        }
        return over;
    }

    private void close() {
        try {
            threads.start(this::closeOnce);
            boolean ended = threads.isOverIn(CLOSING);
            // It recovers, over and over, or one of its threads has died.
            for (int i = 0; i < CLOSING_ROUNDS && !ended; i++) {
                threads.start(this::stop);
                ended = threads.isOverIn(CLOSING);
                threads.interrupt();
            }
            if (!ended) {
                LOG.log(Level.WARNING, "jmDNS has not ended all of its threads");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            over.complete(null);
        }
    }

    private void closeOnce() {
        try {
            dns.close();
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "jmDNS did not close", e);
        }
    }

    /** What {@code close} would do, without what it waits for. */
    private void stop() {
        dns.cancelTimer();
        dns.cancelStateTimer();
        dns.cancelState();
        dns.getSocket().close();
        closeOnce();
    }

    /** JmDNS's own thread. What it calls a service is a name that anybody may have made up. */
    private record ServiceEvents(LanListener listener) implements ServiceListener {
        @Override
        public void serviceAdded(ServiceEvent event) {
            // It is resolved by itself.
        }

        @Override
        public void serviceResolved(ServiceEvent event) {
            byte[] text = event.getInfo().getTextBytes();
            if (text != null
                    && text.length <= LanRecord.MAX_BYTES
                    && event.getName().length() <= MOST_LABEL_CHARS) {
                listener.heard(event.getName(), text.clone());
            }
        }

        @Override
        public void serviceRemoved(ServiceEvent event) {
            listener.gone(event.getName());
        }
    }
}
