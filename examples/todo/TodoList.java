import dev.livesync.Sync;
import dev.livesync.collections.TypedCollection;
import dev.livesync.collections.TypedDocument;
import dev.livesync.database.Database;
import dev.livesync.database.query.Condition;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;

/**
 * A to-do list that is the same on every computer, whatever becomes of the connection.
 *
 * <pre>
 * TodoList DIR listen ws://0.0.0.0:8080/     prints an address
 * TodoList DIR dial ADDRESS                  on another computer
 * </pre>
 *
 * Then one command a line: {@code add TEXT}, {@code done N}, {@code drop N}, {@code all}, {@code quit}; an empty line shows what is to be done.
 */
public final class TodoList {
    record Todo(String text, boolean done, long added) {}

    private final TypedCollection<Todo> todos;
    private final PrintStream out;
    /** The keys, by the numbers that were shown last. */
    private List<String> shown = List.of();

    TodoList(Database database, PrintStream out) {
        this.out = out;
        todos = TypedCollection.of(database, "todos", Todo.class).validated((todo, problems) -> {
            if (todo.text().isBlank()) {
                problems.accept("/text", "is empty");
            }
        });
    }

    /** Does what a line says; false for the last one. */
    boolean run(String line) {
        String[] words = line.strip().split("\\s+", 2);
        String rest = words.length < 2 ? "" : words[1];
        try {
            switch (words[0]) {
                case "add" -> todos.create(UUID.randomUUID().toString(), new Todo(rest, false, System.currentTimeMillis()));
                case "done" -> todos.update(key(rest), todo -> new Todo(todo.text(), true, todo.added()));
                case "drop" -> todos.delete(key(rest));
                case "all" -> show(todos.find(todos.query().orderBy("/added")).toList());
                case "" -> show(todos.find(todos.query().where("/done", Condition.equalTo(false)).orderBy("/added"))
                        .toList());
                case "quit" -> {
                    return false;
                }
                default -> out.println("add TEXT, done N, drop N, all, quit");
            }
        } catch (RuntimeException e) {
            out.println(e.getMessage());
        }
        return true;
    }

    private String key(String number) {
        if (!number.matches("[0-9]{1,6}") || Integer.parseInt(number) < 1 || Integer.parseInt(number) > shown.size()) {
            throw new IllegalArgumentException("there is no number " + number);
        }
        return shown.get(Integer.parseInt(number) - 1);
    }

    private void show(List<TypedDocument<Todo>> list) {
        shown = list.stream().map(TypedDocument::key).toList();
        for (int i = 0; i < list.size(); i++) {
            TypedDocument<Todo> document = list.get(i);
            out.println((i + 1) + ". " + document.valid()
                    .map(todo -> (todo.done() ? "[x] " : "[ ] ") + todo.text())
                    .orElse("(" + document.problems() + ")"));
        }
        if (list.isEmpty()) {
            out.println("nothing to do");
        }
    }

    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        try (Database database = Database.open(Path.of(args[0]));
                Sync sync = new Sync(database)) {
            if (args[1].equals("listen")) {
                out.println(sync.listen(args[2]).join().address());
            } else {
                sync.keep(args[2]); // connects again by itself
            }
            TodoList list = new TodoList(database, out);
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            String line = in.readLine();
            while (line != null && list.run(line)) {
                line = in.readLine();
            }
        }
    }
}
