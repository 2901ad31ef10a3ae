package example.jakarta;

import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** For load balancers and supervisors: 200 while the database can be read. */
final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Database database;
    private final transient Sync sync;

    HealthServlet(Database database, Sync sync) {
        this.database = database;
        this.sync = sync;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setContentType("application/json;charset=UTF-8");
        try {
            response.getWriter()
                    .printf(
                            "{\"status\":\"UP\",\"documents\":%d,\"sessions\":%d}",
                            database.summary().documents(), sync.sessions().size());
        } catch (SyncException e) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            response.getWriter().print("{\"status\":\"DOWN\"}");
        }
    }
}
