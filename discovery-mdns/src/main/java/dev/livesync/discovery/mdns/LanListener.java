package dev.livesync.discovery.mdns;

/** Hears what a link brings. Any thread; returns at once, never throws. */
interface LanListener {
    /**
     * A service is there, or says something else.
     *
     * @param label which of the link's services
     * @param text its TXT record, of any length and content; not changed any more
     */
    void heard(String label, byte[] text);

    /**
     * A service is not there any more.
     *
     * @param label as heard, or not
     */
    void gone(String label);
}
