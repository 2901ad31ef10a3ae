package dev.livesync.api.internal;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What of a channel's {@code remote()} stays the same however often its caller comes back: the address without its port, and of IPv6
 * the first 64 bits, since everybody has as many addresses as there are below those. An identity does not count: whoever has none makes one.
 */
public final class CallerAddress {
    private static final Pattern MULTIADDR = Pattern.compile("/(ip4|ip6|dns[46]?)/([^/]+)/.*");
    private static final Pattern BRACKETED = Pattern.compile("\\[([^]]+)](:[0-9]+)?/?");
    private static final Pattern PORT = Pattern.compile("[:#][0-9]+/?$");
    private static final int PREFIX_GROUPS = 4;

    private CallerAddress() {}

    /**
     * The address to count by.
     *
     * @param remote as a transport states it; in a form that nobody here knows, all of it counts but a number at its end
     * @return the same for all that counts as one address
     */
    public static String of(String remote) {
        Matcher multiaddr = MULTIADDR.matcher(remote.substring(Math.max(0, remote.indexOf('/'))));
        if (multiaddr.matches()) {
            return network(multiaddr.group(2));
        }
        Matcher bracketed = BRACKETED.matcher(remote);
        return bracketed.matches()
                ? network(bracketed.group(1))
                : PORT.matcher(remote).replaceFirst("");
    }

    /** An IPv6 address as its first groups, whichever way it is written; others as they are. */
    private static String network(String host) {
        String address = host.toLowerCase(Locale.ROOT);
        int zone = address.indexOf('%');
        if (zone >= 0) {
            address = address.substring(0, zone);
        }
        if (address.indexOf(':') < 0 || address.indexOf('.') >= 0) {
            return address;
        }
        int gap = address.indexOf("::");
        String[] before = groups(gap < 0 ? address : address.substring(0, gap));
        String[] after = groups(gap < 0 ? "" : address.substring(gap + 2));
        StringBuilder prefix = new StringBuilder();
        for (int i = 0; i < PREFIX_GROUPS; i++) {
            int fromEnd = i - (2 * PREFIX_GROUPS - after.length);
            String group = i < before.length ? before[i] : fromEnd >= 0 ? after[fromEnd] : "0";
            prefix.append(group.replaceFirst("^0+(?=.)", "")).append(':');
        }
        return prefix.append(":/64").toString();
    }

    private static String[] groups(String text) {
        return text.isEmpty() ? new String[0] : text.split(":", -1);
    }
}
