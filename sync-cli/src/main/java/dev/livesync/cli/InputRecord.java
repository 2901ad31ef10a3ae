package dev.livesync.cli;

/**
 * One record of a file that is being imported.
 *
 * @param line the line that it begins on, from 1
 * @param id the id of the document that it becomes
 * @param json the document, a JSON object without its id
 */
record InputRecord(long line, String id, String json) {}
