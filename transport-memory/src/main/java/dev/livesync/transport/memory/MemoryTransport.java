package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The dialling memory transport, which listens and dials by name. */
final class MemoryTransport implements DialingTransport {
    private static final Pattern ADDRESS = Pattern.compile("memory:([A-Za-z0-9._-]{0,128})");

    private final MemoryNetwork network;
    private final MemoryResources resources;

    MemoryTransport(MemoryNetwork network, MemoryConfiguration configuration, TransportContext context) {
        this.network = network;
        this.resources = new MemoryResources(context, configuration);
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        try {
            MemoryListening listening = new MemoryListening(network, resources, acceptor);
            if (!resources.onClose(listening.ending())) {
                throw MemoryResources.closedFailure();
            }
            listening.bind(nameIn(address));
            return CompletableFuture.completedStage(listening);
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        String name;
        try {
            name = nameIn(address);
            if (name == null) {
                throw unusable(address);
            }
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> attempt = resources.attempt("memory:" + name);
        network.faults().whenDialsPass(() -> {
            MemoryListening listening = network.listening(name);
            if (listening == null) {
                attempt.completeExceptionally(nobody(name));
            } else {
                listening.knock(resources, attempt);
            }
        });
        return attempt;
    }

    @Override
    public void close() {
        resources.close();
    }

    static SyncException nobody(String name) {
        return new SyncException(ErrorKind.UNREACHABLE, "nobody listens at memory:" + name);
    }

    /** The name in an address; null where it asks for a fresh one. */
    private static @Nullable String nameIn(String address) {
        Matcher matcher = ADDRESS.matcher(address);
        if (!matcher.matches()) {
            throw unusable(address);
        }
        String name = matcher.group(1);
        return name.isEmpty() || name.equals("0") ? null : name;
    }

    private static SyncException unusable(String address) {
        String shown = address.length() > 200 ? address.substring(0, 200) + "…" : address;
        return new SyncException(
                ErrorKind.CONFIGURATION, "not an address of this transport: '" + shown + "'; use memory:NAME");
    }
}
