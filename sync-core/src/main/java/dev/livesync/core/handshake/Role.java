package dev.livesync.core.handshake;

/** The two ends of an exchange. */
public enum Role {
    /** The end that accepted or dialled. It proves itself first. */
    ACCEPTOR("acceptor"),
    /** The end that offered or listens. */
    PROPOSER("proposer");

    private final String word;

    Role(String word) {
        this.word = word;
    }

    /**
     * The role's name in hellos and proofs.
     *
     * @return the word
     */
    public String word() {
        return word;
    }

    /**
     * The other end's role.
     *
     * @return the other role
     */
    public Role other() {
        return this == ACCEPTOR ? PROPOSER : ACCEPTOR;
    }
}
