package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/engine/doc"
	"kvd/internal/change"
)

const userType = `{"type":"object","required":["id"],"properties":{
	"id":{"type":"string"},"email":{"type":"string","x-kvd-unique":true},"age":{"type":"integer","x-kvd-index":true,"default":18},
	"tags":{"type":"array","items":{"type":"string","x-kvd-index":"tag"}}}}`

// define makes the type User and the collection users of it.
func define(t testing.TB, tx *Tx) {
	t.Helper()
	if _, err := tx.AddSchema("User", []byte(userType)); err != nil {
		t.Fatal(err)
	}
	if err := tx.CreateCollection("users", CollectionRules{Prefix: "users:", Type: "User", IDField: "$.id", Mode: Strict}, Refuse); err != nil {
		t.Fatal(err)
	}
}

// tryPut writes a document and returns the error.
func tryPut(tx *Tx, key, text string) error {
	v, err := doc.Parse([]byte(text))
	if err != nil {
		return err
	}
	return tx.PutDocuments(DocumentPut{Key: []byte(key), Value: append(tx.DocumentBuffer(), v...), Event: "doc.set"})
}

func wantError(t testing.TB, err error, want string) {
	t.Helper()
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestCollection(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		define(t, tx)
		if err := tryPut(tx, "users:u1", `{"id":"u1","email":"a"}`); err != nil {
			t.Fatal(err)
		}
		info := wantJSON(t, tx, "users:u1", `{"id":"u1","email":"a","age":18}`)
		if info.Schema != 1 {
			t.Errorf("checked against version %d", info.Schema)
		}
		wantError(t, tryPut(tx, "users:u2", `{"id":"u2","email":5}`), "INVALID users/u2: /email type: got integer, want string")
		wantError(t, tryPut(tx, "users:u2", `{"id":"u3"}`), "INVALID users/u2: /id idfield: 'u3' is not the id")
		wantError(t, tryPut(tx, "users:u2", `{"id":"u2","email":"a"}`), "DUPLICATE index 'email': value of 'u2' is held by 'u1'")
		if err := tryPut(tx, "users:u2", `{"email":"b"}`); err != nil { // the id comes by itself
			t.Fatal(err)
		}
		wantJSON(t, tx, "users:u2", `{"email":"b","id":"u2","age":18}`)
		c := e.Collection(0, []byte("users"))
		if got := c.IDs(Place{}, 10, Ascending); fmt.Sprint(got) != "[u1 u2]" || c.Len() != 2 {
			t.Errorf("ids %v", got)
		}
		if e.CollectionOf(0, []byte("user:1")) != nil || e.CollectionOf(1, []byte("users:1")) != nil || e.CollectionOf(0, []byte("users:1")) != c {
			t.Error("a key belongs to the wrong collection")
		}
		tx.Delete([]byte("users:u1"))
		if err := tryPut(tx, "users:u3", `{"email":"a"}`); err != nil {
			t.Error(err)
		}
	})
}

func TestBatchTakesOverUniqueValues(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		define(t, tx)
		put := func(id, email string) DocumentPut {
			v, _ := doc.Parse(fmt.Appendf(nil, `{"email":%q}`, email))
			return DocumentPut{Key: []byte("users:" + id), Value: v, Event: "doc.set"}
		}
		if err := tx.PutDocuments(put("u1", "a"), put("u2", "b")); err != nil {
			t.Fatal(err)
		}
		if err := tx.PutDocuments(put("u1", "b"), put("u2", "a")); err != nil { // they exchange theirs
			t.Fatal(err)
		}
		if err := tx.PutDocuments(put("u1", "q"), put("u2", "b"), put("u1", "a")); err != nil { // the last one counts
			t.Fatal(err)
		}
		wantError(t, tx.PutDocuments(put("u3", "c"), put("u4", "c")), "DUPLICATE")
		wantError(t, tx.PutDocuments(put("u1", "z"), put("u4", "b")), "DUPLICATE")
		if tx.Exists([]byte("users:u3")) || tx.Exists([]byte("users:u4")) {
			t.Error("a part of a batch was written")
		}
		if err := tx.WriteDocuments([][]byte{[]byte("users:u1")}, "doc.del", []DocumentPut{put("u5", "a")}); err != nil {
			t.Error(err)
		}
		wantError(t, tx.PutDocuments(put("u6", "a")), "DUPLICATE index 'email': value of 'u6' is held by 'u5'")
		if err := tx.PutDocuments(put("u7", "z")); err != nil { // u1 never got it
			t.Error(err)
		}
	})
	checkCollections(t, e)
}

func TestAdopt(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		if _, err := tx.AddSchema("User", []byte(userType)); err != nil {
			t.Fatal(err)
		}
		putJSON(t, tx, "users:a", `{"id":"a","email":"x"}`, NoExpiry)
		rules := CollectionRules{Prefix: "users:", Type: "User", Mode: Strict}
		wantError(t, tx.CreateCollection("users", rules, Refuse), "EXISTS 1 keys under prefix")
		putJSON(t, tx, "users:b", `{"id":"b","email":"x"}`, NoExpiry)
		wantError(t, tx.CreateCollection("users", rules, Adopt), "DUPLICATE index 'email'")
		putJSON(t, tx, "users:b", `{"id":5}`, NoExpiry)
		wantError(t, tx.CreateCollection("users", rules, Adopt), "INVALID users/b: /id type")
		tx.Delete([]byte("users:b"))
		tx.SetString([]byte("users:s"), []byte("text"), NoExpiry)
		wantError(t, tx.CreateCollection("users", rules, Adopt), "WRONGTYPE key 'users:s'")
		if e.HasCollections() && e.Collection(0, []byte("users")) != nil {
			t.Error("a collection is there that could not be made")
		}
		tx.Delete([]byte("users:s"))
		if err := tx.CreateCollection("users", rules, Adopt); err != nil {
			t.Fatal(err)
		}
		wantError(t, tryPut(tx, "users:c", `{"id":"c","email":"x"}`), "DUPLICATE")
	})
	checkCollections(t, e)
}

func TestSchemaVersions(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		define(t, tx)
		if n, err := tx.AddSchema("User", []byte(strings.ReplaceAll(userType, "\n", " "))); n != 1 || err != nil {
			t.Errorf("the same schema is version %d: %v", n, err)
		}
		if err := tryPut(tx, "users:u1", `{"nick":"x"}`); err != nil {
			t.Fatal(err)
		}
		n, err := tx.AddSchema("User", []byte(`{"properties":{"nick":{"type":"string","x-kvd-unique":true}}}`))
		if n != 2 || err != nil {
			t.Fatalf("version %d: %v", n, err)
		}
		wantError(t, tryPut(tx, "users:u2", `{"nick":"x"}`), "DUPLICATE index 'nick'")
		if c := e.Collection(0, []byte("users")); c.Index("email") != nil || c.SchemaVersion() != 2 {
			t.Error("the collection has not followed its type")
		}
		wantError(t, tx.RemoveSchema("User"), "LOCKED in use by 'users'")
		if _, err := tx.AddSchema("Pet", []byte(`{"properties":{"owner":{"$ref":"kvd:schema/User#/properties/nick"}}}`)); err != nil {
			t.Fatal(err)
		}
		_, err = tx.AddSchema("User", []byte(`{}`))
		wantError(t, err, "ERR invalid schema 'Pet'")
		if err := tx.DropCollection(e.Collection(0, []byte("users")), Refuse); err != nil {
			t.Fatal(err)
		}
		if tx.Exists([]byte("users:u1")) {
			t.Error("a document outlived its collection")
		}
		wantError(t, tx.RemoveSchema("User"), "LOCKED in use by schema 'Pet'")
		if err := tx.RemoveSchema("Pet"); err != nil {
			t.Error(err)
		}
		if err := tx.RemoveSchema("User"); err != nil || e.HasCollections() {
			t.Error(err)
		}
	})
}

func TestModes(t *testing.T) {
	e, _ := newEngine(t)
	do(e, func(tx *Tx) {
		define(t, tx)
		c := e.Collection(0, []byte("users"))
		rules := c.CollectionRules
		rules.Mode, rules.NoDefaults, rules.TTL = Warn, true, 1000
		if err := tx.AlterCollection(c, rules); err != nil {
			t.Fatal(err)
		}
		if err := tryPut(tx, "users:u1", `{"email":5}`); err != nil {
			t.Fatal(err)
		}
		c = e.Collection(0, []byte("users"))
		if info := wantJSON(t, tx, "users:u1", `{"email":5,"id":"u1"}`); info.Schema != 0 || c.Unfit() != 1 {
			t.Errorf("version %d, %d do not fit", info.Schema, c.Unfit())
		}
		if at, _ := tx.Deadline([]byte("users:u1")); int64(at) != tx.Now()+1000 {
			t.Errorf("expires at %d", at)
		}
	})
}

// indexed returns everything that a collection knows of its documents.
func indexed(c *DocCollection) map[string]string {
	all := make(map[string]string)
	for _, id := range c.docs.all() {
		it, _ := c.docs.get(id)
		all["id "+id] = fmt.Sprint(it.size)
	}
	for _, ix := range c.indexes {
		all["len "+ix.Name] = fmt.Sprint(ix.Len())
	}
	for _, id := range c.docs.all() {
		it, _ := c.docs.get(id)
		entries := make([]string, 0, len(it.held))
		for _, h := range it.held {
			entries = append(entries, fmt.Sprintf("%s=%q", h.index.Name, h.entry))
		}
		slices.Sort(entries)
		all["held "+id] = strings.Join(entries, " ")
	}
	return all
}

// checkCollections compares ids and indexes with a look at all documents.
func checkCollections(t interface{ Fatalf(string, ...any) }, e *Engine) {
	settings, _ := e.Settings(definitions)
	d := definer{engine: e}
	if err := d.compile(settings); err != nil {
		t.Fatalf("gather: %v", err)
	}
	for _, g := range d.gathered {
		g.install()
		got, want := indexed(e.Collection(g.c.DB, []byte(g.c.Name))), indexed(g.c)
		if !maps.Equal(got, want) {
			t.Fatalf("collection %s has\n%v\na look at all documents finds\n%v", g.c.Name, got, want)
		}
	}
}

// TestCollectionModel does whatever may happen to documents, and compares ids and
// indexes with a look at all documents, and with those after a restart.
func TestCollectionModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		store := &journal{}
		e, c := newEngineWith(t, Options{Store: store, Shards: 4})
		do(e, func(tx *Tx) {
			_, _ = tx.AddSchema("User", []byte(userType))
			_ = tx.CreateCollection("users", CollectionRules{Prefix: "users:", Type: "User", IDField: "$.id", Mode: Strict}, Refuse)
		})
		id := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
		text := rapid.SampledFrom([]string{
			`{"email":"x"}`, `{"email":"y","age":5}`, `{"tags":["p","q","p"]}`, `{"age":7,"tags":[]}`, `{"email":5}`, `{}`, `{"email":"z","tags":["q"]}`,
		})
		rt.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				do(e, func(tx *Tx) { _ = tryPut(tx, "users:"+id.Draw(t, "id"), text.Draw(t, "text")) })
			},
			"put two": func(t *rapid.T) {
				do(e, func(tx *Tx) {
					var puts []DocumentPut
					for range 2 {
						v, _ := doc.Parse([]byte(text.Draw(t, "text")))
						puts = append(puts, DocumentPut{Key: []byte("users:" + id.Draw(t, "id")), Value: v, Expire: Keep, Event: "doc.set"})
					}
					_ = tx.PutDocuments(puts...)
				})
			},
			"batch": func(t *rapid.T) {
				do(e, func(tx *Tx) {
					gone, put := id.Draw(t, "gone"), id.Draw(t, "put")
					if gone != put {
						v, _ := doc.Parse([]byte(text.Draw(t, "text")))
						_ = tx.WriteDocuments([][]byte{[]byte("users:" + gone)}, "doc.del", []DocumentPut{{Key: []byte("users:" + put), Value: v}})
					}
				})
			},
			"expire": func(t *rapid.T) {
				do(e, func(tx *Tx) { tx.Expire([]byte("users:"+id.Draw(t, "id")), Expiry(tx.Now()+50)) })
			},
			"wait":                 func(*rapid.T) { c.Advance(60 * time.Millisecond); e.ExpireDue() },
			"wait without a cycle": func(*rapid.T) { c.Advance(60 * time.Millisecond) },
			"delete":               func(t *rapid.T) { do(e, func(tx *Tx) { tx.Delete([]byte("users:" + id.Draw(t, "id"))) }) },
			"rename": func(t *rapid.T) {
				do(e, func(tx *Tx) { _ = tx.Rename([]byte("users:"+id.Draw(t, "id")), []byte("x")) })
			},
			"flush": func(*rapid.T) { do(e, func(tx *Tx) { tx.Flush(0) }) },
			"restart": func(t *rapid.T) {
				err := e.Reload(func(put func(*change.Row, bool) error) error {
					for i := range store.rows {
						if err := put(&store.rows[i], false); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
			},
			"check": func(t *rapid.T) { checkCollections(t, e) },
		})
		checkCollections(rt, e)
	})
}

// TestCollectionConcurrently: writers of different keys fight for few unique values,
// in collections whose rules change meanwhile.
func TestCollectionConcurrently(t *testing.T) {
	e, c := newEngine(t)
	do(e, func(tx *Tx) { define(t, tx) })
	const writers, rounds = 4, 300
	var wg sync.WaitGroup
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range rounds {
				key := fmt.Appendf(nil, "users:%d-%d", w, i%7)
				tx := e.BeginKey(0, c.Now().UnixMilli(), 0, key)
				if i%3 == 0 {
					tx.Delete(key)
				} else {
					_ = tryPut(tx, string(key), fmt.Sprintf(`{"email":"%d","age":%d}`, i%5, i)) // taken, mostly
				}
				tx.Commit()
			}
		}()
	}
	for i := range 20 {
		do(e, func(tx *Tx) {
			users := e.Collection(0, []byte("users"))
			rules := users.CollectionRules
			rules.TTL = int64(i) * 1e6
			must(t, tx.AlterCollection(users, rules))
		})
	}
	wg.Wait()
	checkCollections(t, e)
	seen := make(map[string]bool)
	users := e.Collection(0, []byte("users"))
	do(e, func(tx *Tx) {
		for _, id := range users.IDs(Place{}, 100, Ascending) {
			d, _ := tx.PeekDocument(users.AppendKey(nil, []byte(id)))
			email := string(d.Value().Member([]byte("email")).Text())
			if seen[email] {
				t.Errorf("two documents have the unique value %q", email)
			}
			seen[email] = true
		}
	})
}
