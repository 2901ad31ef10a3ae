package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.tck.Vectors.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The vectors: who wrote them, what the page says of them, and what the kit's oracle makes of them. */
class VectorsTest {
    private static final Path ROOT =
            Path.of(System.getProperty("basedir", "."), "..").normalize();

    @Test
    void theProgramWritesThemAgain(@TempDir Path folder) throws Exception {
        String lacks = "NOT TESTED against npm: needs Node, and the packages of interop, which `mvn verify` installs";
        boolean there = Files.isDirectory(ROOT.resolve("interop/node_modules/charwise"));
        if (!there) {
            System.err.println(lacks);
        }
        assumeTrue(there, lacks);
        Process node = new ProcessBuilder("node", "replica-vectors.mjs", folder.toString())
                .directory(ROOT.resolve("interop").toFile())
                .inheritIO()
                .start();
        assertThat(node.waitFor()).isZero();
        for (String file : Vectors.FILES) {
            assertThat(folder.resolve(file + ".json"))
                    .hasSameTextualContentAs(
                            ROOT.resolve("sync-tck/src/main/resources/dev/livesync/tck/vectors/" + file + ".json"));
        }
    }

    @Test
    void theOracleSaysTheSame() throws Exception {
        List<Vector> all = Vectors.all();
        assertThat(all).hasSizeGreaterThan(30);
        for (Vector vector : all) {
            ReplicaOracle oracle = new ReplicaOracle();
            oracle.commit(new Commit(List.of(), vector.events(), Make.ALICE));
            assertThat(new TreeSet<>(oracle.complete()))
                    .as("complete, %s", vector)
                    .isEqualTo(new TreeSet<>(vector.complete()));
            assertThat(oracle.heads()).as("heads, %s", vector).isEqualTo(vector.heads());
            assertThat(oracle.commonAncestor(vector.heads()))
                    .as("common ancestor, %s", vector)
                    .isEqualTo(vector.commonAncestor());
            assertThat(Make.cids(List.copyOf(oracle.documents().values())))
                    .as("documents, %s", vector)
                    .isEqualTo(vector.documents());
            assertThat(oracle.tree(vector.heads()).stream().map(Block::cid))
                    .as("tree, %s", vector)
                    .isEqualTo(vector.nodes());
            vector.treesAfter()
                    .forEach((event, root) -> assertThat(root(oracle.tree(event)))
                            .as("tree after %s, %s", event, vector)
                            .isEqualTo(root));
        }
    }

    private static Cid root(List<Block> tree) {
        return tree.isEmpty() ? null : tree.get(0).cid();
    }

    /** The page's bytes hash to its CIDs, and its CIDs and weights are those of the vectors. */
    @Test
    void thePageSaysTheSame() throws IOException {
        String page = Files.readString(ROOT.resolve("docs/merge.md"));
        String merges =
                Files.readString(ROOT.resolve("sync-tck/src/main/resources/dev/livesync/tck/vectors/merges.json"));
        Map<Cid, Event> known = new HashMap<>();
        for (Vector vector : Vectors.all()) {
            vector.events().forEach(e -> known.put(e.cid(), e));
        }
        Matcher row =
                Pattern.compile("\\| `(bafy\\w+)` \\| (?:.* = )?(\\d+) \\|").matcher(page);
        int rows = 0;
        for (; row.find(); rows++) {
            assertThat(known).containsKey(Cid.parse(row.group(1)));
            assertThat(merges).contains("\"" + row.group(1) + "\": \"" + row.group(2) + "\"");
        }
        assertThat(rows).isEqualTo(6);
        Matcher block = Pattern.compile("```text\n([0-9a-f]+)\n```\n\nIts CID is `(bafy\\w+)`")
                .matcher(page);
        int blocks = 0;
        for (; block.find(); blocks++) {
            Block found = Block.of(Cid.DAG_CBOR, HexFormat.of().parseHex(block.group(1)));
            assertThat(found.cid()).hasToString(block.group(2));
        }
        assertThat(blocks).isEqualTo(2);
    }
}
