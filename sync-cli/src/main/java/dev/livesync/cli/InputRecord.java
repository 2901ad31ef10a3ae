package dev.livesync.cli;

import java.util.List;

/**
 * One record of a file that is being imported.
 *
 * @param place where it begins: line and column of the text in the file, from 1
 * @param id the id of the document that it becomes
 * @param json the document, a JSON object without its id; what it holds does not matter for a delete
 * @param delete whether it says that the document is deleted
 * @param leftOut names of fields of CouchDB's that are no part of a document and were left out
 */
record InputRecord(Place place, String id, String json, boolean delete, List<String> leftOut) {
    /**
     * A place in a text.
     *
     * @param line from 1
     * @param column from 1
     */
    record Place(long line, long column) {
        @Override
        public String toString() {
            return "line " + line + ", column " + column;
        }
    }
}
