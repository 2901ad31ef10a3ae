package dev.livesync.transport.partykit;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Rooms on this machine, by {@code docs/room-protocol.md} and from nothing else: what the transport is tested against. As real rooms it reads
 * from everybody, whatever waits for whoever doesn't read, and says how much that is. It can be as hostile as its test wants it. Any thread.
 */
public final class LocalRooms implements AutoCloseable {
    /** The start of its threads' names. */
    public static final String THREADS = "local-room-";

    /** As many members as a room has. */
    public static final int MOST = 64;

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final Pattern REQUEST =
            Pattern.compile("GET (/parties/[^ /]+/[^ /?]+)(?:\\?token=([^ ]*))? HTTP/1\\.1");
    private static final Pattern ASKED = Pattern.compile("\\{\"(sit|stand|find)\":\"([A-Za-z0-9_-]{1,64})\"\\}");
    private static final int MOST_SEATS = 8;
    private static final int MOST_FRAME = 66_000;

    /**
     * A frame on its way.
     *
     * @param from who sent it
     * @param to whom it is for
     * @param body what it says
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Passing(String from, String to, byte[] body) {}

    private final ServerSocket server;
    private final Map<String, Map<String, Member>> rooms = new LinkedHashMap<>();
    private final Set<Socket> sockets = new LinkedHashSet<>();
    private final ByteArrayOutputStream recording = new ByteArrayOutputStream();
    private boolean records;
    private String token = "";
    private BiFunction<Passing, List<String>, List<Passing>> mischief = (frame, members) -> List.of(frame);
    private int ids;
    private int refused;
    private boolean down;
    private boolean mute;
    private @Nullable String greeting;
    private int pings;

    /** Opens at a free port of the loopback interface. */
    public LocalRooms() {
        try {
            server = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("no port for rooms", e);
        }
        start("door", this::accept);
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return server.getLocalPort();
    }

    /** The address of a room, to which a seat may be added. */
    public String room(String name) {
        return "partykit+ws://127.0.0.1:" + port() + "/parties/livesync/" + name + "/";
    }

    /** Lets in only who has this token; empty for everybody. */
    public synchronized void token(String wanted) {
        token = wanted;
    }

    /** Records from now on all that passes between members. */
    public synchronized void record() {
        records = true;
    }

    /** What has passed since, frame behind frame. */
    public synchronized byte[] recorded() {
        return recording.toByteArray();
    }

    /** What becomes of each frame, given who is in the room; whatever is returned is delivered, in this order. */
    public synchronized void mischief(BiFunction<Passing, List<String>, List<Passing>> what) {
        mischief = what;
    }

    /** Answers no pings and no goodbyes from now on, as a proxy in front of rooms may do. */
    public synchronized void mute() {
        mute = true;
    }

    private synchronized boolean isMute() {
        return mute;
    }

    /** How many pings have come, answered or not. */
    public synchronized int pings() {
        return pings;
    }

    private synchronized boolean isPingAnswered() {
        pings++;
        return !mute;
    }

    /** Greets with this from now on, whoever it is for. */
    public synchronized void greet(String text) {
        greeting = text;
    }

    /** Says something to a member, whatever it is. */
    public synchronized void say(String name, String id, String text) {
        Member member = room("livesync", name).get(id);
        if (member != null) {
            member.say(text);
        }
    }

    /** Who is in a room, oldest first. */
    public synchronized List<String> members(String name) {
        return List.copyOf(room("livesync", name).keySet());
    }

    /** Who sits at a seat; empty if nobody does. */
    public synchronized String sitter(String name, String seat) {
        return room("livesync", name).values().stream()
                .filter(member -> member.seats.contains(seat))
                .map(member -> member.id)
                .findFirst()
                .orElse("");
    }

    private Map<String, Member> room(String party, String name) {
        return rooms.computeIfAbsent("/parties/" + party + "/" + name, path -> new LinkedHashMap<>());
    }

    /** How many bytes wait in all rooms for those who don't read. */
    public synchronized long waiting() {
        return rooms.values().stream()
                .flatMap(members -> members.values().stream())
                .mapToLong(Member::waiting)
                .sum();
    }

    /** How many requests were turned away. */
    public synchronized int refused() {
        return refused;
    }

    /** Ends a member's connection without a goodbye. */
    public synchronized void cut(String name, String id) {
        Member member = room("livesync", name).get(id);
        if (member != null) {
            quietly(member.socket);
        }
    }

    /** Ends all connections, as a new version of a server does. Who comes afterwards is let in, and has another id. */
    public void restart() {
        down();
        up();
    }

    /** Ends all connections, and lets nobody in. */
    public void down() {
        List<Socket> open;
        synchronized (this) {
            down = true;
            open = new ArrayList<>(sockets);
            sockets.clear();
            rooms.clear();
        }
        open.forEach(LocalRooms::quietly);
    }

    /** Lets members in again. */
    public synchronized void up() {
        down = false;
    }

    @Override
    public void close() {
        quietly(server);
        down();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                synchronized (this) {
                    if (down) {
                        quietly(socket);
                        continue;
                    }
                    sockets.add(socket);
                }
                start("in", () -> serve(socket));
            }
        } catch (IOException e) {
            // It was closed.
        }
    }

    private static Thread start(String what, Runnable run) {
        Thread thread = new Thread(run, THREADS + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void serve(Socket socket) {
        Member member = null;
        try {
            socket.setTcpNoDelay(true);
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 65_536));
            String path = handshake(in, socket.getOutputStream());
            if (path == null) {
                return;
            }
            member = join(path, socket);
            if (member != null && !member.isStopped()) {
                member.read(in);
            }
        } catch (IOException e) {
            // It went without a goodbye.
        } finally {
            if (member != null) {
                leave(member);
                member.awaitWritten();
            }
            synchronized (this) {
                sockets.remove(socket);
            }
            quietly(socket);
        }
    }

    /** The path of the room; null if it was refused. */
    private @Nullable String handshake(InputStream in, OutputStream out) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0 || head.length() > 8_192) {
                return null;
            }
            head.append((char) b);
        }
        String[] lines = head.toString().split("\r\n");
        Map<String, String> fields = List.of(lines).stream()
                .skip(1)
                .map(line -> line.split(": ", 2))
                .collect(Collectors.toMap(field -> field[0].toLowerCase(Locale.ROOT), field -> field[1]));
        Matcher request = REQUEST.matcher(lines[0]);
        String wanted;
        synchronized (this) {
            wanted = token;
        }
        String status = !request.matches() ? "404 Not Found" : "401 Unauthorized";
        boolean let = request.matches()
                && (wanted.isEmpty()
                        || wanted.equals(request.group(2))
                        || ("Bearer " + wanted).equals(fields.get("authorization")));
        String answer = let
                ? "101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                        + accepted(fields.get("sec-websocket-key"))
                : status + "\r\nContent-Length: 0";
        out.write(("HTTP/1.1 " + answer + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        if (!let) {
            synchronized (this) {
                refused++;
            }
        }
        return let ? request.group(1) : null;
    }

    private static String accepted(String key) {
        try {
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1")
                            .digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private synchronized @Nullable Member join(String path, Socket socket) throws IOException {
        if (down) {
            return null;
        }
        Map<String, Member> room = rooms.computeIfAbsent(path, made -> new LinkedHashMap<>());
        Member member = new Member(path, "m" + ++ids + "-" + Long.toString(System.nanoTime(), 36), socket);
        if (room.size() >= MOST) {
            member.end(4003, "the room is full");
            refused++;
            return member;
        }
        String peers = room.values().stream()
                .map(each -> "\"" + each.id + "\":["
                        + each.seats.stream().map(seat -> "\"" + seat + "\"").collect(Collectors.joining(",")) + "]")
                .collect(Collectors.joining(","));
        member.say(
                greeting != null ? greeting : "{\"room\":1,\"you\":\"" + member.id + "\",\"peers\":{" + peers + "}}");
        tellOthers(member, "{\"joined\":\"" + member.id + "\"}");
        room.put(member.id, member);
        return member;
    }

    private synchronized void leave(Member member) {
        Map<String, Member> room = rooms.get(member.path);
        if (room != null && room.remove(member.id, member)) {
            tellOthers(member, "{\"left\":\"" + member.id + "\"}");
        }
        member.stop();
    }

    private void tellOthers(Member about, String text) {
        rooms.getOrDefault(about.path, Map.of()).values().stream()
                .filter(each -> each != about)
                .forEach(each -> each.say(text));
    }

    private synchronized void text(Member member, String text) throws IOException {
        Matcher asked = ASKED.matcher(text);
        if (text.length() > 1_024 || !asked.matches()) {
            throw new IOException("not a text of a member's: " + text);
        }
        String seat = asked.group(2);
        Map<String, Member> room = rooms.getOrDefault(member.path, Map.of());
        Predicate<Member> sits = each -> each.seats.contains(seat);
        switch (asked.group(1)) {
            case "sit" -> {
                boolean taken = room.values().stream().anyMatch(each -> each != member && sits.test(each))
                        || !sits.test(member) && member.seats.size() >= MOST_SEATS;
                member.say("{\"" + (taken ? "taken" : "seated") + "\":\"" + seat + "\"}");
                if (!taken && member.seats.add(seat)) {
                    tellOthers(member, "{\"sits\":\"" + member.id + "\",\"seat\":\"" + seat + "\"}");
                }
            }
            case "stand" -> {
                boolean sat = member.seats.remove(seat);
                member.say("{\"stood\":\"" + seat + "\"}");
                if (sat) {
                    tellOthers(member, "{\"stands\":\"" + member.id + "\",\"seat\":\"" + seat + "\"}");
                }
            }
            default ->
                member.say(room.values().stream()
                        .filter(sits)
                        .findFirst()
                        .map(each -> "{\"found\":\"" + seat + "\",\"id\":\"" + each.id + "\"}")
                        .orElse("{\"nobody\":\"" + seat + "\"}"));
        }
    }

    private synchronized void forward(Member sender, byte[] frame) throws IOException {
        int n = frame.length == 0 ? 0 : frame[0] & 0xff;
        if (n == 0 || frame.length < 1 + n || frame.length > MOST_FRAME) {
            throw new IOException("not a frame of a member's");
        }
        Map<String, Member> room = rooms.getOrDefault(sender.path, Map.of());
        String to = new String(frame, 1, n, StandardCharsets.ISO_8859_1);
        byte[] body = Arrays.copyOfRange(frame, 1 + n, frame.length);
        if (records) {
            recording.writeBytes(body);
        }
        for (Passing each : mischief.apply(new Passing(sender.id, to, body), List.copyOf(room.keySet()))) {
            Member receiver = room.get(each.to());
            if (receiver == null) {
                sender.say("{\"gone\":\"" + each.to() + "\"}");
                continue;
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.write(each.from().length());
            out.writeBytes(each.from().getBytes(StandardCharsets.ISO_8859_1));
            out.writeBytes(each.body());
            receiver.send(2, out.toByteArray());
        }
    }

    private static void quietly(Closeable closeable) {
        try {
            closeable.close();
        } catch (IOException e) {
            // Closed is closed.
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Out(int opcode, byte[] payload) {}

    /** A connection: read by one thread, written by another, with everything between that nobody has read. */
    private final class Member {
        final String path;
        final String id;
        final Socket socket;
        final Set<String> seats = new LinkedHashSet<>();
        private final Deque<Out> queue = new ArrayDeque<>();
        private long queued;
        private final Thread writer;
        private boolean stopped;

        Member(String path, String id, Socket socket) {
            this.path = path;
            this.id = id;
            this.socket = socket;
            this.writer = start("out", this::write);
        }

        synchronized long waiting() {
            return queued;
        }

        void say(String text) {
            send(1, text.getBytes(StandardCharsets.UTF_8));
        }

        synchronized void send(int opcode, byte[] payload) {
            if (!stopped) {
                queue.add(new Out(opcode, payload));
                queued += payload.length;
                notifyAll();
            }
        }

        /** Behind what is queued. */
        void end(int code, String reason) throws IOException {
            ByteArrayOutputStream close = new ByteArrayOutputStream();
            close.write(code >> 8);
            close.write(code);
            close.writeBytes(reason.getBytes(StandardCharsets.UTF_8));
            send(8, close.toByteArray());
            stop();
        }

        synchronized boolean isStopped() {
            return stopped;
        }

        /** A goodbye is to be read before the socket is closed, if anybody reads. */
        void awaitWritten() {
            try {
                writer.join(500);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        synchronized void stop() {
            stopped = true;
            notifyAll();
        }

        private synchronized @Nullable Out next() {
            try {
                while (queue.isEmpty() && !stopped) {
                    wait();
                }
            } catch (InterruptedException e) {
                return null;
            }
            Out out = queue.poll();
            if (out != null) {
                queued -= out.payload().length;
            }
            return out;
        }

        private void write() {
            try {
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 65_536);
                for (Out frame = next(); frame != null; frame = next()) {
                    int size = frame.payload().length;
                    out.write(0x80 | frame.opcode());
                    if (size < 126) {
                        out.write(size);
                    } else if (size < 65_536) {
                        out.write(new byte[] {126, (byte) (size >> 8), (byte) size});
                    } else {
                        out.write(
                                new byte[] {127, 0, 0, 0, 0, 0, (byte) (size >> 16), (byte) (size >> 8), (byte) size});
                    }
                    out.write(frame.payload());
                    if (waiting() == 0) {
                        out.flush();
                    }
                }
                out.flush();
            } catch (IOException e) {
                // The reading thread notices.
            } finally {
                quietly(socket);
            }
        }

        void read(DataInputStream in) throws IOException {
            while (true) {
                int first = in.readUnsignedByte();
                int second = in.readUnsignedByte();
                if ((first & 0xf0) != 0x80 || (second & 0x80) == 0) {
                    throw new IOException("a client sends whole masked frames here");
                }
                int stated = second & 0x7f;
                long length = stated < 126 ? stated : stated == 126 ? in.readUnsignedShort() : in.readLong();
                if (length > MOST_FRAME) {
                    end(1009, "too long");
                    return;
                }
                byte[] key = new byte[4];
                in.readFully(key);
                byte[] payload = new byte[(int) length];
                in.readFully(payload);
                for (int i = 0; i < payload.length; i++) {
                    payload[i] ^= key[i & 3];
                }
                try {
                    switch (first & 0x0f) {
                        case 1 -> text(this, new String(payload, StandardCharsets.UTF_8));
                        case 2 -> forward(this, payload);
                        case 8 -> {
                            if (!isMute()) {
                                LocalRooms.this.leave(this, payload);
                                return;
                            }
                        }
                        case 9 -> {
                            if (isPingAnswered()) {
                                send(10, payload);
                            }
                        }
                        default -> {}
                    }
                } catch (IOException e) {
                    end(4002, String.valueOf(e.getMessage()));
                    return;
                }
            }
        }
    }

    /** A goodbye: nobody sits there any more when it is answered. */
    private void leave(Member member, byte[] goodbye) {
        synchronized (this) {
            Map<String, Member> room = rooms.get(member.path);
            if (room != null && room.remove(member.id, member)) {
                tellOthers(member, "{\"left\":\"" + member.id + "\"}");
            }
        }
        member.send(8, goodbye);
        member.stop();
    }
}
