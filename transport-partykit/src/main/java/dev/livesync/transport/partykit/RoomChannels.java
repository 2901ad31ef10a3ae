package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.BufferedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A room's channels on this side, who is called and who calls: one socket's worth, they end with it. For the loop. */
final class RoomChannels implements RoomChannel.Carrier {
    /** The room, as channels see it. */
    interface RoomOutput {
        /** Sends a frame before the channels' own; dropped while there is no room. */
        void say(ClientFrame frame);

        /** So much waits before the channels' frames that answers to strangers are dropped. */
        boolean isBusy();

        /** A channel has a frame for {@link #nextFrame}. */
        void filled();

        /** A channel has ended. */
        void vacated();
    }

    /** Who sits at a seat. */
    interface Host {
        /** Somebody has called. */
        void called(BufferedChannel channel);
    }

    /** Who calls. */
    interface Caller {
        void opened(BufferedChannel channel);

        void refused(SyncException why);
    }

    private record Call(String remote, Caller caller) {}

    /** What has arrived and was handed to a channel, before it pauses. */
    private static final int INBOX = 64 * 1024;
    /** Of channels that are over, so many are remembered, so that their last frames are not answered. */
    private static final int REMEMBERED = 256;

    private final RoomUrl url;
    private final RoomServices services;
    private final RoomOutput room;

    private final Map<String, Host> hosts = new HashMap<>();
    private final Map<ChannelKey, Call> calls = new LinkedHashMap<>();
    private final Map<ChannelKey, RoomChannel> channels = new LinkedHashMap<>();
    private final Set<ChannelKey> past = new LinkedHashSet<>();
    private final Deque<RoomChannel> ready = new ArrayDeque<>();
    private int number;

    RoomChannels(RoomUrl url, RoomServices services, RoomOutput room) {
        this.url = url;
        this.services = services;
        this.room = room;
        this.number = services.random().nextInt();
    }

    /** Whether nobody has a channel. */
    boolean isEmpty() {
        return channels.isEmpty();
    }

    /** Whoever calls at a seat is for this host. */
    boolean host(String seat, Host host) {
        if (hosts.putIfAbsent(seat, host) != null) {
            return false;
        }
        services.hosted().add(new RoomAddress(url, seat));
        return true;
    }

    void unhost(String seat, Host host) {
        if (hosts.remove(seat, host)) {
            services.hosted().remove(new RoomAddress(url, seat));
        }
    }

    /** Calls a member at a seat; returns what {@link #hangUp} wants. */
    ChannelKey call(String member, String seat, String remote, Caller caller) {
        ChannelKey key;
        do {
            key = new ChannelKey(member, number++, true);
        } while (calls.containsKey(key) || channels.containsKey(key));
        past.remove(key);
        calls.put(key, new Call(remote, caller));
        PartyKitConfiguration configuration = services.configuration();
        room.say(RoomFrame.open(
                member,
                key.number(),
                seat,
                configuration.windowBytes(),
                configuration.maxMessageBytes(services.context())));
        return key;
    }

    /** Ends a call that wasn't answered. */
    void hangUp(ChannelKey key) {
        if (calls.remove(key) != null) {
            reset(key, "nobody waits for it any more");
        }
    }

    // What members say.

    /** Takes a frame of a member's. */
    void take(RoomFrame frame) {
        ChannelKey key = new ChannelKey(frame.from(), frame.channel(), frame.byListener());
        RoomChannel channel = channels.get(key);
        Call call = calls.get(key);
        if (channel != null) {
            channel.take(frame);
        } else if (call != null) {
            answeredCall(key, call, frame);
        } else if (frame.type() == RoomFrame.OPEN && !frame.byListener()) {
            called(key, frame);
        } else if (frame.type() != RoomFrame.RESET && !past.contains(key) && !room.isBusy()) {
            reset(key, "there is no such channel");
        }
    }

    private void called(ChannelKey key, RoomFrame frame) {
        ByteBuffer payload = frame.payload();
        try {
            version(payload);
            int length = payload.hasRemaining() ? payload.get() & 0xff : 0;
            if (payload.remaining() != length + 8) {
                throw RoomFailures.malformed("an OPEN of another length");
            }
            byte[] name = new byte[length];
            payload.get(name);
            Host host = hosts.get(new String(name, StandardCharsets.ISO_8859_1));
            if (host == null) {
                throw new SyncException(ErrorKind.UNREACHABLE, "nobody listens there");
            }
            if (channels.size() >= services.configuration().maxChannels()) {
                throw new SyncException(ErrorKind.REFUSED, "too many channels");
            }
            String remote = url + " (" + RoomFailures.shown(key.member()) + ")";
            BufferedChannel channel = open(key, remote, payload);
            PartyKitConfiguration configuration = services.configuration();
            room.say(RoomFrame.opened(
                    key.member(),
                    key.number(),
                    configuration.windowBytes(),
                    configuration.maxMessageBytes(services.context())));
            host.called(channel);
        } catch (SyncException e) {
            if (!room.isBusy()) {
                reset(key, RoomFailures.text(e));
            }
        }
    }

    private void answeredCall(ChannelKey key, Call call, RoomFrame frame) {
        calls.remove(key);
        try {
            if (frame.type() == RoomFrame.RESET) {
                past(key);
                throw new SyncException(ErrorKind.REFUSED, call.remote() + " turns us away: " + frame.reason());
            }
            if (frame.type() != RoomFrame.OPENED || frame.payload().remaining() != 9) {
                throw RoomFailures.malformed(call.remote() + " answered something else than OPENED");
            }
            version(frame.payload());
            call.caller().opened(open(key, call.remote(), frame.payload()));
        } catch (SyncException e) {
            if (frame.type() != RoomFrame.RESET) {
                reset(key, RoomFailures.text(e));
            }
            call.caller().refused(e);
        }
    }

    private static void version(ByteBuffer payload) {
        if (!payload.hasRemaining() || payload.get() != RoomFrame.VERSION) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "another version of the room's protocol");
        }
    }

    /** Makes this end of a channel, by the credit and the limit that the other end states. */
    private BufferedChannel open(ChannelKey key, String remote, ByteBuffer stated) {
        long credit = stated.getInt() & 0xffffffffL;
        long largest = stated.getInt() & 0xffffffffL;
        if (credit > RoomFrame.CREDIT_LIMIT || largest < RoomFrame.LEAST_MESSAGE) {
            throw RoomFailures.malformed("a credit or a limit that cannot be");
        }
        PartyKitConfiguration configuration = services.configuration();
        int ours = configuration.maxMessageBytes(services.context());
        int send = configuration.sendBufferBytes();
        BufferedChannel channel = new BufferedChannel(
                services.context(),
                new BufferedChannel.Remote(remote, Optional.empty(), Optional.empty()),
                new BufferedChannel.Sizes((int) Math.min(ours, largest), send, send / 2, INBOX),
                services.resources()::remove);
        RoomChannel link =
                new RoomChannel(this, key, channel, services.loop(), credit, ours, configuration.windowBytes());
        channel.attach(link);
        past.remove(key);
        channels.put(key, link);
        services.resources().add(channel);
        return channel;
    }

    /** A member has left: its channels and the calls to it are over. */
    void memberGone(String member, SyncException why) {
        for (RoomChannel channel : new ArrayList<>(channels.values())) {
            if (channel.key().member().equals(member)) {
                channels.remove(channel.key());
                channel.broken(why);
            }
        }
        for (Map.Entry<ChannelKey, Call> call : new ArrayList<>(calls.entrySet())) {
            if (call.getKey().member().equals(member)) {
                calls.remove(call.getKey());
                call.getValue().caller().refused(why);
            }
        }
    }

    /**
     * The socket has ended, and with it all channels and calls.
     *
     * @param lost why, for channels
     * @param why the same, for calls
     */
    void allGone(SyncException lost, SyncException why) {
        ready.clear();
        past.clear();
        List<RoomChannel> broken = new ArrayList<>(channels.values());
        channels.clear();
        List<Call> refused = new ArrayList<>(calls.values());
        calls.clear();
        broken.forEach(channel -> channel.broken(lost));
        refused.forEach(call -> call.caller().refused(why));
    }

    // What channels say.

    @Override
    public void ready(RoomChannel channel) {
        if (!channel.listed && channel.hasFrame()) {
            channel.listed = true;
            ready.add(channel);
        }
        room.filled();
    }

    @Override
    public void reset(ChannelKey key, String reason) {
        past(key);
        room.say(RoomFrame.reset(key.member(), key.byListener(), key.number(), reason));
        ended(key);
    }

    @Override
    public void ended(ChannelKey key) {
        if (channels.remove(key) != null) {
            services.loop().execute(room::vacated);
        }
    }

    private void past(ChannelKey key) {
        if (past.add(key) && past.size() > REMEMBERED) {
            var oldest = past.iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** The next piece, of each channel in turn; null if none has any. */
    @Nullable
    ClientFrame nextFrame() {
        for (RoomChannel channel = ready.poll(); channel != null; channel = ready.poll()) {
            ClientFrame frame = channel.nextFrame();
            if (channel.hasFrame()) {
                ready.add(channel);
            } else {
                channel.listed = false;
            }
            if (frame != null) {
                return frame;
            }
        }
        return null;
    }
}
