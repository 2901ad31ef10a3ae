package dev.livesync.transport.webrtc;

/** Lets test programs in. */
public final class Stubs {
    private Stubs() {}

    public static boolean isThere(String library) {
        return SystemLibraries.isThere(SystemLibraries.machine(), library);
    }

    public static void replace(String library) {
        SystemLibraries.replace(SystemLibraries.machine(), library);
    }
}
