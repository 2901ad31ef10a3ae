package dev.livesync.core.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import dev.livesync.grant.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What peers say in both dialects: what was read is written so that it is read as the same again. */
public final class MessageFuzz {
    private static final int MOST_CIDS = 6;
    private static final int MOST_HEADS = 4;
    private static final long SALT = 42;
    private static final Set<ErrorKind> TEXT = Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);

    private MessageFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                        "native-message", Set.of(ErrorKind.MALFORMED), MessageFuzz::binary, MessageFuzz::binaries),
                FuzzedReader.small("text-message", TEXT, MessageFuzz::text, MessageFuzz::texts)
                        .allocating(2_000));
    }

    private static void binary(byte[] input) {
        if (input.length == 0) {
            return;
        }
        WireMessage message = BinaryParser.parse(input);
        if (message instanceof WireMessage.Unknown) {
            assertThat((int) input[0]).isBetween(BinaryType.FREE, BinaryType.END - 1);
        } else if (message instanceof WireMessage.Begin begin) {
            assertThat(BinaryEncoding.INSTANCE
                            .begin(begin.kind(), begin.bytes())
                            .payload())
                    .isEqualTo(input);
        } else if (message instanceof WireMessage.Reconcile reconcile) {
            OutgoingMessage out = BinaryEncoding.reconciliation(reconcile.number(), reconcile.bytes());
            byte[] bytes = new byte[(int) out.size()];
            out.next(bytes, 0, bytes.length);
            assertThat(bytes).isEqualTo(input);
        } else if (message instanceof WireMessage.OneBlock one) {
            OutgoingMessage out = BinaryEncoding.block(one.block());
            byte[] bytes = new byte[(int) out.size()];
            out.next(bytes, 0, bytes.length);
            assertThat(bytes).isEqualTo(input);
        } else if (message instanceof WireMessage.Ok) {
            assertThat(input).containsExactly(BinaryType.OK);
        } else {
            byte[] written = BinaryEncoding.INSTANCE.control(message).payload();
            if (message instanceof WireMessage.Failure || message instanceof WireMessage.Refused) {
                // Words are made fit to be printed; then they stay.
                WireMessage again = BinaryParser.parse(written);
                assertThat(BinaryEncoding.INSTANCE.control(again).payload()).isEqualTo(written);
            } else {
                assertThat(written).isEqualTo(input);
            }
        }
    }

    private static List<byte[]> binaries() {
        List<byte[]> inputs = new ArrayList<>();
        for (WireMessage message : messages()) {
            inputs.add(BinaryEncoding.INSTANCE.control(message).payload());
        }
        inputs.add(BinaryEncoding.INSTANCE.begin(Message.Kind.BINARY, 100_000).payload());
        inputs.add(new byte[] {BinaryType.RECONCILE, 1, 1, 0, 0, 0, 0, 0});
        List<Cid> blocks = List.of(Cid.hash(Cid.RAW, new byte[1]), Cid.hash(Cid.DAG_CBOR, new byte[1]));
        inputs.add(BinaryEncoding.INSTANCE
                .control(new WireMessage.WantBlocks(blocks))
                .payload());
        inputs.add(BinaryEncoding.INSTANCE
                .control(new WireMessage.AbsentBlocks(blocks))
                .payload());
        inputs.add(BinaryEncoding.INSTANCE
                .control(new WireMessage.HaveBlocks(blocks))
                .payload());
        inputs.add(new byte[] {BinaryType.BLOCK, Cid.RAW, 1, 2, 3});
        return inputs;
    }

    private static List<WireMessage> messages() {
        Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[1]);
        return List.of(
                new WireMessage.Credit(4_194_304),
                new WireMessage.Ack(3, List.of(cid, Cid.hash(Cid.DAG_CBOR, new byte[2])), null),
                new WireMessage.Ack(3, null, ClockDigest.of(List.of(cid))),
                new WireMessage.Access(Rights.READ),
                new WireMessage.Refused(2, 1, cid, "not yours"),
                new WireMessage.Ping(7),
                new WireMessage.Failure("TIMEOUT", "too late"),
                new WireMessage.Bye());
    }

    /** In one piece and in two: the same message, or the same refusal. */
    private static void text(byte[] input) {
        Choices choices = new Choices(input);
        int cut = choices.octet();
        byte[] text = choices.rest();
        WireMessage message;
        try {
            message = parse(text, text.length);
        } catch (SyncException e) {
            try {
                parse(text, cut);
            } catch (SyncException other) {
                assertThat(other.kind()).isEqualTo(e.kind());
                throw e;
            }
            throw new AssertionError("taken in two pieces, and refused in one", e);
        }
        assertThat(shown(parse(text, cut))).isEqualTo(shown(message));
        if (message instanceof WireMessage.Diff diff) {
            assertThat(diff.cids().size()).isLessThanOrEqualTo(MOST_CIDS);
            assertThat(diff.clock().size()).isLessThanOrEqualTo(MOST_HEADS);
        } else if (message instanceof WireMessage.Ack
                || message instanceof WireMessage.Credit
                || message instanceof WireMessage.Ping
                || message instanceof WireMessage.Pong
                || message instanceof WireMessage.Access
                || message instanceof WireMessage.Bye) {
            if (message instanceof WireMessage.Ack ack && ack.whole() != null) {
                return; // its digest is any text; who compares it finds it another
            }
            byte[] written = TextEncoding.INSTANCE.control(message).payload();
            assertThat(shown(parse(written, written.length))).isEqualTo(shown(message));
        } else if (message instanceof WireMessage.Refused refused) {
            byte[] written = ControlText.refused(refused).payload();
            assertThat(ControlText.refused((WireMessage.Refused) parse(written, written.length))
                            .payload())
                    .isEqualTo(written);
        }
    }

    private static String shown(WireMessage message) {
        return message instanceof WireMessage.Diff diff
                ? diff.clock() + " " + diff.whole() + " " + diff.cids().size()
                : message.toString();
    }

    private static WireMessage parse(byte[] text, int cut) {
        TextParser parser = new TextParser(MOST_CIDS, MOST_HEADS, SALT);
        int first = Math.min(cut, text.length);
        parser.feed(text, 0, first);
        parser.feed(text, first, text.length - first);
        return parser.end();
    }

    private static List<byte[]> texts() {
        List<byte[]> inputs = new ArrayList<>();
        for (WireMessage message : messages()) {
            inputs.add(Seeds.before(9, TextEncoding.INSTANCE.control(message).payload()));
        }
        Cid cid = Cid.hash(Cid.DAG_CBOR, new byte[1]);
        DiffText diff = new DiffText(
                List.of(cid), ClockDigest.of(List.of(cid)), List.of(cid).iterator(), 1, () -> {});
        byte[] bytes = new byte[(int) diff.size()];
        diff.next(bytes, 0, bytes.length);
        inputs.add(Seeds.before(70, bytes));
        inputs.add(Seeds.before(2, ControlText.begin(Message.Kind.TEXT, 9).payload()));
        return inputs;
    }
}
