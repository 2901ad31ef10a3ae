package dev.livesync.car;

import static dev.livesync.car.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.IpldOracle.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against {@code @ipld/dag-cbor} and {@code @ipld/car}, as the alpha uses them. Needs Node, and the packages of interop/, which the build installs. */
@Timeout(value = 2, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class IpldInteropTest {
    private static final int SEED = 20_231_123;
    private static final int VALUES = 10_000;
    private static final int CARS = 300;

    private static IpldOracle oracle;

    @BeforeAll
    static void start() throws IOException {
        oracle = IpldOracle.start();
    }

    @AfterAll
    static void stop() throws IOException {
        if (oracle != null) {
            oracle.close();
        }
    }

    @Test
    void whatWeWriteJavaScriptReadsAndWritesTheSame() throws IOException {
        RandomValues values = new RandomValues(SEED, RandomValues.Style.JAVASCRIPT);
        for (int i = 0; i < VALUES; i++) {
            Value value = values.next();
            byte[] bytes = DagCbor.encode(value);
            Answer answer = oracle.decode(bytes);
            require(answer.accepted(), "refused: " + answer.error(), i);
            require(answer.description().equals(Description.of(value)), "read as something else", i);
            require(Arrays.equals(answer.bytes(), bytes), "written as other bytes", i);
        }
    }

    @Test
    void whatJavaScriptWritesWeReadAndWriteTheSame() throws IOException {
        for (int i = 0; i < VALUES; i++) {
            Answer answer = oracle.generate(SEED + i);
            require(answer.accepted(), "not generated: " + answer.error(), i);
            Value value = DagCbor.decode(answer.bytes());
            require(answer.description().equals(Description.of(value)), "read as something else", i);
            require(Arrays.equals(DagCbor.encode(value), answer.bytes()), "written as other bytes", i);
        }
    }

    @Test
    void ourCarsAreReadThereAndWrittenTheSame() throws IOException {
        Random random = new Random(SEED);
        RandomValues values = new RandomValues(SEED, RandomValues.Style.ALL);
        for (int i = 0; i < CARS; i++) {
            List<Block> blocks = new ArrayList<>();
            for (int n = random.nextInt(30); n > 0; n--) {
                blocks.add(
                        random.nextInt(4) == 0
                                ? Block.of(Cid.RAW, new byte[random.nextInt(20_000)])
                                : DagCbor.block(values.next(), Limits.DEFAULT));
            }
            List<Cid> roots = blocks.stream()
                    .map(Block::cid)
                    .filter(cid -> random.nextInt(5) == 0)
                    .toList();
            byte[] car = CarWriter.encode(roots, blocks);
            Answer answer = oracle.decodeCar(car);
            require(answer.accepted(), "refused: " + answer.error(), i);
            require(answer.description().equals(Description.of(roots, blocks)), "read as something else", i);
            require(Arrays.equals(answer.bytes(), car), "written as other bytes", i);
        }
    }

    @Test
    void theirCarsAreReadHereAndWrittenTheSame() throws IOException {
        int blocksSeen = 0;
        for (int i = 0; i < CARS; i++) {
            Answer answer = oracle.generateCar(SEED + i);
            require(answer.accepted(), "not generated: " + answer.error(), i);
            List<Block> blocks = new ArrayList<>();
            CarReader reader = new CarReader(new ByteArrayInputStream(answer.bytes()));
            List<Cid> roots = reader.roots();
            for (Block block = reader.next(); block != null; block = reader.next()) {
                blocks.add(block);
            }
            require(answer.description().equals(Description.of(roots, blocks)), "read as something else", i);
            require(Arrays.equals(CarWriter.encode(roots, blocks), answer.bytes()), "written as other bytes", i);
            blocksSeen += blocks.size();
        }
        assertThat(blocksSeen).isGreaterThan(CARS);
    }

    @Test
    void theRecordedCarsAreReadThereAsHere() throws IOException {
        for (String name : Fixtures.CARS) {
            byte[] car = Fixtures.car(name);
            Answer answer = oracle.decodeCar(car);
            assertThat(answer.error()).as(name).isNull();
            assertThat(answer.bytes()).as(name).isEqualTo(car);
            List<Cid> roots = new CarReader(new ByteArrayInputStream(car)).roots();
            assertThat(answer.description()).as(name).isEqualTo(Description.of(roots, Fixtures.blocks(name)));
        }
    }

    /** Where it is laxer than dag-cbor is, by our message; and nowhere else. */
    private static final List<String> LAXER = List.of(
            "string is not valid UTF-8",
            "map keys are not in order",
            "undefined",
            "half-precision float",
            "single-precision float");

    @Test
    void javaScriptRefusesWhatWeRefuseButForWhatIsListed() throws IOException {
        int cases = 0;
        for (var arguments : Fixtures.malformed().toList()) {
            String digits = (String) arguments.get()[0];
            String message = (String) arguments.get()[1];
            Answer answer = oracle.decode(hex(digits));
            assertThat(answer.accepted())
                    .as(digits + ": " + message + " / " + answer.error())
                    .isEqualTo(LAXER.stream().anyMatch(message::startsWith));
            if (answer.accepted()) {
                assertThat(answer.bytes())
                        .as("what it would write instead of " + digits)
                        .isNotEqualTo(hex(digits));
            }
            cases++;
        }
        assertThat(cases).isGreaterThan(60);
    }

    /** Legal, but JavaScript has one kind of number, so it writes these as integers. */
    @Test
    void javaScriptReadsFloatsThatItWouldWriteAsIntegers() throws IOException {
        assertThat(oracle.decode(hex("fb3ff0000000000000")).bytes()).isEqualTo(hex("01"));
        assertThat(oracle.decode(hex("fb8000000000000000")).bytes()).isEqualTo(hex("00"));
        assertThat(DagCbor.decode(hex("fb3ff0000000000000"))).isEqualTo(new Value.Real(1));
    }

    /** By chance: what we accept is accepted there, and what comes back unchanged from there is accepted here. */
    @Test
    void damagedValuesAreJudgedAlike() throws IOException {
        RandomValues values = new RandomValues(SEED + 2, RandomValues.Style.JAVASCRIPT);
        Random random = new Random(SEED + 2);
        int accepted = 0;
        for (int i = 0; i < VALUES; i++) {
            byte[] bytes = Damage.to(DagCbor.encode(values.next()), random);
            Answer answer = oracle.decode(bytes);
            try {
                DagCbor.decode(bytes);
                require(answer.accepted(), "accepted here and refused there: " + answer.error(), i);
                accepted++;
            } catch (SyncException e) {
                boolean otherCid = e.kind() == ErrorKind.UNSUPPORTED;
                boolean unchanged = answer.accepted() && Arrays.equals(answer.bytes(), bytes);
                require(otherCid || !unchanged, "refused here and unchanged there: " + e.getMessage(), i);
            }
        }
        assertThat(accepted).isBetween(VALUES / 100, VALUES * 9 / 10);
    }

    @Test
    void keysAreThoseOfCharwise() throws IOException {
        RandomValues texts = new RandomValues(SEED + 3, RandomValues.Style.ALL);
        Random random = new Random(SEED + 3);
        int escaped = 0;
        for (int i = 0; i < 2_000; i++) {
            StringBuilder id = new StringBuilder(texts.text());
            for (int n = random.nextInt(3); n > 0; n--) {
                // One that is followed by another is refused, so they stand apart.
                id.insert(id.offsetByCodePoints(0, random.nextInt(id.codePointCount(0, id.length()) + 1)), "\1-");
                id.append("-\0");
                escaped++;
            }
            Answer answer = oracle.charwise(id.toString());
            String key = new String(answer.bytes(), StandardCharsets.UTF_8);
            if (!id.toString().matches("(?s).*\0[\0\1].*")) {
                require(Keys.ofId(id.toString()).equals(key), "another key", i);
                require(Keys.toId(key).equals(id.toString()), "another id", i);
            }
            require(Keys.isKey(key), "no key", i);
        }
        assertThat(escaped).isGreaterThan(1_000);
    }

    private static void require(boolean right, String otherwise, int index) {
        if (!right) {
            throw new AssertionError(otherwise + ": number " + index + " from seed " + SEED);
        }
    }
}
