package dev.livesync.database.replica;

import dev.livesync.car.Keys;
import java.util.Arrays;
import java.util.List;

/** A commit that becomes visible: the view after it, the keys of documents that it may have changed, and who brought it. */
class ViewStep {
    final ReadView view;
    /** The numbers of the keys. */
    final int[] keys;

    final ChangeSource source;

    ViewStep(ReadView view, int[] keys, ChangeSource source) {
        this.view = view;
        this.keys = keys;
        this.source = source;
    }

    List<String> ids() {
        return Arrays.stream(keys).mapToObj(key -> Keys.toId(view.key(key))).toList();
    }
}
