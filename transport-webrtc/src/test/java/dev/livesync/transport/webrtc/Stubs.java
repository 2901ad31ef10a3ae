package dev.livesync.transport.webrtc;

import java.util.List;

/** Lets test programs in. */
public final class Stubs {
    private Stubs() {}

    public static List<String> linked() {
        return SystemLibraries.LINKED;
    }

    public static boolean isThere(String library) {
        return SystemLibraries.isThere(SystemLibraries.machine(), library);
    }

    public static void replace(String library) {
        SystemLibraries.replace(SystemLibraries.machine(), library);
    }
}
