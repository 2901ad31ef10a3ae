package dev.livesync.spring;

import jakarta.websocket.Session;
import org.apache.tomcat.websocket.WsSession;
import org.springframework.util.ClassUtils;

/** Stops and continues reading from one connection. The Jakarta API has no word for it, Tomcat has. */
final class ContainerReading {
    private static final boolean TOMCAT =
            ClassUtils.isPresent("org.apache.tomcat.websocket.WsSession", ContainerReading.class.getClassLoader());

    private ContainerReading() {}

    static boolean isSupported() {
        return TOMCAT;
    }

    /** False if this container can't. */
    static boolean suspend(Session session) {
        return TOMCAT && Tomcat.suspend(session);
    }

    static void resume(Session session) {
        if (TOMCAT) {
            Tomcat.resume(session);
        }
    }

    /** Loaded where Tomcat is. */
    private static final class Tomcat {
        static boolean suspend(Session session) {
            if (session instanceof WsSession own) {
                own.suspend();
                return true;
            }
            return false;
        }

        static void resume(Session session) {
            if (session instanceof WsSession own) {
                own.resume();
            }
        }
    }
}
