package dev.livesync.car;

import static dev.livesync.car.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventsTest {
    private static final Cid A = cid(1);
    private static final Cid B = cid(2);
    private static final Encoded DOCUMENT = Encoded.of(new Value.Mapping(Map.of("n", new Value.Int(1))));

    private static Cid cid(int n) {
        return Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) n, (byte) (n >> 8)});
    }

    @Test
    void outlinesWithoutDecoding() {
        Cid root = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
        for (String key : List.of("J", "Jid", "J" + "\u00e9".repeat(300))) {
            for (Cid tree : java.util.Arrays.asList(root, null)) {
                Block put = Events.put(key, Encoded.of(Value.Mapping.EMPTY), tree, List.of())
                        .block();
                Block delete = Events.delete(key, tree, List.of(root)).block();
                assertThat(Events.outline(put)).isEqualTo(new Events.Outline(Event.Type.PUT, tree != null));
                assertThat(Events.outline(delete)).isEqualTo(new Events.Outline(Event.Type.DELETE, tree != null));
            }
        }
        Block node = DagCbor.block(new Value.Mapping(Map.of("leaf", Value.NULL)), Limits.DEFAULT);
        refused(ErrorKind.MALFORMED, () -> Events.outline(node));
    }

    @Test
    void whatWasWrittenIsReadBack() {
        Event put = Events.put("Jid", DOCUMENT, A, List.of(B, A));
        same(put, Events.decode(put.block()));
        assertThat(put.value()).isEqualTo(new Value.Mapping(Map.of("n", new Value.Int(1))));
        assertThat(put.parents()).containsExactly(B, A);
        Event interior = Events.put("J", DOCUMENT, null, List.of());
        same(interior, Events.decode(interior.block()));
        Event delete = Events.delete("J\u00fc\ud83d\ude00", null, List.of(A));
        same(delete, Events.decode(delete.block()));
        assertThat(delete.value()).isEqualTo(Value.NULL);
        assertThat(Events.encodedValue(delete)).isEqualTo(Encoded.NULL);
    }

    private static void same(Event a, Event b) {
        assertThat(b).isEqualTo(a);
        assertThat(b.type()).isEqualTo(a.type());
        assertThat(b.key()).isEqualTo(a.key());
        assertThat(b.root()).isEqualTo(a.root());
        assertThat(b.parents()).isEqualTo(a.parents());
        assertThat(b.value()).isEqualTo(a.value());
    }

    // An event as hexadecimal digits, to be changed in one place.
    private static final String KEY = "636b6579" + "624a61";
    private static final String ROOT = "64726f6f74" + "f6";
    private static final String TYPE = "6474797065" + "63707574";
    private static final String VALUE = "6576616c7565" + "a0";
    private static final String DATA = "6464617461" + "a4" + KEY + ROOT + TYPE + VALUE;
    private static final String PARENTS = "67706172656e7473" + "80";
    private static final String EVENT = "a2" + DATA + PARENTS;

    @Test
    void theUnchangedDigitsAreAnEvent() {
        assertThat(Events.decode(block(EVENT)).key()).isEqualTo("Ja");
    }

    @Test
    void everyBreachOfTheSchemaIsRefusedWithItsReason() {
        bad(EVENT.replace(KEY, "636b6579" + "6161"), "the event's key is not a charwise string");
        bad(EVENT.replace(KEY, "636b6579" + "60"), "the event's key is not a charwise string");
        bad(EVENT.replace(KEY, "636b6579" + "624a00"), "the event's key is not a charwise string");
        bad(EVENT.replace(KEY, "636b6579" + "424a61"), "the event's key is not a string");
        bad(EVENT.replace(KEY, "636b6579" + "62c080"), "string is not valid UTF-8");
        bad(EVENT.replace(ROOT, "64726f6f74" + "00"), "the event's root is not a link");
        bad(EVENT.replace(TYPE, "6474797065" + "63676574"), "the event's type is neither put nor del");
        bad(EVENT.replace(TYPE, "6474797065" + "6370757474"), "event data lacks \"value\" after \"type\"");
        bad(EVENT.replace(TYPE, "6474797065" + "00"), "the event's type is neither put nor del");
        bad(EVENT.replace(TYPE, "6474797065" + "6364656c"), "a del has a value other than null");
        bad(EVENT.replace(VALUE, "6576616c7565" + "f6"), "a put has a value that is not a map");
        bad(EVENT.replace(VALUE, "6576616c7565" + "80"), "a put has a value that is not a map");
        bad(EVENT.replace(VALUE, "6576616c7565" + "a1616118" + "00"), "integer or length is not in its shortest form");
        bad(EVENT.replace(PARENTS, "67706172656e7473" + "f6"), "the event's parents is not an array");
        bad(EVENT.replace(PARENTS, "67706172656e7473" + "8100"), "a parent is not a link");
        bad(
                EVENT.replace(PARENTS, "67706172656e7473" + "81" + link(Cid.hash(Cid.RAW, new byte[0]))),
                "is not dag-cbor");
        bad(EVENT.replace(PARENTS, "67706172656e7473" + "82" + link(A) + link(A)), "parent " + A + " is repeated");
        bad(EVENT.replace(PARENTS, "67706172656e7474" + "80"), "the event lacks \"parents\" after \"data\"");
        bad(EVENT.replace(KEY, ""), "event data is not a map of \"key\", \"root\", \"type\" and \"value\"");
        bad(EVENT.replace(ROOT, ""), "event data lacks \"root\" after \"key\"");
        bad(EVENT.replace(TYPE, ""), "event data lacks \"type\" after \"root\"");
        bad(EVENT.replace(VALUE, ""), "event data lacks \"value\" after \"type\"");
        bad("a3" + DATA + PARENTS + "67706172656e7474f6", "not an event: it does not start as a map of");
        bad("a1" + DATA, "not an event: it does not start as a map of");
        bad("a2" + DATA.replace("a4", "a5") + "67706172656e7473", "event data is not a map of");
        bad(EVENT + "00", "1 bytes are left over after the value");
        bad(EVENT.substring(0, EVENT.length() - 2), "the bytes end where the event's parents should start");
    }

    private static void bad(String digits, String reason) {
        assertThat(digits).isNotEqualTo(EVENT);
        Block block = block(digits);
        assertThat(Events.looksLikeEvent(block)).isTrue();
        assertThatThrownBy(() -> Events.tryDecode(block, Limits.DEFAULT))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED))
                .hasMessageStartingWith("block " + block.cid() + ": ")
                .hasMessageContaining(reason)
                .hasMessageMatching(".* at offset \\d+");
    }

    @Test
    void anEventWithoutItsCidIsWhatItsBytesHashTo() {
        Event event = Events.put("Jid", DOCUMENT, A, List.of(B, A));
        Event same = Events.ofBytes(event.block().toByteArray(), Limits.DEFAULT);
        assertThat(same.cid()).isEqualTo(event.cid());
        assertThat(same.block().toByteArray()).isEqualTo(event.block().toByteArray());
        assertThat(same.value()).isEqualTo(event.value());
        Limits tight =
                Limits.DEFAULT.toBuilder().blockBytes(event.block().size() - 1).build();
        for (byte[] bytes : List.of(new byte[0], new byte[] {1}, event.block().toByteArray())) {
            assertThatThrownBy(() -> Events.ofBytes(bytes, tight))
                    .isInstanceOfSatisfying(
                            SyncException.class,
                            e -> assertThat(e.kind())
                                    .isEqualTo(bytes.length > 1 ? ErrorKind.LIMIT_EXCEEDED : ErrorKind.MALFORMED));
        }
    }

    @Test
    void everyTruncationIsRefused() {
        byte[] whole = Events.put("Jid", DOCUMENT, A, List.of(B, A)).block().toByteArray();
        for (int length = 0; length < whole.length; length++) {
            Block block = Block.of(Cid.DAG_CBOR, java.util.Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> Events.decode(block))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
        }
    }

    @Test
    void otherBlocksAreNoEventsAndNoErrors() {
        for (String digits : List.of("", "00", "a0", "80", "a1646c656166f6", "a1626670a0", "a2", "a26464617462")) {
            assertThat(Events.tryDecode(block(digits), Limits.DEFAULT)).isEmpty();
        }
        assertThat(Events.tryDecode(Block.of(Cid.RAW, hex(EVENT)), Limits.DEFAULT))
                .isEmpty();
        assertThatThrownBy(() -> Events.decode(Block.of(Cid.RAW, hex(EVENT))))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED));
    }

    @Test
    void parentsAreBoundedAndDistinctHoweverMany() {
        List<Cid> many = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            many.add(cid(i));
        }
        Limits twenty = Limits.DEFAULT.toBuilder().parents(20).build();
        Limits nineteen = Limits.DEFAULT.toBuilder().parents(19).build();
        Event event = Events.encode(Event.Type.PUT, "Ja", DOCUMENT, null, many, twenty);
        assertThat(Events.decode(event.block(), twenty).parents()).isEqualTo(many);
        assertThatThrownBy(() -> Events.decode(event.block(), nineteen))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED))
                .hasMessageContaining("20 parents are over the limit of 19");
        refused(ErrorKind.LIMIT_EXCEEDED, () -> Events.encode(Event.Type.PUT, "Ja", DOCUMENT, null, many, nineteen));
        StringBuilder repeated = new StringBuilder("67706172656e7473" + "94");
        many.set(19, many.get(3));
        many.forEach(cid -> repeated.append(link(cid)));
        bad(EVENT.replace(PARENTS, repeated), "parent " + many.get(3) + " is repeated");
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("Ja", DOCUMENT, null, many));
    }

    @Test
    void documentsAreBoundedBothWays() {
        Encoded text = Encoded.of(new Value.Mapping(Map.of("t", new Value.Text("x".repeat(100)))));
        Limits fits = Limits.DEFAULT.toBuilder().documentBytes(text.size()).build();
        Limits tight = Limits.DEFAULT.toBuilder().documentBytes(text.size() - 1).build();
        Event event = Events.encode(Event.Type.PUT, "Ja", text, null, List.of(), fits);
        assertThat(Events.decode(event.block(), fits)).isEqualTo(event);
        refused(ErrorKind.LIMIT_EXCEEDED, () -> Events.decode(event.block(), tight));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> Events.encode(Event.Type.PUT, "Ja", text, null, List.of(), tight));
        refused(ErrorKind.LIMIT_EXCEEDED, () -> Encoded.of(text.value(), tight));
    }

    @Test
    void nothingIsWrittenThatWouldBeRefused() {
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("a", DOCUMENT, null, List.of()));
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("J\0", DOCUMENT, null, List.of()));
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("J\ud800", DOCUMENT, null, List.of()));
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("Ja", Encoded.NULL, null, List.of()));
        refused(ErrorKind.INVALID_ARGUMENT, () -> Events.put("Ja", Encoded.of(new Value.Int(1)), null, List.of()));
        refused(
                ErrorKind.INVALID_ARGUMENT,
                () -> Events.encode(Event.Type.DELETE, "Ja", DOCUMENT, null, List.of(), Limits.DEFAULT));
        refused(
                ErrorKind.INVALID_ARGUMENT,
                () -> Events.put("Ja", DOCUMENT, null, List.of(Cid.hash(Cid.RAW, new byte[0]))));
    }

    private static void refused(ErrorKind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private static Block block(String digits) {
        return Block.of(Cid.DAG_CBOR, hex(digits));
    }

    private static String link(Cid cid) {
        StringBuilder digits = new StringBuilder("d82a582500");
        for (byte b : cid.toByteArray()) {
            digits.append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
        }
        return digits.toString();
    }
}
