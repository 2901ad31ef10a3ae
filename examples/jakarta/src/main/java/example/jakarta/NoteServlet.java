package example.jakarta;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One note for each path: PUT writes its JSON, GET reads it. */
final class NoteServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final int MOST = 64 << 10;

    private final transient Database database;

    NoteServlet(Database database) {
        this.database = database;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        Optional<Document> note = database.get(id(request));
        if (note.isPresent()) {
            response.setContentType("application/json;charset=UTF-8");
            response.getWriter().print(note.get().json());
        } else {
            response.setStatus(HttpServletResponse.SC_NOT_FOUND);
        }
    }

    @Override
    protected void doPut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MOST + 1);
        if (body.length > MOST) {
            response.setStatus(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
            return;
        }
        try {
            database.put(id(request), new String(body, StandardCharsets.UTF_8));
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        } catch (SyncException e) {
            response.setStatus(
                    e.kind() == ErrorKind.INVALID_ARGUMENT
                            ? HttpServletResponse.SC_BAD_REQUEST
                            : HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            response.setContentType("text/plain;charset=UTF-8");
            response.getWriter().println(e.getMessage());
        }
    }

    private static String id(HttpServletRequest request) {
        String path = request.getPathInfo();
        return path == null ? "" : path.substring(1);
    }
}
