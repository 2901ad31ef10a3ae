package dev.livesync.tck;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Passes on messages between whoever calls and one address, and keeps a copy of each. It knows nothing of what they say. */
final class MessageRelay implements ChannelAcceptor {
    private final DialingTransport transport;
    private final String address;
    private final List<byte[]> passed = new CopyOnWriteArrayList<>();
    private volatile boolean seesThrough;

    MessageRelay(DialingTransport transport, String address) {
        this.transport = transport;
        this.address = address;
    }

    /** What has passed, in either direction. */
    List<byte[]> passed() {
        return passed;
    }

    /** Whether its two channels have the same binding: it holds the peer's key, then, and is the peer for all that anybody can see. */
    boolean isThePeer() {
        return seesThrough;
    }

    @Override
    public void accept(Channel caller) {
        var unused = transport.dial(address).whenComplete((called, failure) -> {
            if (failure != null) {
                caller.abort(new SyncException(ErrorKind.UNREACHABLE, "nobody to relay to", failure));
                return;
            }
            seesThrough = caller.binding().isPresent()
                    && called.binding().isPresent()
                    && Arrays.equals(caller.binding().get(), called.binding().get());
            caller.start(new Half(caller, called));
            called.start(new Half(called, caller));
            caller.request(1);
            called.request(1);
        });
    }

    /** One direction. */
    private final class Half implements ChannelListener {
        private final Channel from;
        private final Channel to;

        Half(Channel from, Channel to) {
            this.from = from;
            this.to = to;
        }

        @Override
        public void onMessage(Message message) {
            passed.add(message.payload());
            var unused = to.send(message).thenRun(() -> from.request(1));
        }

        @Override
        public void onClosed(CloseReason reason) {
            var unused = to.close();
        }
    }
}
