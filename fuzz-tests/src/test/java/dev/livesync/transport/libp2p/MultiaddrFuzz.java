package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import dev.livesync.transport.support.libp2p.MessageDecoder;
import dev.livesync.transport.support.libp2p.Multiaddr;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Multiaddrs with peer ids, and messages behind their lengths. What else libp2p reads is {@code JazzerTest}'s in its own module. */
public final class MultiaddrFuzz {
    private static final String PEER = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
    private static final int MOST = 1_000;

    private MultiaddrFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                        "multiaddr",
                        Set.of(ErrorKind.CONFIGURATION, ErrorKind.MALFORMED),
                        MultiaddrFuzz::address,
                        () -> Seeds.texts(
                                "/ip4/127.0.0.1/tcp/4001",
                                "libp2p:/dns4/example.org/tcp/4001/p2p/" + PEER,
                                "/ip6/::1/tcp/0/ipfs/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")),
                FuzzedReader.small(
                        "libp2p-messages",
                        Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED),
                        MultiaddrFuzz::messages,
                        () -> List.of(Seeds.of(5, 6, "{text}", 0x81, 1, "x".repeat(129)))));
    }

    private static void address(byte[] input) {
        Multiaddr<PeerId> address = Multiaddr.parse(new String(input, StandardCharsets.UTF_8), PeerId::parse);
        assertThat(Multiaddr.parse(address.toString(), PeerId::parse)).isEqualTo(address);
        PeerId peer = address.peer();
        if (peer != null) {
            assertThat(PeerId.parse(peer.toString())).isEqualTo(peer);
        }
    }

    /** In pieces of any size the same messages. */
    private static void messages(byte[] input) {
        Choices choices = new Choices(input);
        int piece = 1 + choices.octet();
        byte[] bytes = choices.rest();
        List<Message> whole = new ArrayList<>();
        List<Message> pieces = new ArrayList<>();
        try {
            decode(bytes, Math.max(1, bytes.length), whole);
        } finally {
            try {
                decode(bytes, piece, pieces);
            } catch (dev.livesync.api.SyncException e) {
                assertThat(e.kind()).isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
            }
            assertThat(pieces).hasSameSizeAs(whole);
            for (int i = 0; i < whole.size(); i++) {
                assertThat(pieces.get(i).kind()).isEqualTo(whole.get(i).kind());
                assertThat(pieces.get(i).payload()).isEqualTo(whole.get(i).payload());
                assertThat(whole.get(i).size()).isLessThanOrEqualTo(MOST);
            }
        }
    }

    private static void decode(byte[] bytes, int size, List<Message> messages) {
        MessageDecoder decoder = new MessageDecoder(MOST);
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(size, bytes.length - at);
            int taken = decoder.receive(bytes, at, count);
            assertThat(taken).isPositive();
            at += taken;
            Message message = decoder.take();
            if (message != null) {
                messages.add(message);
            }
        }
    }
}
