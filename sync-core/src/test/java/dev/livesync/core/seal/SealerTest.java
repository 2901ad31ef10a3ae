package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.api.transport.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sealed messages, and what somebody on the way can do to them. */
class SealerTest {
    private static final byte[] THERE = new byte[CipherState.KEY_BYTES];
    private static final byte[] BACK = new byte[CipherState.KEY_BYTES];

    static {
        THERE[0] = 1;
        BACK[0] = 2;
    }

    private static CipherState cipher(byte[] key) {
        return new CipherState(Aead.AES_GCM, key);
    }

    private static Opener opener() {
        return new Opener("the peer's address", cipher(THERE));
    }

    private static Message random(Random random) {
        byte[] content = new byte[random.nextInt(3) == 0 ? random.nextInt(5_000) : random.nextInt(40)];
        random.nextBytes(content);
        return new Message(random.nextBoolean() ? Message.Kind.TEXT : Message.Kind.BINARY, content);
    }

    private static List<Message> seal(List<Message> messages, byte[] key) {
        Sealer sealer = new Sealer(cipher(key));
        List<Message> sealed = new ArrayList<>();
        messages.forEach(message -> sealed.add(sealer.seal(message)));
        sealed.add(sealer.end());
        return sealed;
    }

    /** Opens messages until one is refused; answers how many were opened. Each of those has to be the one that was sealed there. */
    private static int opened(List<Message> original, List<Message> sealed) {
        Opener opener = opener();
        int opened = 0;
        for (Message message : sealed) {
            Message plain;
            try {
                plain = opener.open(message);
            } catch (SyncException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
                assertThat(e.getMessage())
                        .contains("message " + (opened + 1) + " of")
                        .contains("the peer's address");
                assertThat(opener.ended()).isEqualTo(opened == original.size() + 1);
                // From then on everything is refused, what is right included.
                for (Message any : sealed) {
                    assertThat(catchThrowableOfType(SyncException.class, () -> opener.open(any))
                                    .kind())
                            .isEqualTo(ErrorKind.AUTHENTICATION);
                }
                return opened;
            }
            if (plain == null) {
                assertThat(opened).isEqualTo(original.size());
            } else {
                assertThat(plain.kind()).isEqualTo(original.get(opened).kind());
                assertThat(plain.payload()).isEqualTo(original.get(opened).payload());
            }
            opened++;
        }
        return opened;
    }

    @Test
    void whatIsDoneOnTheWayIsNoticedAtTheMessageToWhichItWasDone() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            List<Message> original = new ArrayList<>();
            for (int n = 2 + random.nextInt(8); n > 0; n--) {
                original.add(random(random));
            }
            List<Message> sealed = seal(original, THERE);
            String described = "seed " + seed + ", round " + round;
            assertThat(opened(original, sealed)).as(described).isEqualTo(sealed.size());
            int at = random.nextInt(sealed.size());
            List<Message> changed = new ArrayList<>(sealed);
            int expected = at;
            switch (random.nextInt(8)) {
                case 0 ->
                    changed.set(
                            at,
                            flip(sealed.get(at), random.nextInt(sealed.get(at).size() * 8)));
                case 1 -> {
                    int other = random.nextInt(sealed.size() - 1);
                    other += other >= at ? 1 : 0;
                    changed.set(at, sealed.get(other));
                    changed.set(other, sealed.get(at));
                    expected = Math.min(at, other);
                }
                case 2 -> changed.add(at, sealed.get(random.nextInt(sealed.size())));
                case 3 ->
                    changed.set(
                            at,
                            Message.binary(Arrays.copyOf(
                                    sealed.get(at).payload(),
                                    random.nextInt(sealed.get(at).size()))));
                case 4 ->
                    changed.set(
                            at,
                            Message.binary(Arrays.copyOf(
                                    sealed.get(at).payload(), sealed.get(at).size() + 1 + random.nextInt(20))));
                case 5 -> changed.set(at, seal(original, BACK).get(at));
                case 6 ->
                    changed.set(
                            at, new Message(Message.Kind.TEXT, sealed.get(at).payload()));
                default -> {
                    changed.remove(at);
                    changed.add(random(random)); // the last one may be the one that is missing
                }
            }
            if (changed.get(expected).payload() == sealed.get(expected).payload()
                    && changed.get(expected).kind() == Message.Kind.BINARY) {
                expected++; // it was put before itself: the repeat is the second one
            }
            assertThat(opened(original, changed)).as(described).isEqualTo(expected);
        }
    }

    private static Message flip(Message message, int bit) {
        byte[] bytes = message.payload().clone();
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        return Message.binary(bytes);
    }

    @Test
    void everyBitOfAMessageCounts() {
        List<Message> original = List.of(Message.text("first"), Message.text("{\"clock\":[],\"cids\":[]}"));
        List<Message> sealed = seal(original, THERE);
        for (int bit = 0; bit < sealed.get(1).size() * 8; bit++) {
            List<Message> changed = new ArrayList<>(sealed);
            changed.set(1, flip(sealed.get(1), bit));
            assertThat(opened(original, changed)).as("bit %d", bit).isEqualTo(1);
        }
    }

    @Test
    void whatIsReflectedIsNoticed() {
        Sealer ours = new Sealer(cipher(BACK));
        assertThat(opened(List.of(), List.of(ours.seal(Message.text("ours"))))).isZero();
    }

    @Test
    void aConnectionThatClosesBeforeTheEndWasCutOff() {
        List<Message> sealed = seal(List.of(Message.text("first")), THERE);
        Opener opener = opener();
        opener.open(sealed.get(0));
        SyncException cut = catchThrowableOfType(SyncException.class, opener::requireEnd);
        assertThat(cut.kind()).isEqualTo(ErrorKind.DISCONNECTED);
        assertThat(cut.getMessage()).contains("the peer's address");
        assertThat(opener.ended()).isFalse();
        assertThat(opener.open(sealed.get(1))).isNull();
        assertThat(opener.ended()).isTrue();
        assertThatCode(opener::requireEnd).doesNotThrowAnyException();
    }

    @Test
    void nothingComesAfterTheEnd() {
        Sealer sealer = new Sealer(cipher(THERE));
        sealer.end();
        assertThatThrownBy(() -> sealer.seal(Message.text("more"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(sealer::end).isInstanceOf(IllegalStateException.class);
        // A peer that doesn't keep to it.
        CipherState cipher = cipher(THERE);
        Message end = Message.binary(cipher.encrypt(new byte[0], SealedType.END.code()));
        Message more = Message.binary(cipher.encrypt(new byte[0], SealedType.TEXT.code()));
        assertThat(opened(List.of(), List.of(end, more))).isEqualTo(1);
    }

    @Test
    void onlyTheTypesThatThereAreAreTaken() {
        for (int code = 0; code < 256; code++) {
            Message empty = Message.binary(cipher(THERE).encrypt(new byte[0], (byte) code));
            Message one = Message.binary(cipher(THERE).encrypt(new byte[1], (byte) code));
            boolean data = code == SealedType.TEXT.code() || code == SealedType.BINARY.code();
            boolean end = code == SealedType.END.code();
            assertThat(isTaken(empty)).as("type %d", code).isEqualTo(data || end);
            assertThat(isTaken(one)).as("type %d with content", code).isEqualTo(data);
        }
    }

    @Test
    void somethingSealedThatHasNoTypeIsRefused() {
        assertThat(isTaken(Message.binary(cipher(THERE).encrypt(new byte[0], new byte[0]))))
                .isFalse();
    }

    private static boolean isTaken(Message message) {
        try {
            opener().open(message);
            return true;
        } catch (SyncException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
            return false;
        }
    }

    @Test
    void theLongestMessageOfAChannelIsUsedToTheLastByte() {
        int channel = 262_144;
        byte[] content = new byte[Sealer.maxMessageBytes(channel)];
        Message sealed = new Sealer(cipher(THERE)).seal(Message.binary(content));
        assertThat(sealed.size()).isEqualTo(channel);
        assertThat(opener().open(sealed).payload()).isEqualTo(content);
        assertThat(Sealer.maxMessageBytes(5)).isZero();
    }

    @Test
    void erasedKeysAreOfNoUse() {
        Seals seals = new Seals(new Sealer(cipher(THERE)), opener());
        Message sealed = seals.sealer().seal(Message.text("x"));
        seals.destroy();
        seals.destroy();
        assertThatThrownBy(() -> seals.sealer().seal(Message.text("x"))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> seals.opener().open(sealed)).isInstanceOf(IllegalStateException.class);
    }
}
