package dev.livesync.tck;

/** What the kit has fail in the middle of a commit. */
final class PlantedFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PlantedFailure() {
        super("planted by the kit");
    }
}
