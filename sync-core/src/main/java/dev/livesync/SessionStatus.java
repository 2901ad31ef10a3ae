package dev.livesync;

/**
 * What a session is doing, for people and for tests. The labels are those of the alpha, where it has one for the state.
 *
 * <p>A status is a hint at one moment: it may be outdated when it is read, and states may be passed without being seen.
 * Programs that have to know whether data arrived wait for {@code backlog()}.
 */
public enum SessionStatus {
    /** Made, and nothing asked of it yet. */
    NEW("new"),
    /** Making an offer, or waiting for its answer. */
    OFFERING("offering"),
    /** Answering an offer. */
    ACCEPTING("accepting"),
    /** Waiting for the channel to open. */
    CONNECTING("connecting"),
    /** The channel is open; both ends are proving that they know the secret. */
    PROVING("proving"),
    /** Telling the peer what is stored here. */
    SENDING_CID_DIFF("sending cid diff"),
    /** Sending what the peer lacks. */
    SENDING_DIFF_CAR("sending diff car"),
    /** Sending changes as they happen. */
    SENDING_UPDATE_CAR("sending update car"),
    /** Storing what the peer sent. */
    PARKING_CAR("parking car"),
    /** The peer lacks nothing that is here. */
    FULL_SYNCED("full synced"),
    /** The peer has nothing that is not here. */
    OK("ok"),
    /** Ending in order. */
    CLOSING("closing"),
    /** Ended, in order or not. */
    DESTROYED("destroyed");

    private final String label;

    SessionStatus(String label) {
        this.label = label;
    }

    /**
     * The status as the alpha writes it.
     *
     * @return lower case words
     */
    public String label() {
        return label;
    }

    /** The {@linkplain #label label}. */
    @Override
    public String toString() {
        return label;
    }
}
