package dev.livesync.collections;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.query.Query;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Documents of one kind, as values of one type. The documents of {@code todos} have ids that begin with {@code todos/}; what comes behind it is the key.
 *
 * <pre>{@code
 * record Todo(String text, boolean done) {}
 *
 * TypedCollection<Todo> todos = TypedCollection.of(database, "todos", Todo.class);
 * todos.put("7", new Todo("Buy bread", false));
 * todos.update("7", todo -> new Todo(todo.text(), true));
 * }</pre>
 *
 * <p>It keeps nothing: it is a way to look at a database, and there may be several of them. Any thread.
 *
 * <p><strong>What is unknown stays.</strong> {@link #update} keeps the fields of the stored document that the type doesn't have, so that an older program doesn't take away what a newer one has added. {@link
 * #put} writes the value and nothing else.
 *
 * <p>Failures are {@link SyncException}, as those of the database's methods.
 *
 * @param <T> the type, as Jackson reads and writes it; an object in JSON
 */
public final class TypedCollection<T> {
    private static final String SEPARATOR = "/";

    private final Database database;
    private final String prefix;
    private final DocumentMapper<T> mapper;
    private final Validator<? super T> validator;

    private TypedCollection(
            Database database, String prefix, DocumentMapper<T> mapper, Validator<? super T> validator) {
        this.database = database;
        this.prefix = prefix;
        this.mapper = mapper;
        this.validator = validator;
    }

    /**
     * A collection of a database. Fields that the type doesn't have are passed over when documents are read; a primitive one that is absent or null is 0 or false.
     *
     * @param database where
     * @param name what ids begin with, without the slash; neither empty nor with a slash of its own
     * @param type the values' type
     * @param <T> the values' type
     * @return the collection, there be such documents or not
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it can't have this name
     */
    public static <T> TypedCollection<T> of(Database database, String name, Class<T> type) {
        return of(database, name, type, DocumentMapper.DEFAULT);
    }

    /**
     * A collection of a database.
     *
     * @param database where
     * @param name as in {@link #of(Database, String, Class)}
     * @param type the values' type
     * @param mapper reads and writes values, configured as you need it: with Kotlin's module, say; it must not change any more
     * @param <T> the values' type
     * @return the collection
     * @throws SyncException as there
     */
    public static <T> TypedCollection<T> of(Database database, String name, Class<T> type, ObjectMapper mapper) {
        if (name.isEmpty() || name.contains(SEPARATOR)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a collection's name is neither empty nor has it a slash: " + name);
        }
        JavaType javaType = mapper.constructType(type);
        return new TypedCollection<>(
                Objects.requireNonNull(database, "database"),
                name + SEPARATOR,
                new DocumentMapper<>(mapper, javaType),
                (value, problems) -> {});
    }

    /**
     * The same collection, in which nothing is written that somebody refuses.
     *
     * @param check looks at each value before it is written, besides those that do so already; what is read isn't looked at
     * @return another collection of the same documents
     */
    public TypedCollection<T> validated(Validator<? super T> check) {
        Validator<? super T> before = validator;
        return new TypedCollection<>(database, prefix, mapper, (value, problems) -> {
            before.check(value, problems);
            check.check(value, problems);
        });
    }

    /**
     * The id of a document.
     *
     * @param key its key, any text
     * @return its id in the database
     */
    public String id(String key) {
        return prefix + key;
    }

    /**
     * Puts a document: creates it or replaces it, whatever it was.
     *
     * @param key its key
     * @param value its content
     * @return the new event
     * @throws SyncException an {@link InvalidDocumentException} if it is refused; as {@link Database#put(String, String)}
     */
    public Cid put(String key, T value) {
        return database.put(id(key), text(id(key), value));
    }

    /**
     * Creates a document.
     *
     * @param key its key
     * @param value its content
     * @return the new event
     * @throws SyncException {@link ErrorKind#CONFLICT} if there is or was one; as {@link #put}
     */
    public Cid create(String key, T value) {
        String id = id(key);
        return database.put(Document.of(id, text(id, value)).withClock(List.of()));
    }

    private String text(String id, T value) {
        require(id, value);
        ObjectNode json = mapper.write(id, value);
        return json.toString();
    }

    private void require(String id, T value) {
        List<FieldProblem> problems = new ArrayList<>();
        validator.check(value, (field, message) -> problems.add(new FieldProblem(field, message)));
        if (!problems.isEmpty()) {
            throw new InvalidDocumentException(ErrorKind.INVALID_ARGUMENT, id, problems, null);
        }
    }

    /**
     * Reads a document.
     *
     * @param key its key
     * @return its value; empty if there is none
     * @throws SyncException an {@link InvalidDocumentException} if it doesn't fit the type
     */
    public Optional<T> get(String key) {
        return find(key).map(TypedDocument::value);
    }

    /**
     * Reads a document that may not fit the type.
     *
     * @param key its key
     * @return the document; empty if there is none
     */
    public Optional<TypedDocument<T>> find(String key) {
        return database.get(id(key)).map(this::typed);
    }

    /**
     * Changes a document by what it is. Whoever writes it meanwhile, here or on its way in from a peer, isn't overwritten: the change is made anew on what that left.
     *
     * @param key its key
     * @param change makes the new value of the old one; may be called several times, until nobody came in between
     * @return the new value, as it was written
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is no such document; an {@link InvalidDocumentException} if the old value doesn't fit the type, or the new one is refused. What {@code
     *     change} throws comes out as it is. Nothing has changed then
     */
    public T update(String key, UnaryOperator<T> change) {
        String id = id(key);
        while (true) {
            Document document = database.get(id)
                    .orElseThrow(() -> new SyncException(ErrorKind.NOT_FOUND, "there is no document " + id));
            T old = mapper.read(id, document.json());
            ObjectNode before = mapper.write(id, old); // the change may be made to this very value
            T value = Objects.requireNonNull(change.apply(old), "the new value");
            require(id, value);
            try {
                database.put(document.with(mapper.update(id, document.json(), before, value)));
                return value;
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CONFLICT) {
                    throw e;
                }
                // Somebody has written it, so that there is progress; once more.
            }
        }
    }

    /**
     * Deletes a document.
     *
     * @param key its key
     * @return the new event
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is no such document
     */
    public Cid delete(String key) {
        return database.delete(id(key));
    }

    /**
     * All documents of the collection.
     *
     * @return the documents of the moment when this was called, by key in the order of UTF-16 code units, each read when it is asked for; there is nothing to close
     */
    public Stream<TypedDocument<T>> documents() {
        return find(Query.all());
    }

    /**
     * Looks for documents of the collection.
     *
     * @param query what their fields have to be, and in what order they come; ids are whole ones
     * @return as {@link Database#query}, of this collection only
     */
    public Stream<TypedDocument<T>> find(Query query) {
        return database.query(query.idPrefix(prefix)).map(this::typed);
    }

    /**
     * The query for all documents of the collection, for {@link Database#live} and {@link Database#page}.
     *
     * @return a query that can be narrowed
     */
    public Query query() {
        return Query.all().idPrefix(prefix);
    }

    /**
     * A document that was read otherwise, such as by {@link Database#live}, as one of this collection.
     *
     * @param document a document of the same database
     * @return the same as a value
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it isn't of this collection
     */
    public TypedDocument<T> typed(Document document) {
        if (!document.id().startsWith(prefix)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "document " + document.id() + " isn't of the collection " + prefix);
        }
        try {
            T value = mapper.read(document.id(), document.json());
            return new Read<>(document.id().substring(prefix.length()), document, value, null);
        } catch (InvalidDocumentException e) {
            return new Read<>(document.id().substring(prefix.length()), document, null, e);
        }
    }

    private record Read<T>(
            String key,
            Document document,
            @Nullable T content,
            @Nullable InvalidDocumentException failure) implements TypedDocument<T> {
        @Override
        public T value() {
            if (content == null) {
                throw Objects.requireNonNull(failure);
            }
            return content;
        }

        @Override
        public Optional<T> valid() {
            return Optional.ofNullable(content);
        }

        @Override
        public List<FieldProblem> problems() {
            return failure == null ? List.of() : failure.problems();
        }
    }
}
