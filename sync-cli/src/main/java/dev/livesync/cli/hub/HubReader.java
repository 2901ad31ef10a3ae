package dev.livesync.cli.hub;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.cli.hub.HubConfiguration.DrainSettings;
import dev.livesync.cli.hub.HubConfiguration.Entry;
import dev.livesync.cli.hub.HubConfiguration.GrantEntry;
import dev.livesync.cli.hub.HubConfiguration.Group;
import dev.livesync.cli.hub.HubConfiguration.PageEntry;
import dev.livesync.cli.hub.HubConfiguration.SessionSettings;
import dev.livesync.cli.hub.HubConfiguration.StoreEntry;
import dev.livesync.cli.hub.HubConfiguration.TransportSettings;
import dev.livesync.cli.hub.HubSettings.DatabaseSettings;
import dev.livesync.cli.hub.HubSettings.DrainFields;
import dev.livesync.cli.hub.HubSettings.GrantSettings;
import dev.livesync.cli.hub.HubSettings.GroupSettings;
import dev.livesync.cli.hub.HubSettings.Libp2pSettings;
import dev.livesync.cli.hub.HubSettings.LimitSettings;
import dev.livesync.cli.hub.HubSettings.MemberSettings;
import dev.livesync.cli.hub.HubSettings.PageSettings;
import dev.livesync.cli.hub.HubSettings.WebSocketSettings;
import dev.livesync.grant.Rights;
import dev.livesync.group.SyncGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Reads a hub's configuration: JSON, with comments and a comma too many where people leave one. Each failure names the file, the line and the field, and says
 * what would be right. A field that there isn't is a failure, too: it may be a limit that somebody relies on.
 */
final class HubReader {
    private static final int MAX_BYTES = 1 << 20;
    /** As long as kept peers take to leave at most. */
    private static final int MAX_DRAIN_SECONDS = 600;

    private static final int MAX_NAME = 255;
    private static final Pattern HOST_AND_PORT = Pattern.compile("(?:(\\[[0-9A-Fa-f:.%]+]|[^:\\[\\]]+):)?([0-9]{1,5})");
    private static final Pattern SCHEME = Pattern.compile("(/[a-z0-9]+/.*|[a-z][a-z0-9+.-]*:.*)");
    private static final Pattern STORE = Pattern.compile("(jdbc:)?postgresql://[^@\\s]+");
    private static final Pattern PASSWORD = Pattern.compile("[?&](ssl)?password=", Pattern.CASE_INSENSITIVE);
    private static final Pattern ORIGIN = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[^/?#*\\s]+");

    /** How Jackson's messages name the place where something began. */
    private static final Pattern STARTING_AT =
            Pattern.compile("\\(for \\w+ starting at \\[Source: .*?line: (\\d+), column: \\d+]\\)");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_JAVA_COMMENTS, JsonReadFeature.ALLOW_TRAILING_COMMA)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .build();

    private final Path file;
    private final SettingLines lines;

    /** Databases of stores: two entries would be one replica, and the end of one the end of both. */
    private final Set<String> stored = new HashSet<>();

    private HubReader(Path file, SettingLines lines) {
        this.file = file;
        this.lines = lines;
    }

    /**
     * Reads a file.
     *
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if it can't be used
     */
    static HubConfiguration read(Path file) {
        String text;
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new SyncException(ErrorKind.CONFIGURATION, file + " is too long for a configuration");
            }
            text = Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "cannot read " + file + ": " + Reason.of(e), e);
        }
        try {
            HubSettings settings = MAPPER.readValue(text, HubSettings.class);
            if (settings == null) {
                throw new SyncException(ErrorKind.CONFIGURATION, file + ", line 1: null is no configuration");
            }
            return new HubReader(file, new SettingLines(MAPPER, text)).configuration(settings);
        } catch (JsonProcessingException e) {
            throw wrong(file, text, e);
        }
    }

    private static SyncException wrong(Path file, String text, JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        int line = location == null ? 1 : location.getLineNr();
        String field = "";
        if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            field = ", " + field(mapping.getPath());
            if (!(e.getCause() instanceof JsonParseException)) {
                // Where the parser has got to when it notices is not where it is.
                line = new SettingLines(MAPPER, text).of(pointer(mapping.getPath()));
            }
        }
        return new SyncException(ErrorKind.CONFIGURATION, file + ", line " + line + field + ": " + what(e), e);
    }

    private static String pointer(List<JsonMappingException.Reference> path) {
        return path.stream()
                .map(reference ->
                        "/" + (reference.getFieldName() == null ? reference.getIndex() : reference.getFieldName()))
                .collect(Collectors.joining());
    }

    private static String what(JsonProcessingException e) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            String known = unknown.getKnownPropertyIds().stream()
                    .map(String::valueOf)
                    .sorted()
                    .collect(Collectors.joining(", "));
            return "there is no such field; there are " + known;
        }
        if (String.valueOf(e.getOriginalMessage()).startsWith("Trailing token")) {
            return "something follows the end of the configuration";
        }
        if (e instanceof MismatchedInputException mismatch && mismatch.getTargetType() != null) {
            return "expected is " + kind(mismatch.getTargetType());
        }
        return STARTING_AT.matcher(String.valueOf(e.getOriginalMessage())).replaceAll("(it begins in line $1)");
    }

    private static String kind(Class<?> type) {
        if (type == String.class) {
            return "a text";
        }
        if (type == Boolean.class) {
            return "true or false";
        }
        if (type == Integer.class || type == Long.class) {
            return "a whole number";
        }
        return List.class.isAssignableFrom(type) ? "a list: [ ... ]" : "an object: { ... }";
    }

    private static String field(List<JsonMappingException.Reference> path) {
        StringBuilder text = new StringBuilder();
        for (JsonMappingException.Reference reference : path) {
            if (reference.getFieldName() == null) {
                text.append('[').append(reference.getIndex()).append(']');
            } else {
                text.append(text.isEmpty() ? "" : ".").append(reference.getFieldName());
            }
        }
        return text.toString();
    }

    private SyncException bad(String pointer, String what) {
        return new SyncException(ErrorKind.CONFIGURATION, where(pointer) + ": " + what);
    }

    private String where(String pointer) {
        String field = pointer.isEmpty()
                ? ""
                : ", "
                        + pointer.substring(1)
                                .replaceAll("/([0-9]+)(?=/|$)", "[$1]")
                                .replace('/', '.');
        return file + ", line " + lines.of(pointer) + field;
    }

    private HubConfiguration configuration(HubSettings settings) {
        List<@Nullable DatabaseSettings> databases = settings.databases() == null ? List.of() : settings.databases();
        if (databases.isEmpty() && settings.group() == null) {
            throw bad(
                    "/databases",
                    "name at least one database: \"databases\": [{\"directory\": ..., \"listen\": [...]}]");
        }
        List<Entry> entries = new ArrayList<>();
        Set<Path> directories = new HashSet<>();
        int n = 0;
        for (DatabaseSettings database : databases) {
            String at = "/databases/" + n++;
            Entry entry = entry(at, present(at, database));
            if (!directories.add(entry.directory())) {
                throw bad(at + "/directory", "this directory is there twice; give one entry all of its addresses");
            }
            entries.add(entry);
        }
        return new HubConfiguration(
                List.copyOf(entries),
                Optional.ofNullable(settings.group()).map(group -> group("/group", group, directories)),
                Optional.ofNullable(settings.health()).map(health -> address("/health", health)),
                Optional.ofNullable(settings.blocks()).map(blocks -> address("/blocks", blocks)),
                drain(settings.drain()));
    }

    private DrainSettings drain(@Nullable DrainFields drain) {
        return drain == null
                ? DrainSettings.NONE
                : new DrainSettings(
                        seconds("/drain/noticeSeconds", drain.noticeSeconds()),
                        seconds("/drain/leaveSeconds", drain.leaveSeconds()));
    }

    private Duration seconds(String at, @Nullable Integer number) {
        if (number != null && (number < 0 || number > MAX_DRAIN_SECONDS)) {
            throw bad(at, "a number from 0 to " + MAX_DRAIN_SECONDS);
        }
        return Duration.ofSeconds(number == null ? 0 : number);
    }

    private Group group(String at, GroupSettings group, Set<Path> directories) {
        Map<String, @Nullable MemberSettings> databases = group.databases() == null ? Map.of() : group.databases();
        if (databases.isEmpty()) {
            throw bad(at + "/databases", "name at least one database: \"databases\": {NAME: {\"directory\": ...}}");
        }
        if (databases.size() > SyncGroup.MAX_DATABASES) {
            throw bad(at + "/databases", "at most " + SyncGroup.MAX_DATABASES + " databases share addresses");
        }
        List<String> listen = listen(at, group.listen());
        TransportSettings transports = transports(at, group.websocket(), group.libp2p());
        Map<String, Entry> members = new TreeMap<>();
        databases.forEach((name, settings) -> {
            String here = at + "/databases/" + name;
            if (name.isEmpty() || name.length() > MAX_NAME) {
                throw bad(here, "a name has 1 to " + MAX_NAME + " characters");
            }
            MemberSettings member = present(here, settings);
            Path directory = path(here + "/directory", present(here + "/directory", member.directory()));
            if (!directories.add(directory)) {
                throw bad(here + "/directory", "this directory is there twice; a database has one name");
            }
            members.put(
                    name,
                    new Entry(
                            where(here),
                            directory,
                            listen,
                            Optional.empty(),
                            Optional.ofNullable(member.grants()).map(grants -> grants(here + "/grants", grants)),
                            Optional.ofNullable(member.page()).map(page -> page(here + "/page", page)),
                            sessions(here, member.page() != null, member.attachments(), transports, member.limits()),
                            store(
                                    here,
                                    new StoreFields(member.store(), member.reads(), member.database()),
                                    member.directory())));
        });
        return new Group(where(at), listen, transports, Collections.unmodifiableMap(members));
    }

    private PageEntry page(String at, PageSettings page) {
        Path directory = path(at + "/directory", present(at + "/directory", page.directory()));
        if (!Files.isRegularFile(directory.resolve("index.html"))) {
            throw bad(at + "/directory", "no page at " + directory + ": it has no index.html");
        }
        Integer port = page.port();
        if (port != null && (port < 0 || port > 0xffff)) {
            throw bad(at + "/port", "a port: 1 to 65535, or 0 for a free one");
        }
        return new PageEntry(
                where(at),
                directory,
                Optional.ofNullable(port),
                path(at + "/secretFile", present(at + "/secretFile", page.secretFile())));
    }

    private Entry entry(String at, DatabaseSettings database) {
        List<String> listen = listen(at, database.listen());
        return new Entry(
                where(at),
                path(at + "/directory", present(at + "/directory", database.directory())),
                listen,
                optionalPath(at + "/secretFile", database.secretFile()),
                Optional.ofNullable(database.grants()).map(grants -> grants(at + "/grants", grants)),
                Optional.ofNullable(database.page()).map(page -> page(at + "/page", page)),
                sessions(
                        at,
                        Boolean.TRUE.equals(database.alphas()) || database.page() != null,
                        database.attachments(),
                        transports(at, database.websocket(), database.libp2p()),
                        database.limits()),
                store(
                        at,
                        new StoreFields(database.store(), database.reads(), database.database()),
                        database.directory()));
    }

    /** What is said of a store. */
    private record StoreFields(
            @Nullable String store,
            @Nullable String reads,
            @Nullable String database) {}

    private Optional<StoreEntry> store(String at, StoreFields fields, @Nullable String directory) {
        String url = fields.store;
        String name = fields.database;
        if (url == null) {
            if (fields.reads != null) {
                throw bad(at + "/reads", "where a store's standbys are, which isn't named");
            }
            if (name != null) {
                throw bad(at + "/database", "the name of a database in a store, which isn't named");
            }
            return Optional.empty();
        }
        requireAddress(at + "/store", url, "primary");
        if (fields.reads != null) {
            requireAddress(at + "/reads", fields.reads, "preferSecondary");
        }
        String database = name != null
                ? name
                : String.valueOf(path(at + "/directory", present(at + "/directory", directory))
                        .getFileName());
        if (!stored.add(url.replaceFirst("\\?.*", "") + " " + database)) {
            throw bad(
                    at + "/store",
                    "database " + database + " of this store is there twice; give one entry all of its addresses");
        }
        return Optional.of(new StoreEntry(url, Optional.ofNullable(fields.reads), database));
    }

    private void requireAddress(String at, String url, String target) {
        if (!STORE.matcher(url).matches()) {
            throw bad(at, "an address such as postgresql://n1,n2,n3/livesync?targetServerType=" + target);
        }
        if (PASSWORD.matcher(url).find()) {
            throw bad(at, "no secrets in here; put the password into ~/.pgpass, and the user into the address");
        }
    }

    private List<String> listen(String at, @Nullable List<@Nullable String> addresses) {
        List<String> listen = texts(at + "/listen", addresses);
        if (listen.isEmpty()) {
            throw bad(at + "/listen", "say where to listen, such as [\"ws://127.0.0.1:9000/\"]");
        }
        for (int i = 0; i < listen.size(); i++) {
            String address = listen.get(i);
            if (!SCHEME.matcher(address).matches()) {
                throw bad(
                        at + "/listen/" + i,
                        "not an address such as ws://127.0.0.1:9000/ or libp2p:/ip4/127.0.0.1/tcp/9000");
            }
            if (address.indexOf('#') >= 0) {
                throw bad(at + "/listen/" + i, "no secrets in here; put it into a file and name that with secretFile");
            }
            if (listen.indexOf(address) < i) {
                throw bad(at + "/listen/" + i, "this address is there twice");
            }
        }
        return listen.stream()
                .map(address -> address.startsWith("/") ? "libp2p:" + address : address)
                .toList();
    }

    private List<GrantEntry> grants(String at, Map<String, @Nullable GrantSettings> grants) {
        List<GrantEntry> entries = new ArrayList<>();
        new TreeMap<>(grants).forEach((name, settings) -> {
            String here = at + "/" + name;
            GrantSettings grant = present(here, settings);
            Set<PeerIdentity> peers = new HashSet<>();
            for (String peer : texts(here + "/peers", grant.peers())) {
                int colon = peer.indexOf(':');
                if (colon < 1) {
                    throw bad(here + "/peers", "an identity is such as libp2p:12D3KooW...");
                }
                peers.add(new PeerIdentity(peer.substring(0, colon), peer.substring(colon + 1)));
            }
            if (grant.secretFile() == null && peers.isEmpty()) {
                throw bad(
                        here,
                        "name the file with its secret as secretFile, which is made if there is none; or peers that need none");
            }
            entries.add(new GrantEntry(
                    where(here),
                    name,
                    rights(here + "/rights", grant.rights()),
                    optionalPath(here + "/secretFile", grant.secretFile()),
                    Optional.ofNullable(grant.expires()).map(end -> instant(here + "/expires", end)),
                    Set.copyOf(peers)));
        });
        return List.copyOf(entries);
    }

    private Rights rights(String at, @Nullable String text) {
        if (text == null) {
            return Rights.READ_WRITE;
        }
        return switch (text) {
            case "read-write" -> Rights.READ_WRITE;
            case "read-only" -> Rights.READ;
            case "write-only" -> Rights.WRITE;
            case "read-write-erase" -> Rights.READ_WRITE_ERASE;
            default -> throw bad(at, "one of read-write, read-only, write-only, read-write-erase");
        };
    }

    private Instant instant(String at, String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw bad(at, "a time such as 2030-12-31T00:00:00Z");
        }
    }

    private TransportSettings transports(
            String at, @Nullable WebSocketSettings socket, @Nullable Libp2pSettings libp2p) {
        List<String> origins = socket == null ? List.of() : texts(at + "/websocket/origins", socket.origins());
        for (int i = 0; i < origins.size(); i++) {
            if (!ORIGIN.matcher(origins.get(i)).matches()) {
                throw bad(
                        at + "/websocket/origins/" + i,
                        "an origin is a scheme and a host, such as https://app.example");
            }
        }
        Optional<Path> keystore =
                socket == null ? Optional.empty() : optionalPath(at + "/websocket/keystore", socket.keystore());
        Optional<Path> password = socket == null
                ? Optional.empty()
                : optionalPath(at + "/websocket/keystorePasswordFile", socket.keystorePasswordFile());
        if (keystore.isPresent() != password.isPresent()) {
            throw bad(at + "/websocket", "keystore and keystorePasswordFile go together");
        }
        return new TransportSettings(
                socket != null && Boolean.TRUE.equals(socket.plaintext()),
                Set.copyOf(origins),
                keystore,
                password,
                positive(at + "/websocket/maxConnections", socket == null ? null : socket.maxConnections()),
                libp2p == null ? Optional.empty() : optionalPath(at + "/libp2p/identityFile", libp2p.identityFile()));
    }

    private SessionSettings sessions(
            String at,
            boolean alphas,
            @Nullable Boolean attachments,
            TransportSettings transports,
            @Nullable LimitSettings limits) {
        return new SessionSettings(
                alphas,
                Boolean.TRUE.equals(attachments),
                transports,
                positive(at + "/limits/sessionsPerGrant", limits == null ? null : limits.sessionsPerGrant()),
                positive(at + "/limits/maxDocumentBytes", limits == null ? null : limits.maxDocumentBytes()),
                positive(at + "/limits/transitBytes", limits == null ? null : limits.transitBytes()),
                positive(at + "/limits/heartbeatSeconds", limits == null ? null : limits.heartbeatSeconds()));
    }

    private <T extends Number> Optional<T> positive(String at, @Nullable T number) {
        if (number != null && number.longValue() < 1) {
            throw bad(at, "a number of at least 1");
        }
        return Optional.ofNullable(number);
    }

    private <T> T present(String at, @Nullable T value) {
        if (value == null) {
            throw bad(at, "this is missing");
        }
        return value;
    }

    private List<String> texts(String at, @Nullable List<@Nullable String> list) {
        List<String> texts = new ArrayList<>();
        if (list != null) {
            int n = 0;
            for (String text : list) {
                texts.add(present(at + "/" + n++, text));
            }
        }
        return texts;
    }

    private Optional<Path> optionalPath(String at, @Nullable String name) {
        return Optional.ofNullable(name).map(text -> path(at, text));
    }

    /** A path, relative ones from the folder that the file is in. */
    private Path path(String at, String name) {
        if (name.isEmpty()) {
            throw bad(at, "this is empty; name a path");
        }
        try {
            return file.toAbsolutePath().resolveSibling(name).normalize();
        } catch (InvalidPathException e) {
            throw bad(at, "no path: " + Reason.of(e));
        }
    }

    private InetSocketAddress address(String at, String text) {
        Matcher matcher = HOST_AND_PORT.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 0xffff) {
            throw bad(
                    at,
                    "a port, which only this machine reaches, or an address of this machine and a port: 127.0.0.1:9180");
        }
        int port = Integer.parseInt(matcher.group(2));
        String host = matcher.group(1);
        InetSocketAddress address = host == null
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), port)
                : new InetSocketAddress(host, port);
        if (address.isUnresolved()) {
            throw bad(at, "there is no machine of this name");
        }
        return address;
    }
}
