package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext.Cancellable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A room as one transport is in it: one socket for all who listen and dial there. It connects when somebody enters, connects
 * again while somebody who was let in stays, and ends when nobody needs it. For the loop.
 */
final class Room implements RoomSocket.Owner, RoomChannels.RoomOutput {
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

    /** How long the room's answer to a goodbye may take: some proxies never pass it on, and nothing depends on it. */
    private static final Duration GOODBYE = Duration.ofSeconds(1);
    /** So many frames wait before others; then what answers strangers is dropped. */
    private static final int MOST_ANSWERS = 256;

    private final RoomUrl url;
    private final RoomServices services;
    private final Consumer<Room> onUnused;

    private final Set<Guest> guests = new LinkedHashSet<>();
    private final RoomSeats seats = new RoomSeats();
    private final RoomChannels channels;
    private final Deque<Question> questions = new ArrayDeque<>();
    private final Deque<ClientFrame> first = new ArrayDeque<>();

    private @Nullable RoomSocket socket;
    private boolean open;
    private boolean unused;
    private int failures;
    private @Nullable Cancellable timer;
    private boolean silent;

    Room(RoomUrl url, RoomServices services, Consumer<Room> onUnused) {
        this.url = url;
        this.services = services;
        this.onUnused = onUnused;
        this.channels = new RoomChannels(url, services, this);
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

    /** Who calls and is called in this room. */
    RoomChannels channels() {
        return channels;
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

    private void ask(String what, String seat, Set<Answer> answers, Consumer<@Nullable String> then) {
        questions.add(new Question(answers, seat, then));
        say(ClientFrame.text("{\"" + what + "\":\"" + seat + "\"}"));
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
            abortAfter(services.context().closeTimeout(), used);
            fill();
        } else {
            used.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + url));
        }
    }

    private void abortAfter(Duration time, RoomSocket used) {
        setTimer(time, () -> used.abort(RoomFailures.disconnected(url, null)));
    }

    @Override
    public void saidGoodbye(RoomSocket on) {
        if (on == socket && unused) {
            Duration most = services.context().closeTimeout();
            abortAfter(GOODBYE.compareTo(most) < 0 ? GOODBYE : most, on);
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
        SyncException lost = why.kind() == ErrorKind.CLOSED ? why : disconnected(why);
        channels.allGone(lost, why);
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
        channels.memberGone(member, why);
        endIfUnused();
    }

    @Override
    public void binary(RoomSocket on, byte[] message) {
        RoomFrame frame = on == socket && open ? RoomFrame.read(message) : null;
        if (frame != null) {
            channels.take(frame);
            endIfUnused();
        }
    }

    // What is sent.

    @Override
    public void say(ClientFrame frame) {
        if (open) {
            first.add(frame);
            fill();
        }
    }

    @Override
    public boolean isBusy() {
        return first.size() >= MOST_ANSWERS;
    }

    @Override
    public void filled() {
        fill();
    }

    @Override
    public void vacated() {
        endIfUnused();
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
                next = channels.nextFrame();
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

    @Override
    public void drained(RoomSocket on) {
        if (on == socket) {
            fill();
        }
    }
}
