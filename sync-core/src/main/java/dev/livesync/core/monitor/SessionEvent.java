package dev.livesync.core.monitor;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A session, from its opening to its end. */
@Name("dev.livesync.Session")
@Label("Session")
@Category("LiveSync")
@Description("A session with one peer, from its opening to its end")
@StackTrace(false)
final class SessionEvent extends Event {
    @Label("Session")
    String session = "";

    @Label("Transport")
    String transport = "";

    @Label("Peer")
    String peer = "";

    @Label("Grant")
    String grant = "";

    @Label("Outcome")
    @Description("CLOSED, or the kind of what ended it")
    String outcome = "";

    @Label("Bytes Sent")
    @DataAmount
    long bytesSent;

    @Label("Bytes Received")
    @DataAmount
    long bytesReceived;

    @Label("Events Sent")
    long eventsSent;

    @Label("Events Committed")
    long eventsCommitted;
}
