package snapshot

import (
	"strings"
	"testing"
)

// A snapshot of a collection has what the collection is, and leaves the rest of the
// data alone when it comes back.
func TestCollections(t *testing.T) {
	_, c := start(t)
	if got := c.Do("DOC.CREATE", "tasks", "PREFIX", "task/").Text; got != "OK" {
		t.Fatalf("DOC.CREATE: %s", got)
	}
	c.Do("JSON.SET", "task/1", "$", `{"title":"one"}`).OK()
	c.Do("JSON.SET", "task/2", "$", `{"title":"two"}`).OK()
	c.Do("SET", "other", "x").OK()
	snap := id(t, c.Do("SNAP.CREATE", "COLL", "tasks"))
	whole := id(t, c.Do("SNAP.CREATE"))
	if got := c.Do("SNAP.INFO", snap).Text; !strings.Contains(got, `"keys", (integer) 2`) {
		t.Errorf("info %s", got)
	}
	about := c.Do("DOC.INFO", "tasks").Text
	if !strings.Contains(about, "(integer) 2") {
		t.Errorf("about the collection: %s", about)
	}

	t.Run("documents only", func(t *testing.T) {
		c.Do("DEL", "task/1").Want("(integer) 1")
		c.Do("JSON.SET", "task/3", "$", `{}`).OK()
		c.Do("SET", "other", "later").OK()
		c.Do("SNAP.RESTORE", snap, "FLUSH", "SAFETY", "no").Want(report(2, 0, 0, 0))
		c.Do("GET", "other").Want(`"later"`)
		c.Do("EXISTS", "task/1", "task/2", "task/3").Want("(integer) 2")
	})
	t.Run("with its definition", func(t *testing.T) {
		c.Do("DEL", "task/1", "task/2").Want("(integer) 2")
		if got := c.Do("DOC.DROP", "tasks").Text; strings.HasPrefix(got, "(error)") {
			t.Fatal(got)
		}
		c.Do("SNAP.RESTORE", snap, "SAFETY", "no").Want(report(2, 0, 0, 0))
		c.Do("SET", "task/9", "x").Want("(error) WRONGTYPE key belongs to collection 'tasks'")
		c.Do("JSON.GET", "task/1").Want(`"{\"title\":\"one\"}"`)
	})
	t.Run("all, in one switch", func(t *testing.T) {
		c.Do("FLUSHALL").OK()
		c.Do("SNAP.RESTORE", whole, "FLUSH", "SAFETY", "no").Want(report(3, 0, 0, 0))
		c.Do("DOC.INFO", "tasks").Want(about)
		c.Do("GET", "other").Want(`"x"`)
	})
}
