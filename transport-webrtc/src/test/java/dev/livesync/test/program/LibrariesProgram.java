package dev.livesync.test.program;

import dev.livesync.transport.webrtc.Stubs;

/** Asks the linker for libraries, before and after one of them was replaced. */
public final class LibrariesProgram {
    private static final String NOWHERE = "liblivesync-test-nowhere.so.9";

    private LibrariesProgram() {}

    public static void main(String[] arguments) {
        say("libc.so.6");
        say(NOWHERE);
        Stubs.replace(NOWHERE);
        say(NOWHERE);
    }

    private static void say(String library) {
        System.out.println(library + (Stubs.isThere(library) ? " is there" : " is missing"));
    }
}
