package dev.livesync.transport.libp2p;

/** What a fuzzer chooses: the bytes that a stranger sends, and what happens to be between them. */
interface FuzzInput {
    boolean flag();

    /** At least 0 and less than the bound. */
    int below(int bound);

    long number();

    /** Some bytes, perhaps none. */
    byte[] bytes();

    /** So many. */
    byte[] bytes(int count);
}
