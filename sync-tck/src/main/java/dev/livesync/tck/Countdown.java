package dev.livesync.tck;

/** Fails at one look of many. */
final class Countdown implements Runnable {
    private int looks;

    Countdown(int looks) {
        this.looks = looks;
    }

    boolean isOver() {
        return looks <= 0;
    }

    @Override
    public void run() {
        if (--looks == 0) {
            throw new PlantedFailure();
        }
    }
}
