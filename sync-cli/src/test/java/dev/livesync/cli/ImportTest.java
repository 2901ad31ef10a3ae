package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.car.CarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What people hand to {@code import}: what is plainly meant is taken, and what isn't taken is named in one line. */
@SuppressWarnings("StringConcatToTextBlock") // where a line ends is part of the input
class ImportTest {
    private static final String A = "{\"_id\":\"a\",\"n\":1}";
    private static final String B = "{\"_id\":\"b\",\"n\":2}";

    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db = Path.of("");

    @BeforeEach
    void name() {
        db = directory.resolve("db");
    }

    private Path shipped(String name) throws IOException {
        try (InputStream in = ImportTest.class.getResourceAsStream("fixtures/" + name)) {
            return Files.write(
                    directory.resolve(name), Objects.requireNonNull(in, name).readAllBytes());
        }
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private List<String> exported() {
        return shell.lines("export", db);
    }

    /** Imports standard input and gives the one line that says why that failed. */
    private String refusal(byte[] input) {
        assertThat(shell.input(input).run("import", db, "-")).isEqualTo(1);
        assertThat(shell.err()).startsWith("livesync: standard input").hasLineCount(1);
        return shell.err().strip();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"utf16le.ndjson", "utf16be.ndjson", "utf16le-no-bom.ndjson", "bulk-docs.json", "zipped.ndjson.gz"
            })
    void takesWhatIsPlainlyTwoDocuments(String name) throws IOException {
        assertThat(shell.lines("import", db, shipped(name))).containsExactly("2 documents stored in " + db);
        assertThat(shell.err()).isEmpty();
        assertThat(exported()).containsExactly(A, B);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pretty.json", "all-docs.json"})
    void takesWhatIsPlainlyOneDocument(String name) throws IOException {
        assertThat(shell.lines("import", db, shipped(name))).containsExactly("1 document stored in " + db);
        assertThat(exported()).containsExactly(A);
    }

    @Test
    void namesLatin1() throws IOException {
        Path file = shipped("latin1.ndjson");
        assertThat(shell.run("import", db, file)).isEqualTo(1);
        assertThat(shell.err())
                .startsWith("livesync: " + file + ", line 1, column 22: not UTF-8")
                .contains("Latin-1")
                .hasLineCount(1);
    }

    @Test
    void namesACarOfVersion2WithoutEvents() throws IOException {
        Path file = shipped("v2.car");
        assertThat(shell.run("import", db, file)).isEqualTo(1);
        assertThat(shell.err())
                .startsWith("livesync: " + file + ": ")
                .contains("CAR version 2")
                .contains("no event")
                .hasLineCount(1);
        assertThat(shell.lines("status", db)).contains("blocks 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void aCutLineIsNamedByItsNumber(String end) throws IOException {
        String text = new String(Files.readAllBytes(shipped("cut.ndjson")), StandardCharsets.UTF_8);
        String line = refusal(utf8(text.replace("\r\n", end)));
        assertThat(line).contains("standard input, line 3, column 1: it ends in the middle of a record");
        assertThat(exported()).containsExactly("{\"_id\":\"1\"}", "{\"_id\":\"2\"}");
    }

    @Test
    void aNumberIsNamedByItsPlaceInTheFile() throws IOException {
        Path file = shipped("far.ndjson");
        assertThat(shell.run("import", db, file)).isEqualTo(1);
        assertThat(shell.err())
                .startsWith("livesync: " + file + ", line 3, column 44: ")
                .contains("beyond the range of 64-bit floats");
        assertThat(exported()).hasSize(2);
    }

    @Test
    void aLoneSurrogateInAKeyIsTakenAsByPut() throws IOException {
        assertThat(shell.lines("import", db, shipped("surrogate-in-key.ndjson")))
                .containsExactly("1 document stored in " + db);
        assertThat(shell.err()).contains("1 document").contains("line 1").hasLineCount(1);
        assertThat(exported()).containsExactly("{\"_id\":\"a\",\"k\ufffd\":1}");
        shell.lines("import", db, shipped("surrogate-in-value.ndjson"));
        assertThat(exported()).containsExactly("{\"_id\":\"a\",\"t\":\"x\ufffd\"}");
        shell.lines("put", db, "a", "{\"k\\udc00\":1}");
        assertThat(shell.err()).hasLineCount(1);
        assertThat(exported()).containsExactly("{\"_id\":\"a\",\"k\ufffd\":1}");
    }

    @Test
    void longIdsCountForTheBatch() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 30; i++) {
            lines.append("{\"_id\":\"").append("y".repeat(1_000_000)).append(i).append("\",\"n\":1}\n");
        }
        assertThat(shell.input(lines.toString()).lines("import", db, "-"))
                .containsExactly("30 documents stored in " + db);
    }

    @Test
    void largeDocumentsAreBatchedByWhatTheyTakeWhenEncoded() {
        String large = "\"t\":\"" + "é".repeat(4_000_000) + "\"}\n";
        String lines =
                "{\"_id\":\"1\"}\n{\"_id\":\"2\"," + large + "{\"_id\":\"3\"," + large + "{\"_id\":\"4\"," + large;
        assertThat(shell.input(lines).lines("import", db, "-")).containsExactly("4 documents stored in " + db);
    }

    @Test
    void whatIsThereAlreadyIsNotWrittenAgain() {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            lines.append("{\"_id\":\"")
                    .append(i)
                    .append("\",\"b\":[1.5,{\"x\":null}],\"a\":")
                    .append(i)
                    .append("}\n");
        }
        shell.input(lines.toString()).lines("import", db, "-");
        List<String> status = shell.lines("status", db);
        assertThat(status).contains("events 20");
        assertThat(shell.input(lines.toString()).lines("import", "--ack", db, "-"))
                .hasSize(21)
                .last()
                .isEqualTo("0 documents stored in " + db + ", 20 unchanged");
        assertThat(shell.lines("status", db)).isEqualTo(status);
        Path export = directory.resolve("export");
        shell.lines("export", db);
        shell.input(shell.out()).lines("import", db, "-");
        assertThat(shell.lines("status", db)).isEqualTo(status);
        assertThat(export).doesNotExist();
    }

    @Test
    void theLastOfEqualIdsCountsEvenIfItIsThereAlready() {
        shell.input(A).lines("import", db, "-");
        shell.input(A + "\n{\"_id\":\"a\",\"n\":5}\n" + A + "\n").lines("import", db, "-");
        assertThat(exported()).containsExactly(A);
        shell.input(A + "\n{\"_id\":\"a\",\"n\":5}\n").lines("import", db, "-");
        assertThat(exported()).containsExactly("{\"_id\":\"a\",\"n\":5}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE", "UTF-8"})
    void takesUnicodeWithAMarkAndWithout(String charset) {
        String text = "[" + A + ",\r\n{\"_id\":\"é😀\",\"t\":\"ÿ日本\"}]\r\n";
        for (String start : List.of("\ufeff", "")) {
            for (String format : List.of(text, "\r\n" + text, A + "\n{\"_id\":\"é😀\",\"t\":\"ÿ日本\"}")) {
                byte[] bytes = (start + format).getBytes(Charset.forName(charset));
                shell.input(bytes).lines("import", db, "-");
                assertThat(exported()).containsExactly(A, "{\"_id\":\"é😀\",\"t\":\"ÿ日本\"}");
            }
        }
    }

    @Test
    void gzipOfAnythingIsTaken() throws IOException {
        byte[] utf16 = ("\ufeff" + A + "\n" + B).getBytes(StandardCharsets.UTF_16LE);
        shell.input(gzip(utf16)).lines("import", db, "-");
        assertThat(exported()).containsExactly(A, B);
        Path car = directory.resolve("all.car");
        shell.lines("export", db, "--car", car);
        Path other = directory.resolve("other");
        assertThat(shell.input(gzip(Files.readAllBytes(car))).lines("import", other, "-"))
                .containsExactly("2 events stored in " + other);
    }

    @Test
    void cutGzipIsNamedAndWhatCameBeforeIsStored() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            lines.append("{\"_id\":\"").append(i).append("\"}\n");
        }
        byte[] whole = gzip(utf8(lines.toString()));
        String line = refusal(java.util.Arrays.copyOf(whole, whole.length / 2));
        assertThat(line).contains("gzip").contains("cut off").contains("before it stored");
        assertThat(exported()).hasSizeGreaterThan(1_000);
    }

    @ParameterizedTest(name = "{1}")
    @CsvSource({
        "504b0304140000,zip",
        "fd377a585a0000,xz",
        "28b52ffd000000,zstd",
        "425a68393141592653,bzip2",
        "377abcaf271c,7z",
        "04224d18,lz4",
        "255044462d,PDF",
        "3c3f786d6c,XML",
        "3c21444f4354,XML or HTML",
        "53514c69746520666f726d6174203300,SQLite",
        "16000000075f696400aaaaaaaaaaaaaaaaaaaaaaaa00,BSON",
        "89504e470d0a1a0a,neither JSON nor a CAR",
        "6e616d652c6167650a,neither JSON nor a CAR"
    })
    void namesWhatIsNotTaken(String hex, String what) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        assertThat(refusal(bytes)).contains(what);
        assertThat(db).doesNotExist();
    }

    @Test
    void prettyDocumentsFollowEachOther() {
        shell.input("{\n  \"_id\": \"a\",\n  \"n\": 1\n}\n{\r\n  \"_id\": \"b\",\r\n  \"n\": 2\r\n}\r\n")
                .lines("import", db, "-");
        assertThat(exported()).containsExactly(A, B);
    }

    @Test
    void aSecondValueOnALineIsNamed() {
        assertThat(refusal(utf8(A + "\n" + B + " " + A + "\n")))
                .contains("line 2, column " + (B.length() + 2) + ": a second value begins on the same line");
        assertThat(exported()).containsExactly(A, B);
    }

    @Test
    void couchDbsBulkDocumentsAndRowsAreTaken() {
        shell.input("{\"docs\": [\n " + A + ",\n {\"_id\":\"b\",\"_rev\":\"2-abc\",\"n\":2}],\"new_edits\":false}\n")
                .lines("import", db, "-");
        assertThat(shell.err()).contains("_rev").contains("1 record").hasLineCount(1);
        assertThat(exported()).containsExactly(A, B);
        assertThat(shell.input(
                                "{\"total_rows\":2,\"offset\":0,\"rows\":[\n"
                                        + "{\"id\":\"a\",\"key\":\"a\",\"value\":{\"rev\":\"1-x\"},\"doc\":{\"_id\":\"a\",\"_rev\":\"1-x\",\"n\":1}},\n"
                                        + "{\"id\":\"b\",\"key\":\"b\",\"value\":{\"rev\":\"3-x\",\"deleted\":true},\"doc\":null}\n]}\n")
                        .lines("import", db, "-"))
                .containsExactly("0 documents stored in " + db + ", 1 deleted, 1 unchanged");
        assertThat(exported()).containsExactly(A);
    }

    @Test
    void rowsWithoutDocumentsAreNamed() {
        String line = refusal(utf8("{\"total_rows\":1,\"offset\":0,\"rows\":[\n"
                + "{\"id\":\"a\",\"key\":\"a\",\"value\":{\"rev\":\"1-x\"}}\n]}\n"));
        assertThat(line).contains("line 2, column 1: ").contains("include_docs=true");
    }

    @Test
    void aDocumentWithAFieldNamedDocsStaysOne() {
        String one = "{\"_id\":\"a\",\"docs\":[{\"n\":1}]}";
        String other = "{\"_id\":\"b\",\"docs\":[1],\"rows\":[]}";
        shell.input(one + "\n" + other).lines("import", db, "-");
        assertThat(exported()).containsExactly(one, other);
        assertThat(refusal(utf8("{\"docs\":[{\"_id\":\"c\"}],\"title\":\"x\"}")))
                .contains("line 1, column 23: ")
                .contains("\"docs\"");
    }

    @Test
    void deletedIsADeleteAndStubsAreLeftOutWithAWord() {
        shell.input(A + "\n" + B).lines("import", db, "-");
        assertThat(shell.input("{\"_id\":\"a\",\"_rev\":\"2-0a\",\"_deleted\":true}\n"
                                + "{\"_id\":\"none\",\"_deleted\":true}\n"
                                + "{\"_id\":\"b\",\"n\":2,\"_attachments\":{\"x.png\":{\"stub\":true,\"length\":7}}}\n")
                        .lines("import", db, "-"))
                .containsExactly("0 documents stored in " + db + ", 1 deleted, 2 unchanged");
        assertThat(shell.err()).contains("_rev").contains("_attachments").hasLineCount(1);
        assertThat(exported()).containsExactly(B);
        String whole =
                "{\"_id\":\"c\",\"_attachments\":{\"x\":{\"content_type\":\"text/plain\",\"data\":\"eA==\"}},\"_rev\":\"mine\"}";
        shell.input(whole).lines("import", db, "-");
        assertThat(shell.err()).isEmpty();
        assertThat(exported())
                .containsExactly(
                        B,
                        whole.replace(
                                "\"_attachments\":{\"x\":{\"content_type\":\"text/plain\",\"data\":\"eA==\"}},\"_rev\":\"mine\"",
                                "\"_rev\":\"mine\",\"_attachments\":{\"x\":{\"data\":\"eA==\",\"content_type\":\"text/plain\"}}"));
    }

    @Test
    void idsOfMongoExportAreTaken() {
        shell.input(
                        "{\"_id\":{\"$oid\":\"5f1a2b3c4d5e6f7081920a1b\"},\"n\":1}\n"
                                + "{\"_id\":{\"$numberLong\":\"9007199254740993\"},\"at\":{\"$date\":\"2026-01-01T00:00:00Z\"}}\n")
                .lines("import", db, "-");
        assertThat(exported())
                .containsExactly(
                        "{\"_id\":\"5f1a2b3c4d5e6f7081920a1b\",\"n\":1}",
                        "{\"_id\":\"9007199254740993\",\"at\":{\"$date\":\"2026-01-01T00:00:00Z\"}}");
        assertThat(refusal(utf8("{\"_id\":{\"x\":1}}"))).contains("line 1, column 8: an id is");
    }

    @Test
    void whatJavaScriptWouldChangeIsCountedInOneLine() {
        shell.input(
                        "{\"_id\":\"a\",\"n\":[1,9007199254740993]}\n{\"_id\":\"b\",\"n\":0.1,\"e\":1e21,\"z\":-0,\"o\":1.0}\n"
                                + "{\"_id\":\"c\",\"n\":0.1000000000000000055511}\n{\"_id\":\"d\",\"k\":1,\"k\":2}\n")
                .lines("import", db, "-");
        assertThat(shell.err())
                .hasLineCount(1)
                .contains("3 documents")
                .contains("line 1")
                .contains("$.n[1]")
                .contains("--exact");
        assertThat(exported()).contains("{\"_id\":\"a\",\"n\":[1,9007199254740992]}", "{\"_id\":\"d\",\"k\":2}");
        assertThat(shell.input("{\"_id\":\"x\"}\n{\"_id\":\"a\",\"n\":[1,9007199254740993]}\n")
                        .run("import", "--exact", db, "-"))
                .isEqualTo(1);
        assertThat(shell.err())
                .startsWith("livesync: standard input, line 2, column 1: ")
                .contains("document \"a\"")
                .contains("$.n[1]")
                .hasLineCount(1);
        assertThat(exported()).contains("{\"_id\":\"x\"}");
        assertThat(shell.run("put", "--exact", db, "n", "{\"n\":9007199254740993}"))
                .isEqualTo(1);
        assertThat(shell.err()).contains("$.n").hasLineCount(1);
        shell.lines("put", db, "n", "{\"n\":9007199254740993}");
        assertThat(shell.err()).contains("$.n").hasLineCount(1);
    }

    @Test
    void aNumberOfManyDigitsIsTakenAsByPut() {
        String number = "0." + "1".repeat(5_000);
        shell.input("{\"_id\":\"a\",\"n\":" + number + "}").lines("import", db, "-");
        shell.lines("put", db, "b", "{\"n\":" + number + "}");
        assertThat(exported()).allMatch(line -> line.endsWith("\"n\":0.1111111111111111}"));
    }

    @Test
    void aForeignCarStoresNothing() throws IOException {
        Block leaf = Block.of(0x55, utf8("hello"));
        Block node = Block.of(Cid.DAG_CBOR, new byte[] {(byte) 0xa0});
        byte[] car = CarWriter.encode(List.of(node.cid()), List.of(leaf, node));
        assertThat(refusal(car)).contains("no event").contains("nothing was stored");
        assertThat(shell.lines("status", db)).contains("blocks 0");
    }

    @Test
    void theCarInsideACarOfVersion2IsTaken() throws IOException {
        shell.input(A + "\n" + B).lines("import", db, "-");
        Path car = directory.resolve("all.car");
        shell.lines("export", db, "--car", car);
        byte[] inner = Files.readAllBytes(car);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(java.util.HexFormat.of().parseHex("0aa16776657273696f6e02"));
        java.nio.ByteBuffer header = java.nio.ByteBuffer.allocate(40).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        header.putLong(0).putLong(0).putLong(60).putLong(inner.length).putLong(60 + inner.length);
        out.write(header.array());
        out.write(new byte[9]);
        out.write(inner);
        out.write(utf8("an index"));
        Path other = directory.resolve("other");
        assertThat(shell.input(out.toByteArray()).lines("import", other, "-"))
                .containsExactly("2 events stored in " + other);
        byte[] cut = java.util.Arrays.copyOf(out.toByteArray(), 60 + inner.length / 2);
        assertThat(shell.input(cut).run("import", directory.resolve("cut"), "-"))
                .isEqualTo(1);
        assertThat(shell.err()).contains("CAR version 2").hasLineCount(1);
    }

    @Test
    void exportNamesWhatJsonCannotCarry() {
        shell.input(A).lines("import", db, "-");
        try (dev.livesync.database.Database database = dev.livesync.database.Database.open(db)) {
            database.put(dev.livesync.database.Document.of(
                    "bytes", java.util.Map.of("b", new dev.livesync.api.Value.Bytes(new byte[] {1}))));
        }
        assertThat(shell.lines("export", db)).hasSize(2);
        assertThat(shell.err()).contains("\"bytes\"").contains("--car").hasLineCount(1);
        List<String> status = shell.lines("status", db);
        shell.input(shell.lines("export", db).stream().reduce("", (x, y) -> x + y + "\n"))
                .lines("import", db, "-");
        assertThat(shell.lines("status", db)).as("what is there already").isEqualTo(status);
    }

    @Test
    void whatIsGoneAlreadyIsAcknowledgedAsDeleted() {
        shell.input(A).lines("import", db, "-");
        String lines = A + "\n{\"_id\":\"never\",\"_deleted\":true}\n";
        assertThat(shell.input(lines).lines("import", "--ack", db, "-"))
                .containsExactlyInAnyOrder(
                        "stored a", "deleted never", "0 documents stored in " + db + ", 2 unchanged");
    }

    @Test
    void aLongForeignCarIsNamedAndItsBlocksAreCountedOnce() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CarWriter car = new CarWriter(bytes, List.of());
        for (int i = 0; i < 11; i++) {
            byte[] block = new byte[4 << 20];
            block[0] = (byte) i;
            car.write(Block.of(Cid.RAW, block));
        }
        assertThat(refusal(bytes.toByteArray()))
                .contains("among its first 9 blocks")
                .contains("0 blocks before it");
        assertThat(shell.lines("status", db)).contains("blocks 0");
    }
}
