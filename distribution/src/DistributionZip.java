import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Makes the zip: a Java runtime that has the command's modules in it, an archive of their classes as the JVM maps them, manual pages, completion and a
 * checksum. The same sources and the same JDK make the same bytes, wherever and whenever. Run with {@code java}, by {@code mvn -Pdist package}.
 */
public final class DistributionZip {
    private static final Instant TIME = Instant.parse("2025-01-01T00:00:00Z");
    private static final String MAIN = "dev.livesync.cli/dev.livesync.cli.Main";

    private static final Pattern PROXY = Pattern.compile("\\$Proxy[0-9]");

    private final Path root;
    private final String version;
    private final Path work;
    private final Path modules;
    private final Path content;
    private final Path runtime;

    private DistributionZip(Path root, String version, Path target) {
        this.root = root;
        this.version = version;
        this.work = target.resolve("work");
        this.modules = work.resolve("modules");
        this.content = work.resolve("livesync-" + version);
        this.runtime = content.resolve("runtime");
    }

    /** The project's directory, its version, and where to put the zip. */
    public static void main(String[] args) throws Exception {
        TimeZone.setDefault(TimeZone.getTimeZone("UTC")); // a zip has local times
        Path target = Path.of(args[2]);
        new DistributionZip(Path.of(args[0]), args[1], target).make(target);
    }

    private void make(Path target) throws Exception {
        delete(work);
        Files.createDirectories(modules);
        Files.createDirectories(content.resolve("bin"));
        Set<String> names = explicitModules(root.resolve("sync-cli/target/app"));
        link(names);
        run(List.of(), runtime("bin/java"), "-m", "dev.livesync.cli/dev.livesync.cli.CommandPages", content, version);
        launcher();
        licences();
        archive();
        String name = "livesync-" + version + "-" + platform() + ".zip";
        Path zip = target.resolve(name);
        zip(zip);
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(zip)));
        Files.writeString(target.resolve(name + ".sha256"), sum + "  " + name + "\n");
        System.out.println(zip + ": " + Files.size(zip) + " bytes, SHA-256 " + sum);
    }

    private static String platform() {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).replaceAll("[^a-z].*", "");
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        return system + "-" + (machine.equals("amd64") ? "x64" : machine);
    }

    private Path runtime(String path) {
        return runtime.resolve(path);
    }

    /** Copies the jars; jlink takes no automatic modules, so each of those gets a descriptor that says what it was. */
    private Set<String> explicitModules(Path app) throws Exception {
        Set<String> names = new TreeSet<>();
        Set<ModuleReference> found = ModuleFinder.of(app).findAll();
        for (ModuleReference module : found) {
            Path jar = Path.of(module.location().orElseThrow());
            String name = module.descriptor().name();
            if (name.equals("com.google.auto.service")) {
                continue; // for compilers
            }
            names.add(name);
            Files.copy(jar, modules.resolve(name + ".jar"));
        }
        for (ModuleReference module : found) {
            if (module.descriptor().isAutomatic() && names.contains(module.descriptor().name())) {
                describe(module.descriptor(), requiredByPackagesOf(module.descriptor()));
            }
        }
        for (ModuleReference module : found) {
            if (module.descriptor().name().equals("webrtc.java")) {
                describe(module.descriptor(), requiredByWebRtc(names));
            }
        }
        return names;
    }

    /** What its classes name of the JDK, and the logging that our libraries have in common; without java.desktop, as below. */
    private Set<String> requiredByPackagesOf(ModuleDescriptor module) {
        Set<String> required = new TreeSet<>();
        if (!module.packages().isEmpty()) {
            StringWriter named = new StringWriter();
            int code = ToolProvider.findFirst("jdeps").orElseThrow().run(new PrintWriter(named), new PrintWriter(System.err), "--multi-release", "base", "--ignore-missing-deps",
                    "--print-module-deps", modules.resolve(module.name() + ".jar").toString());
            if (code != 0) {
                throw new IllegalStateException("jdeps of " + module.name() + " failed with " + code);
            }
            required.add("org.slf4j");
            required.addAll(List.of(named.toString().strip().split(",")));
            required.removeAll(List.of("", "java.base", "java.desktop"));
        }
        return required;
    }

    /**
     * Nothing requires the module of webrtc-java's native library, so it would be in the runtime and not be found. What it requires itself is java.desktop, for
     * the size of a captured window, which nobody here asks for: a third of the runtime, with libraries that a server doesn't have.
     */
    private static Set<String> requiredByWebRtc(Set<String> names) {
        return names.stream().filter(name -> name.startsWith("webrtc.") && !name.equals("webrtc.java")).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Gives a module a descriptor that exports all packages. */
    private void describe(ModuleDescriptor module, Set<String> required) throws Exception {
        Path scratch = Files.createDirectories(work.resolve("descriptors").resolve(module.name()));
        Path jar = modules.resolve(module.name() + ".jar");
        Path bare = scratch.resolve("bare.jar");
        Files.move(jar, bare);
        StringBuilder source = new StringBuilder("module " + module.name() + " {\n");
        required.forEach(name -> source.append("requires ").append(name).append(";\n"));
        new TreeSet<>(module.packages()).forEach(name -> source.append("exports ").append(name).append(";\n"));
        module.provides().stream().sorted().forEach(service ->
                source.append("provides ").append(service.service()).append(" with ").append(String.join(", ", service.providers())).append(";\n"));
        Path file = Files.writeString(scratch.resolve("module-info.java"), source.append("}\n"));
        tool("javac", "-nowarn", "-p", modules, "--patch-module", module.name() + "=" + bare, "-d", scratch.resolve("out"), file);
        Files.copy(bare, jar);
        List<Object> update = new ArrayList<>(List.of("--update", "--file", jar));
        module.rawVersion().ifPresent(known -> update.addAll(List.of("--module-version", known)));
        update.addAll(List.of("-C", scratch.resolve("out"), "module-info.class"));
        tool("jar", update.toArray());
    }

    private void link(Set<String> names) {
        tool(
                "jlink",
                "-p",
                modules,
                "--add-modules",
                String.join(",", names) + ",jdk.crypto.ec",
                "--no-header-files",
                "--no-man-pages",
                "--strip-java-debug-attributes",
                // It runs code to see which classes that takes, and comes out differently one time in four.
                "--disable-plugin",
                "generate-jli-classes",
                "--output",
                runtime);
    }

    private void launcher() throws IOException {
        String script = Files.readString(root.resolve("distribution/src/livesync"));
        // Older ones know neither the option nor the warning that it prevents.
        String natives = Runtime.version().feature() < 22 ? "" : "--enable-native-access=webrtc.java";
        Path file = Files.writeString(content.resolve("bin/livesync"), script.replace("@NATIVE@", natives));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Ours, and those that came in the jars. */
    private void licences() throws IOException {
        for (String name : List.of("LICENSE", "NOTICE")) {
            Files.copy(root.resolve(name), content.resolve(name));
        }
        try (Stream<Path> jars = Files.list(modules)) {
            for (Path jar : jars.sorted().toList()) {
                String module = jar.getFileName().toString().replace(".jar", "");
                if (!module.startsWith("dev.livesync")) {
                    licences(jar, content.resolve("legal").resolve(module));
                }
            }
        }
    }

    private static void licences(Path jar, Path directory) throws IOException {
        try (FileSystem files = FileSystems.newFileSystem(jar);
                Stream<Path> all = Files.walk(files.getPath("/"), 3)) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.toUpperCase(Locale.ROOT).matches("(LICENSE|NOTICE|COPYING)[^/]*") && !name.endsWith(".class")) {
                    Files.createDirectories(directory);
                    Files.copy(file, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    /**
     * The classes that commands load, seen by running some in another process, and all of ours. What differs from process to process, proxies by name, is left out. An
     * archive has an address of the process in it that made it, which is always the same where the system doesn't randomize.
     */
    private void archive() throws Exception {
        Path scratch = Files.createDirectories(work.resolve("training"));
        Set<String> classes = new TreeSet<>();
        Path seen = scratch.resolve("seen.classes");
        run(
                List.of(),
                runtime("bin/java"),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-XX:DumpLoadedClassList=" + seen,
                "-m",
                "dev.livesync.cli/dev.livesync.cli.Rehearsal",
                scratch.resolve("database"));
        try (Stream<String> lines = Files.lines(seen)) {
            lines.filter(line -> !line.startsWith("#") && !PROXY.matcher(line).find()).forEach(classes::add);
        }
        try (Stream<Path> jars = Files.list(modules)) {
            for (Path jar : jars.filter(file -> file.getFileName().toString().startsWith("dev.livesync")).sorted().toList()) {
                try (FileSystem files = FileSystems.newFileSystem(jar);
                        Stream<Path> all = Files.walk(files.getPath("/dev"))) {
                    all.map(Path::toString)
                            .filter(name -> name.endsWith(".class"))
                            .map(name -> name.substring(1, name.length() - ".class".length()))
                            .forEach(classes::add);
                }
            }
        }
        Path list = Files.write(scratch.resolve("all.classes"), classes);
        List<?> unrandomized = unrandomized();
        Path loaded = scratch.resolve("loaded");
        for (int i = 0; i < 100; i++) {
            Files.deleteIfExists(loaded);
            run(
                    unrandomized,
                    runtime("bin/java"),
                    "-Xint", // compilers have threads of their own
                    "-Xshare:dump",
                    "-Xlog:cds=error",
                    "-Xlog:cds+heap=error",
                    "-Xlog:class+load:file=" + loaded + ":tid",
                    "-XX:SharedClassListFile=" + list,
                    "-XX:SharedArchiveFile=" + runtime("lib/livesync.jsa"),
                    "-m",
                    MAIN);
            if (hasOneThread(loaded)) {
                return;
            }
        }
        throw new IllegalStateException("a thread of the JVM's comes in between each time");
    }

    /** What to put before a command so that its addresses are the same each time; nothing where that isn't there or isn't allowed, as in some containers. */
    private List<?> unrandomized() throws IOException, InterruptedException {
        List<Path> setarch = List.of(Path.of("/usr/bin/setarch"), Path.of("-R"));
        if (!Files.isExecutable(setarch.get(0))) {
            return List.of();
        }
        try {
            run(setarch, "/bin/true");
            return setarch;
        } catch (IllegalStateException e) {
            System.out.println("without setarch -R this archive of classes is like no other: " + e.getMessage());
            return List.of();
        }
    }

    /** Whether one thread loaded all classes: then they lie in the archive in its order. The finalizer's may come first with one of them. */
    private static boolean hasOneThread(Path loaded) throws IOException {
        try (Stream<String> lines = Files.lines(loaded)) {
            return lines.filter(line -> line.contains(" source: ")).map(line -> line.substring(0, line.indexOf(']'))).distinct().count() == 1;
        }
    }

    /** All in order, with one time and plain permissions. */
    private void zip(Path zip) throws IOException {
        Files.deleteIfExists(zip);
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(content)) {
            all.forEach(file -> files.put(work.relativize(file).toString().replace(File.separatorChar, '/'), file));
        }
        FileTime time = FileTime.from(TIME);
        try (FileSystem out = FileSystems.newFileSystem(
                URI.create("jar:" + zip.toUri()), Map.of("create", "true", "enablePosixFileAttributes", "true"))) {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                Path entry = out.getPath("/" + file.getKey());
                boolean directory = Files.isDirectory(file.getValue());
                if (directory) {
                    Files.createDirectory(entry);
                } else {
                    // jlink makes links of licences that are the same.
                    Files.copy(file.getValue(), entry);
                }
                boolean runs = directory || Files.isExecutable(file.getValue()) && Files.getPosixFilePermissions(file.getValue()).toString().contains("OWNER_EXECUTE");
                Files.setPosixFilePermissions(entry, PosixFilePermissions.fromString(runs ? "rwxr-xr-x" : "rw-r--r--"));
                Files.getFileAttributeView(entry, BasicFileAttributeView.class).setTimes(time, time, time);
            }
        }
    }

    private static void tool(String name, Object... arguments) {
        String[] line = Stream.of(arguments).map(Object::toString).toArray(String[]::new);
        int code = ToolProvider.findFirst(name).orElseThrow().run(System.out, System.err, line);
        if (code != 0) {
            throw new IllegalStateException(name + " " + List.of(line) + " failed with " + code);
        }
    }

    private void run(List<?> before, Object... command) throws IOException, InterruptedException {
        List<String> line = Stream.concat(before.stream(), Stream.of(command)).map(Object::toString).collect(Collectors.toList());
        Path output = work.resolve("output");
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().clear(); // another time zone or language would load other classes
        builder.environment().put("TZ", "UTC");
        Process process = builder.start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(line + " failed: " + Files.readString(output));
        }
    }

    private static void delete(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (Stream<Path> all = Files.walk(directory)) {
                for (Path file : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(file);
                }
            } catch (UncheckedIOException e) {
                throw e.getCause();
            }
        }
    }
}
