package dev.livesync.cli.control;

import org.jspecify.annotations.Nullable;

/** What a frame on the control socket says. */
enum FrameType {
    /** The client's first: protocol, version. */
    HELLO(1),
    /** What to run: arguments, whether to print stack traces. */
    RUN(2),
    /** The answer to the holder's last question. */
    ANSWER(3),
    /** The holder's last question failed: kind and message. */
    FAILURE(4),
    /** The client was asked to end. */
    INTERRUPT(5),
    /** The holder's first: protocol, version, what it runs, its process. */
    WELCOME(16),
    /** The holder doesn't run this: why. Its last. */
    REFUSED(17),
    /** Bytes for standard output; no answer. */
    OUT(18),
    /** Bytes for standard error; no answer. */
    ERR(19),
    /** The exit code. The holder's last. */
    EXIT(20),
    /** So many bytes of standard input at most; the answer is bytes, none at its end. */
    READ(21),
    /** Whether an output is a terminal. */
    TERMINAL(22),
    /** Whether a file exists. */
    EXISTS(23),
    /** A file to read; the answer is a number for it and its size. */
    OPEN(24),
    /** So many bytes of an open file at most; the answer is bytes, none at its end. */
    FETCH(25),
    /** A file to write; the answer is a number for it. */
    CREATE(26),
    /** Bytes for such a file. */
    WRITE(27),
    /** Puts it in its place. */
    KEEP(28),
    /** Closes a file. */
    CLOSE(29);

    final byte code;

    FrameType(int code) {
        this.code = (byte) code;
    }

    /** The type of a code; null if there is none. */
    static @Nullable FrameType of(byte code) {
        for (FrameType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }
}
