package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext.Cancellable;
import dev.livesync.transport.support.BufferedChannel;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room as one transport is in it: one socket for all who listen and dial there, and their channels. It connects when somebody enters, connects
 * again while somebody who was let in stays, and ends when nobody needs it. For the loop.
 */
final class Room implements RoomSocket.Owner, RoomChannel.Carrier {
    /** Who is in the room on this side: a listener, a dial or a discovery. */
    interface Guest {
        /** The room is open, perhaps once more: what was asked for before is forgotten. */
        void entered();

        /** The room could not be entered, or is lost. Who wants to wait for it stays, all others leave. */
        void lost(SyncException why);

        /** Somebody else sits there now. */
        default void occupied(String seat) {}

        /** Nobody else sits there any more. */
        default void vacated(String seat) {}
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

    /** What a room answers. */
    private enum Answer {
        SEATED,
        TAKEN,
        STOOD,
        FOUND,
        NOBODY;

        String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private record Question(Set<Answer> answers, String seat, Consumer<@Nullable String> then) {}

    private record Call(String remote, Caller caller) {}

    /** What has arrived and was handed to a channel, before it pauses. */
    private static final int INBOX = 64 * 1024;
    /** Of channels that are over, so many are remembered, so that their last frames are not answered. */
    private static final int REMEMBERED = 256;
    /** So many frames wait before others; then what answers strangers is dropped. */
    private static final int MOST_ANSWERS = 256;

    private final RoomUrl url;
    private final RoomServices services;
    private final Consumer<Room> onUnused;

    private final Set<Guest> guests = new LinkedHashSet<>();
    private final RoomSeats seats = new RoomSeats();
    private final Map<String, Host> hosts = new HashMap<>();
    private final Map<ChannelKey, Call> calls = new LinkedHashMap<>();
    private final Map<ChannelKey, RoomChannel> channels = new LinkedHashMap<>();
    private final Set<ChannelKey> past = new LinkedHashSet<>();
    private final Deque<Question> questions = new ArrayDeque<>();
    private final Deque<ClientFrame> first = new ArrayDeque<>();
    private final Deque<RoomChannel> ready = new ArrayDeque<>();

    private @Nullable RoomSocket socket;
    private boolean open;
    private boolean unused;
    private int number;
    private int failures;
    private @Nullable Cancellable timer;
    private boolean silent;

    Room(RoomUrl url, RoomServices services, Consumer<Room> onUnused) {
        this.url = url;
        this.services = services;
        this.onUnused = onUnused;
        this.number = services.random().nextInt();
    }

    RoomUrl url() {
        return url;
    }

    // Guests.

    void enter(Guest guest) {
        guests.add(guest);
        if (open) {
            guest.entered();
        } else if (socket == null) {
            connect();
        }
    }

    void leave(Guest guest) {
        if (guests.remove(guest)) {
            endIfUnused();
        }
    }

    /** Takes a seat; told whether it was free. */
    void sit(String seat, Consumer<Boolean> then) {
        ask("sit", seat, Set.of(Answer.SEATED, Answer.TAKEN), answer -> then.accept(answer != null));
    }

    /** Leaves a seat. */
    void stand(String seat, Runnable then) {
        ask("stand", seat, Set.of(Answer.STOOD), answer -> then.run());
    }

    /** Looks for who sits at a seat; told the id, or null if nobody does. */
    void find(String seat, Consumer<@Nullable String> then) {
        ask("find", seat, Set.of(Answer.FOUND, Answer.NOBODY), then);
    }

    boolean isOpen() {
        return open;
    }

    /** Where others sit, as far as the room has told. */
    Set<String> occupied() {
        return seats.all();
    }

    private void tellVacated(Set<String> gone) {
        for (String seat : gone) {
            new ArrayList<>(guests).forEach(guest -> guest.vacated(seat));
        }
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

    private void ask(String what, String seat, Set<Answer> answers, Consumer<@Nullable String> then) {
        questions.add(new Question(answers, seat, then));
        first.add(ClientFrame.text("{\"" + what + "\":\"" + seat + "\"}"));
        fill();
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
        first.add(RoomFrame.open(
                member,
                key.number(),
                seat,
                configuration.windowBytes(),
                configuration.maxMessageBytes(services.context())));
        fill();
        return key;
    }

    /** Ends a call that wasn't answered. */
    void hangUp(ChannelKey key) {
        if (calls.remove(key) != null) {
            reset(key, "nobody waits for it any more");
        }
    }

    // The socket's life.

    private void connect() {
        setTimer(services.context().connectTimeout(), () -> {
            RoomSocket late = socket;
            if (late != null && !open) {
                late.abort(new SyncException(
                        ErrorKind.TIMEOUT,
                        url + " did not answer within "
                                + services.context().connectTimeout().toMillis() + " ms"));
            }
        });
        RoomSocket made = new RoomSocket(
                url,
                services.configuration(),
                services.context().connectTimeout(),
                services.loop(),
                services.random(),
                this);
        socket = made;
        services.sockets().add(made);
        made.start();
    }

    /** The one timer of a room: for connecting, for pings, for the pause before it connects again, or for its end. */
    private void setTimer(Duration delay, Runnable task) {
        stopTimer();
        timer = services.context()
                .scheduler()
                .schedule(delay, () -> services.loop().execute(task));
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private void ping(RoomSocket on) {
        if (on != socket || unused) {
            return;
        }
        boolean heard = on.wasHeard();
        if (!heard && silent) {
            on.abort(new SyncException(ErrorKind.DISCONNECTED, url + " has been silent for too long"));
            return;
        }
        silent = !heard;
        on.send(ClientFrame.of(ClientFrame.PING, new byte[0]));
        setTimer(services.configuration().pingInterval(), () -> ping(on));
    }

    /** Ends, unless somebody is here or has a channel. */
    void endIfUnused() {
        if (unused || !guests.isEmpty() || !channels.isEmpty()) {
            return;
        }
        unused = true;
        onUnused.accept(this);
        RoomSocket used = socket;
        if (used == null) {
            stopTimer();
        } else if (open) {
            setTimer(services.context().closeTimeout(), () -> used.abort(RoomFailures.disconnected(url, null)));
            fill();
        } else {
            used.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + url));
        }
    }

    @Override
    public void opened(RoomSocket on) {
        // Nothing is known before the room's first text.
    }

    @Override
    public void ended(RoomSocket on, SyncException why) {
        services.sockets().remove(on);
        if (on != socket) {
            return;
        }
        socket = null;
        open = false;
        stopTimer();
        questions.clear();
        first.clear();
        ready.clear();
        past.clear();
        SyncException lost = why.kind() == ErrorKind.CLOSED ? why : disconnected(why);
        List<RoomChannel> broken = new ArrayList<>(channels.values());
        channels.clear();
        List<Call> refused = new ArrayList<>(calls.values());
        calls.clear();
        broken.forEach(channel -> channel.broken(lost));
        refused.forEach(call -> call.caller().refused(why));
        tellVacated(seats.clear());
        new ArrayList<>(guests).forEach(guest -> guest.lost(why));
        if (guests.isEmpty()) {
            endIfUnused();
        } else if (socket == null) {
            setTimer(pause(), () -> {
                if (socket == null && !unused) {
                    connect();
                }
            });
        }
    }

    private static SyncException disconnected(SyncException why) {
        return why.kind() == ErrorKind.DISCONNECTED
                ? why
                : new SyncException(ErrorKind.DISCONNECTED, RoomFailures.text(why), why);
    }

    /** Twice as long after each failure, and somewhere in the second half of it, so that a room's members don't all come back at once. */
    private Duration pause() {
        long most = services.configuration().reconnectMost().toMillis();
        long whole = services.configuration().reconnectFirst().toMillis() << Math.min(failures, 20);
        whole = Math.max(1, Math.min(most, whole));
        failures++;
        return Duration.ofMillis(whole / 2 + services.random().nextLong(whole / 2 + 1));
    }

    // What the room says.

    @Override
    public void text(RoomSocket on, String text) {
        if (on != socket) {
            return;
        }
        Map<String, Object> said = RoomTextReader.read(text);
        if (!open) {
            greeted(on, said);
            return;
        }
        for (String end : List.of("left", "gone")) {
            if (said.containsKey(end)) {
                memberGone(string(said, end));
            }
        }
        if (said.containsKey("sits")) {
            sits(string(said, "sits"), said.get("seat"));
        }
        if (said.containsKey("stands") && said.get("seat") instanceof String seat) {
            tellVacated(seats.stands(string(said, "stands"), seat));
        }
        for (Answer answer : Answer.values()) {
            if (said.containsKey(answer.key())) {
                answered(answer, string(said, answer.key()), said);
            }
        }
    }

    private void greeted(RoomSocket on, Map<String, Object> said) {
        if (!said.containsKey("room")) {
            return;
        }
        if (!new RoomTextReader.Literal("1").equals(said.get("room"))) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "it speaks another version of the room's protocol");
        }
        string(said, "you");
        open = true;
        failures = 0;
        silent = false;
        stopTimer();
        if (!services.configuration().pingInterval().isZero()) {
            setTimer(services.configuration().pingInterval(), () -> ping(on));
        }
        new ArrayList<>(guests).forEach(guest -> {
            if (guests.contains(guest)) {
                guest.entered();
            }
        });
        if (said.get("peers") instanceof Map<?, ?> peers) {
            peers.forEach((member, theirs) -> {
                if (theirs instanceof List<?> list) {
                    list.forEach(seat -> sits(String.valueOf(member), seat));
                }
            });
        }
    }

    private void sits(String member, @Nullable Object seat) {
        if (seat instanceof String text && RoomAddress.isSeat(text) && seats.sits(member, text)) {
            new ArrayList<>(guests).forEach(guest -> guest.occupied(text));
        }
    }

    private void answered(Answer answer, String seat, Map<String, Object> said) {
        Question question = questions.poll();
        if (question == null
                || !question.answers().contains(answer)
                || !question.seat().equals(seat)) {
            throw RoomFailures.malformed("it answered what nobody asked");
        }
        String id = answer == Answer.FOUND ? string(said, "id") : "";
        question.then().accept(answer == Answer.TAKEN || answer == Answer.NOBODY ? null : id);
    }

    private static String string(Map<String, Object> said, String key) {
        if (said.get(key) instanceof String text
                && !text.isEmpty()
                && text.length() <= RoomFrame.MAX_ID
                && text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            return text;
        }
        throw RoomFailures.malformed("its \"" + key + "\" is no id and no seat");
    }

    private void memberGone(String member) {
        tellVacated(seats.left(member));
        SyncException why = new SyncException(ErrorKind.DISCONNECTED, RoomFailures.shown(member) + " has left " + url);
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
        endIfUnused();
    }

    // What members say.

    @Override
    public void binary(RoomSocket on, byte[] message) {
        RoomFrame frame = on == socket && open ? RoomFrame.read(message) : null;
        if (frame == null) {
            return;
        }
        ChannelKey key = new ChannelKey(frame.from(), frame.channel(), frame.byListener());
        RoomChannel channel = channels.get(key);
        Call call = calls.get(key);
        if (channel != null) {
            channel.take(frame);
        } else if (call != null) {
            answeredCall(key, call, frame);
        } else if (frame.type() == RoomFrame.OPEN && !frame.byListener()) {
            called(key, frame);
        } else if (frame.type() != RoomFrame.RESET && !past.contains(key) && first.size() < MOST_ANSWERS) {
            reset(key, "there is no such channel");
        }
        endIfUnused();
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
            first.add(RoomFrame.opened(
                    key.member(),
                    key.number(),
                    configuration.windowBytes(),
                    configuration.maxMessageBytes(services.context())));
            fill();
            host.called(channel);
        } catch (SyncException e) {
            if (first.size() < MOST_ANSWERS) {
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

    // What channels say.

    @Override
    public void ready(RoomChannel channel) {
        if (!channel.listed && channel.hasFrame()) {
            channel.listed = true;
            ready.add(channel);
        }
        fill();
    }

    @Override
    public void reset(ChannelKey key, String reason) {
        past(key);
        if (open) {
            first.add(RoomFrame.reset(key.member(), key.byListener(), key.number(), reason));
            fill();
        }
        ended(key);
    }

    @Override
    public void ended(ChannelKey key) {
        if (channels.remove(key) != null) {
            services.loop().execute(this::endIfUnused);
        }
    }

    private void past(ChannelKey key) {
        if (past.add(key) && past.size() > REMEMBERED) {
            var oldest = past.iterator();
            oldest.next();
            oldest.remove();
        }
    }

    /** Hands frames to the socket while it takes them: answers first, then a piece of each channel in turn. */
    private void fill() {
        RoomSocket to = socket;
        if (to == null || !open) {
            return;
        }
        while (!to.isFull()) {
            ClientFrame next = first.poll();
            if (next == null) {
                next = ofChannels();
            }
            if (next == null) {
                break;
            }
            to.send(next);
        }
        if (unused && first.isEmpty()) {
            to.close();
        }
    }

    private @Nullable ClientFrame ofChannels() {
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

    @Override
    public void drained(RoomSocket on) {
        if (on == socket) {
            fill();
        }
    }
}
