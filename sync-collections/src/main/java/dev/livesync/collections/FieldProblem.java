package dev.livesync.collections;

/**
 * What is wrong with a field. Immutable.
 *
 * @param field a JSON pointer, such as {@code /address/city}; empty for the document as a whole
 * @param message what is wrong, for people; it has no value of the document
 */
public record FieldProblem(String field, String message) {
    @Override
    public String toString() {
        return (field.isEmpty() ? "the document" : field) + ": " + message;
    }
}
