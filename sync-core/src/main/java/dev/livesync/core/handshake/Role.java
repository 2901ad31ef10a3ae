package dev.livesync.core.handshake;

/** Which end of an exchange. */
public enum Role {
    /** Who accepted or dialled; proves itself first. */
    ACCEPTOR("acceptor"),
    /** Who offered or listens. */
    PROPOSER("proposer");

    private final String word;

    Role(String word) {
        this.word = word;
    }

    /**
     * As it stands in hellos and proofs.
     *
     * @return the word
     */
    public String word() {
        return word;
    }

    /**
     * The end across.
     *
     * @return the other role
     */
    public Role other() {
        return this == ACCEPTOR ? PROPOSER : ACCEPTOR;
    }
}
