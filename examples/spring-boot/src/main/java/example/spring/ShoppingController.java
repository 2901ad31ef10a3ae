package example.spring;

import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.List;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/items")
class ShoppingController {
    private final Database database;

    ShoppingController(Database database) {
        this.database = database;
    }

    @GetMapping
    List<Document> all() {
        return database.all();
    }

    @GetMapping("/{id}")
    ResponseEntity<Document> one(@PathVariable("id") String id) {
        return ResponseEntity.of(database.get(id));
    }

    @PutMapping("/{id}")
    Cid put(@PathVariable("id") String id, @RequestBody Map<String, Object> fields) {
        return database.put(id, fields);
    }

    /** A document with its _id; with its _clock, too, somebody else's change in between is not overwritten. */
    @PutMapping
    Cid put(@RequestBody Document document) {
        return database.put(document);
    }

    @DeleteMapping("/{id}")
    Cid delete(@PathVariable("id") String id) {
        return database.delete(id);
    }
}
