/**
 * What a history of events says: {@link dev.livesync.database.history.EventGraph} holds the complete events and answers questions
 * about their order, {@link dev.livesync.database.history.CurrentDocuments} keeps the documents at the current heads, {@link
 * dev.livesync.database.history.PastDocuments} computes those at any others.
 *
 * <p>Events are known by their index: the place in which they were accepted, parents always before children. Keys are known by
 * their number in a {@link dev.livesync.database.columns.KeyTable}. Nothing here reads a block, waits or recurses, and memory grows
 * with the number of events, keys and parents only.
 *
 * <p>Normative for the meaning is the project's page on semantics; its names ({@code P}, {@code up}, {@code nca}, {@code T}, {@code
 * M}, {@code n}, {@code d}) are used throughout. Weights saturate at {@link java.lang.Long#MAX_VALUE}.
 */
@NullMarked
package dev.livesync.database.history;

import org.jspecify.annotations.NullMarked;
