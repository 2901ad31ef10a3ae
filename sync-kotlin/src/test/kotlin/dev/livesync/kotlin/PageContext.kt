package dev.livesync.kotlin

import dev.livesync.Session
import dev.livesync.Sync
import dev.livesync.database.Database
import java.nio.file.Path
import java.util.concurrent.CopyOnWriteArrayList

/** What the blocks of pages have at hand. */
internal class PageContext(
    val database: Database,
    val sync: Sync,
    val address: String,
    val session: Session,
    val directory: Path,
) {
    val printed = CopyOnWriteArrayList<String>()

    fun println(line: Any?) {
        printed.add(line.toString())
    }
}
