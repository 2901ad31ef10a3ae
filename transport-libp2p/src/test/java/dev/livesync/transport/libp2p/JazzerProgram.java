package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** What Jazzer runs in a process of its own. Its argument is one of the targets, {@code all}, or {@code planted}. */
public final class JazzerProgram {
    static final String ALL = "all";
    static final String PLANTED = "planted";

    private static Consumer<byte[]> target = input -> {};

    private JazzerProgram() {}

    /** Jazzer calls it once. */
    public static void fuzzerInitialize(String[] arguments) {
        target = switch (arguments[0]) {
            case ALL -> JazzerProgram::oneOfAll;
            case PLANTED -> input -> FuzzTarget.isRefused(() -> believesALength(input));
            default -> {
                FuzzTarget one = FuzzTarget.valueOf(arguments[0]);
                yield input -> one.isRefused(() -> new BytesInput(input));
            }
        };
    }

    /** Jazzer calls it for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        target.accept(input);
    }

    private static void oneOfAll(byte[] input) {
        FuzzTarget[] all = FuzzTarget.values();
        FuzzTarget one = all[new BytesInput(input).below(all.length)];
        one.isRefused(() -> {
            BytesInput rest = new BytesInput(input);
            rest.below(all.length);
            return rest;
        });
    }

    /** Behind a word that a fuzzer has to find out. */
    private static void believesALength(byte[] input) {
        ByteBuffer in = ByteBuffer.wrap(input).order(ByteOrder.BIG_ENDIAN);
        if (in.remaining() >= 8 && in.getInt() == 0x6c697665) {
            assertThat(new byte[in.getInt() & 0xff_ffff]).isNotNull();
        }
    }
}
