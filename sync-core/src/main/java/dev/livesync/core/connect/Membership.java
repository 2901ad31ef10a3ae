package dev.livesync.core.connect;

import dev.livesync.core.session.SessionRunner;

/** What a listening address knows of the mesh that it belongs to. Any thread. */
public interface Membership {
    /** Of an address that belongs to none. */
    Membership NONE = new Membership() {
        @Override
        public String name() {
            return "";
        }

        @Override
        public void opened(SessionRunner session) {}
    };

    /**
     * Under which name this end is announced.
     *
     * @return empty as long as it has none
     */
    String name();

    /**
     * Called for each session of a caller at the address, when it has begun.
     *
     * @param session the session
     */
    void opened(SessionRunner session);
}
