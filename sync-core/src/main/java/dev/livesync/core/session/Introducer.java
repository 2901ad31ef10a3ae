package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.SignallingTransport;

/** The transport that makes direct channels for sessions on relayed ones. Any thread. */
public interface Introducer {
    /** Introduces nobody. */
    Introducer NONE = new Introducer() {
        @Override
        public boolean introduces(String relayed) {
            return false;
        }

        @Override
        public String transport() {
            throw new IllegalStateException("there is none");
        }

        @Override
        public SignallingTransport open() {
            throw new IllegalStateException("there is none");
        }

        @Override
        public boolean enter() {
            return false;
        }

        @Override
        public void leave() {}
    };

    /**
     * Whether sessions over a transport look for a direct channel. Costs nothing, and is always the same.
     *
     * @param relayed a transport's id
     * @return true if its channels are relayed and there is a transport for direct ones
     */
    boolean introduces(String relayed);

    /**
     * The transport of the direct channels.
     *
     * @return its id
     */
    String transport();

    /**
     * Opens that transport, or returns it if it is open. May take a while.
     *
     * @return the transport; not the caller's to close
     * @throws SyncException if it does not open
     */
    SignallingTransport open();

    /**
     * Takes one of the places for introductions.
     *
     * @return false if all are taken
     */
    boolean enter();

    /** Gives a place back. */
    void leave();
}
