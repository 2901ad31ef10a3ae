/**
 * Serves a page on this machine and lets it sync with the database: the page's files, the exchange of offer and answer, and what the
 * clock looks like. One server, {@link dev.livesync.cli.web.PageServer}.
 */
@NullMarked
package dev.livesync.cli.web;

import org.jspecify.annotations.NullMarked;
