package dev.livesync.tck;

import java.util.Locale;

/**
 * The process's default locale, borrowed. Runs beside each other may each set one; the last that gives it back restores what was there before the
 * first.
 */
final class DefaultLocale implements AutoCloseable {
    private static int borrowers;
    private static Locale original = Locale.ROOT;

    private boolean open = true;

    private DefaultLocale() {}

    static DefaultLocale borrow() {
        synchronized (DefaultLocale.class) {
            if (borrowers++ == 0) {
                original = Locale.getDefault();
            }
        }
        return new DefaultLocale();
    }

    void set(String tag) {
        Locale.setDefault(Locale.forLanguageTag(tag));
    }

    @Override
    public void close() {
        synchronized (DefaultLocale.class) {
            if (open && --borrowers == 0) {
                Locale.setDefault(original);
            }
            open = false;
        }
    }
}
