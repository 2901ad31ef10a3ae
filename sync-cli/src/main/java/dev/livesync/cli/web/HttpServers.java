package dev.livesync.cli.web;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * Makes the HTTP servers of this process. The JDK reads their settings once, when the first one is made, so they are the same for all;
 * those that the command line sets stay. Any thread.
 */
public final class HttpServers {
    static {
        // Whoever says nothing, or takes nothing, keeps no thread.
        setIfAbsent("sun.net.httpserver.maxReqTime", "5");
        setIfAbsent("sun.net.httpserver.maxRspTime", "60");
        // Else the end of each answer waits until the client has acknowledged the rest: 40 ms.
        setIfAbsent("sun.net.httpserver.nodelay", "true");
    }

    private HttpServers() {}

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    /**
     * A server that isn't started.
     *
     * @param address where
     * @return the server
     * @throws IOException if the address can't be had, a {@link java.net.BindException} if it is taken
     */
    public static HttpServer create(InetSocketAddress address) throws IOException {
        return HttpServer.create(address, 0);
    }
}
