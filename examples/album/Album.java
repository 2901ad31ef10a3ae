import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.attachments.Attachment;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;

/**
 * A photo album in a directory, shared with whoever has its address. Titles come at once, photos when they are looked at, or all of them.
 *
 * <pre>
 * Album ALBUM add PHOTO TITLE        puts a photo into it
 * Album ALBUM list                   says what is in it, and how much of each photo is here
 * Album ALBUM share                  prints an address, and serves until a line is entered
 * Album ALBUM visit ADDRESS          brings both albums to the same titles
 * Album ALBUM look ADDRESS ID FILE   fetches one photo, and no other
 * Album ALBUM copy ADDRESS           fetches all of them
 * </pre>
 */
public final class Album implements AutoCloseable {
    private static final String PREFIX = "photo-";

    private final Database database;

    private Album(Path directory) {
        database = Database.open(directory);
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 2) {
            throw new IllegalArgumentException("Album ALBUM add | list | share | visit | look | copy ...");
        }
        try (Album album = new Album(Path.of(args[0]))) {
            switch (args[1]) {
                case "add" -> album.add(Path.of(args[2]), args[3]);
                case "list" -> album.list();
                case "share" -> album.share();
                case "visit" -> album.visit(args[2]);
                case "look" -> album.look(args[2], args[3], Path.of(args[4]));
                case "copy" -> album.copy(args[2]);
                default -> throw new IllegalArgumentException("what is " + args[1] + "?");
            }
        }
    }

    /** The photo first, then the document that names it: nobody ever sees a title without a photo behind it. */
    private void add(Path file, String title) {
        Attachment photo = database.attachments().put(file, "image/jpeg");
        String id = PREFIX + photo.root().toString().substring(50); // the same photo is the same document
        database.put(id, Map.of("title", title, "image", photo.stub()));
        System.out.println(id);
    }

    private List<Document> photos() {
        return database.documents()
                .filter(document -> document.id().startsWith(PREFIX))
                .toList();
    }

    private static Attachment image(Document photo) {
        return Attachment.in(photo.value(), "image").orElseThrow();
    }

    private void list() {
        for (Document photo : photos()) {
            Attachment image = image(photo);
            long here = image.size() - database.attachments().missing(image);
            System.out.println(photo.id() + ": " + photo.toMap().get("title") + ", " + here + " of " + image.size()
                    + " bytes here");
        }
    }

    private void share() throws IOException {
        try (Sync sync = new Sync(database);
                Endpoint endpoint = sync.listen("ws://127.0.0.1:0/").join()) {
            System.out.println(endpoint.address());
            System.out.flush();
            int key = System.in.read();
            while (key >= 0 && key != '\n') {
                key = System.in.read();
            }
        }
    }

    private void visit(String address) {
        try (Sync sync = new Sync(database);
                Session session = sync.dial(address).join()) {
            session.awaitEqual().join();
        }
    }

    private void look(String address, String id, Path file) throws IOException {
        try (Sync sync = new Sync(database);
                Session session = sync.dial(address).join()) {
            session.backlog().join();
            Document photo = database.get(id).orElseThrow();
            try (InputStream image = database.attachments().open(image(photo))) {
                Files.copy(image, file, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** If it is cut off, the next one goes on where this one was. */
    private void copy(String address) {
        try (Sync sync = new Sync(database);
                Session session = sync.dial(address).join()) {
            session.fetchAttachments(true);
            session.awaitEqual().join();
            photos().forEach(photo -> database.attachments().fetch(image(photo)));
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
