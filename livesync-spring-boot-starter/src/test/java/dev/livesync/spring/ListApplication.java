package dev.livesync.spring;

import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.List;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/** An application as users write them, with documents in and out of a controller. */
@SpringBootConfiguration
@EnableAutoConfiguration
class ListApplication {
    @RestController
    static class Items {
        private final Database database;

        Items(Database database) {
            this.database = database;
        }

        @GetMapping("/items")
        List<Document> all() {
            return database.all();
        }

        @GetMapping("/items/{id}")
        Document one(@PathVariable("id") String id) {
            return database.get(id).orElseThrow();
        }

        @PutMapping("/items")
        Cid put(@RequestBody Document document) {
            return database.put(document);
        }
    }
}
