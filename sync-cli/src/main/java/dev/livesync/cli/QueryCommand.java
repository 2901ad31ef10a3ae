package dev.livesync.cli;

import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.QueryPlan;
import dev.livesync.database.query.ResultPage;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Prints the documents that meet all conditions, each as a line of JSON, its _id first.",
            "A CONDITION is a field, an operator and a value: '/done = false', '/due >= \"2026\"', '/tags/0 in [\"a\",\"b\"]', "
                    + "'/name ^= \"A\"' (begins so), '/due exists', '/due absent'. Fields are JSON pointers, values JSON; what isn't JSON counts as text."
        })
final class QueryCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Option(names = "--prefix", paramLabel = "TEXT", description = "only ids that begin so")
    private @Nullable String prefix;

    @Option(names = "--from", paramLabel = "ID", description = "only this id and those after it")
    private @Nullable String from;

    @Option(names = "--below", paramLabel = "ID", description = "only ids before this one")
    private @Nullable String below;

    @Option(
            names = "--where",
            paramLabel = "CONDITION",
            description = "only documents that meet it; several times, all of them")
    private List<String> conditions = List.of();

    @Option(
            names = "--order",
            paramLabel = "FIELD",
            split = ",",
            description = "in the order of these fields, then by id; by default by id")
    private List<String> order = List.of();

    @Option(names = "--descending", description = "the other way round")
    private boolean descending;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "at most so many documents; what --after takes for the next is printed")
    private @Nullable Integer limit;

    @Option(names = "--after", paramLabel = "KEY", description = "the page after the one that ended with this key")
    private @Nullable String after;

    @Option(names = "--explain", description = "print how it would be found instead")
    private boolean explain;

    QueryCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        Query query = query();
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            if (explain) {
                explain(database.explain(query));
            } else if (limit == null) {
                database.query(query).forEach(this::print);
            } else {
                ResultPage<Document> page = database.page(query);
                page.documents().forEach(this::print);
                page.next().ifPresent(this::more);
            }
            console.flush();
        }
        return 0;
    }

    private Query query() {
        Query query = Query.all().orderBy(order.toArray(new String[0]));
        query = descending ? query.descending() : query;
        query = prefix == null ? query : query.idPrefix(prefix);
        query = from == null ? query : query.idFrom(from);
        query = below == null ? query : query.idBelow(below);
        for (String condition : conditions) {
            query = ConditionText.add(query, condition);
        }
        query = limit == null ? query : query.limit(limit);
        return after == null ? query : query.after(PageKey.parse(after));
    }

    private void print(Document document) {
        console.print(JsonOutput.document(document) + "\n");
    }

    private void more(PageKey next) {
        if (output.json) {
            console.print(JsonOutput.object("next", next.toString()) + "\n");
        } else {
            console.flush();
            console.note("more with --after " + next);
        }
    }

    private void explain(QueryPlan plan) {
        console.result(
                output.json
                        ? JsonOutput.object(
                                "index",
                                plan.index().map(Object::toString).orElse(null),
                                "candidates",
                                plan.candidates(),
                                "sorts",
                                plan.sorts())
                        : plan.toString());
    }
}
