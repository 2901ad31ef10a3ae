package dev.livesync.grant;

/** What somebody may do with a database at the other end of a session. */
public enum Rights {
    /** Gets all changes, and may make none: what is sent is refused before it is stored. */
    READ("read"),
    /** May send changes, and learns nothing of what is there: no document, no CID, not even whether there are any. */
    WRITE("write"),
    /** Both. */
    READ_WRITE("read and write"),
    /** Both, and to erase for good what documents name. Without it, what would erase something is refused as an {@link Authorizer} refuses. */
    READ_WRITE_ERASE("read, write and erase");

    private final String label;

    Rights(String label) {
        this.label = label;
    }

    /**
     * Whether changes may be read.
     *
     * @return true if so
     */
    public boolean canRead() {
        return this != WRITE;
    }

    /**
     * Whether changes may be sent.
     *
     * @return true if so
     */
    public boolean canWrite() {
        return this != READ;
    }

    /**
     * Whether contents may be erased.
     *
     * @return true if so
     */
    public boolean canErase() {
        return this == READ_WRITE_ERASE;
    }

    /**
     * The rights in words.
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
