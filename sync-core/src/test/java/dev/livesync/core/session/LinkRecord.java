package dev.livesync.core.session;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.transport.Message;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.car.pack.PackReader;
import dev.livesync.core.message.BinaryParser;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.WireMessage;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What passes over one connection whose messages are not sealed, and which events are in it. */
final class LinkRecord {
    /** The handshake: the dialler's two messages and the listener's answer. */
    private static final Map<Side, Integer> HANDSHAKE = Map.of(Side.DIALER, 2, Side.LISTENER, 1);

    private static final Pattern BEGIN =
            Pattern.compile("\\{\"begin\":\\{\"kind\":\"(text|binary)\",\"bytes\":(\\d+)}}");

    private static final int MOST_SHARED = 1_000;

    private final Map<Side, List<Message>> sent = new EnumMap<>(Side.class);
    private final List<Cid> shared = new ArrayList<>();
    private int count;
    private long bytes;

    /** Records a link from its first message on, between two that have these heads. */
    LinkRecord(MemoryLink link, List<Cid> ofDialler, List<Cid> ofListener) {
        sent.put(Side.DIALER, new ArrayList<>());
        sent.put(Side.LISTENER, new ArrayList<>());
        shared.addAll(ofDialler.subList(0, Math.min(MOST_SHARED, ofDialler.size())));
        if (!ofDialler.equals(ofListener)) {
            shared.addAll(ofListener.subList(0, Math.min(MOST_SHARED, ofListener.size())));
        }
        link.tap((side, message) -> {
            sent.get(side).add(message);
            count++;
            bytes += message.size();
        });
    }

    /** How many messages were sent in all, the handshake's included. */
    int count() {
        return count;
    }

    /** How many bytes these have. */
    long bytes() {
        return bytes;
    }

    /** The messages of one end's session. */
    List<Message> session(Side side) {
        List<Message> all = sent.get(side);
        return all.subList(Math.min(all.size(), HANDSHAKE.get(side)), all.size());
    }

    /** The events in each of the sections that one end has sent whole. */
    List<List<Cid>> sections(Side side) {
        List<Message> messages = session(side);
        boolean binary = messages.isEmpty() || messages.get(0).kind() == Message.Kind.BINARY;
        return binary ? packs(messages) : cars(messages);
    }

    /** The events in the first sections of one end. */
    Set<Cid> events(Side side, long sections) {
        Set<Cid> events = new LinkedHashSet<>();
        sections(side).stream().limit(sections).forEach(events::addAll);
        return events;
    }

    private List<List<Cid>> packs(List<Message> messages) {
        PackReader reader = new PackReader(Limits.DEFAULT, 100_000, 64 << 20);
        shared.forEach(reader::remember);
        List<List<Cid>> packs = new ArrayList<>();
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        long whole = 0;
        for (Message message : messages) {
            byte[] bytes = message.payload();
            if (bytes[0] == BinaryType.BEGIN) {
                whole = ((WireMessage.Begin) BinaryParser.parse(bytes)).bytes();
            } else if (bytes[0] == BinaryType.PIECE) {
                pieces.write(bytes, 1, bytes.length - 1);
                if (pieces.size() == whole) {
                    add(reader, pieces.toByteArray(), packs);
                    pieces.reset();
                }
            } else {
                add(reader, bytes, packs);
            }
        }
        return packs;
    }

    private static void add(PackReader reader, byte[] message, List<List<Cid>> packs) {
        if (message[0] == BinaryType.PACK) {
            packs.add(reader.read(message, 1, message.length - 1).stream()
                    .map(Event::cid)
                    .toList());
        }
    }

    private static List<List<Cid>> cars(List<Message> messages) {
        List<List<Cid>> cars = new ArrayList<>();
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        boolean text = false;
        long left = 0;
        for (Message message : messages) {
            if (message.kind() == Message.Kind.TEXT) {
                Matcher begin = BEGIN.matcher(new String(message.payload(), StandardCharsets.UTF_8));
                if (begin.matches()) {
                    text = begin.group(1).equals("text");
                    left = Long.parseLong(begin.group(2));
                }
                continue;
            }
            pieces.writeBytes(message.payload());
            left -= message.size();
            if (left <= 0) {
                if (!text) {
                    cars.add(car(pieces.toByteArray()));
                }
                pieces.reset();
                left = 0;
                text = false;
            }
        }
        return cars;
    }

    private static List<Cid> car(byte[] car) {
        List<Cid> events = new ArrayList<>();
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {}

            @Override
            public void block(Block block) {
                Events.tryDecode(block, Limits.DEFAULT).ifPresent(event -> events.add(event.cid()));
            }
        });
        decoder.feed(car, 0, car.length);
        decoder.finish();
        return events;
    }
}
