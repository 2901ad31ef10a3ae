package dev.livesync.tck.standalone;

/** There is no verdict, for a reason that is no matter of the rules. The message is for the one who typed the command. */
final class NotRunException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotRunException(String message) {
        super(message);
    }
}
