// Command go stores typed models as documents of kvd and reads them back: tasks
// that are found by what they say, users whose addresses are unique, and articles
// in a cache that asks one client to compute what is missing.
//
// usage: go run ./docs/examples/go [address]
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// Task is checked by taskSchema on the server. What the schema has defaults for
// may be left out.
type Task struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Completed bool      `json:"completed,omitempty"`
	CreatedAt time.Time `json:"created_at,omitzero"`
	Tags      []string  `json:"tags,omitempty"`
}

const taskSchema = `{"type":"object","required":["id","title"],"properties":{
	"id":{"type":"string"}, "title":{"type":"string"},
	"completed":{"type":"boolean","default":false},
	"created_at":{"type":"string","format":"date-time","x-kvd-default":"now"},
	"tags":{"type":"array","items":{"type":"string"},"default":[]}}}`

// User has an address that no other user has.
type User struct {
	ID          string            `json:"id"`
	Email       string            `json:"email"`
	Preferences map[string]string `json:"preferences"`
}

const userSchema = `{"type":"object","required":["id","email"],"properties":{
	"id":{"type":"string"}, "email":{"type":"string","format":"email","x-kvd-unique":true},
	"preferences":{"type":"object"}}}`

// Article is what a database would be asked for.
type Article struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

func main() {
	address := "127.0.0.1:6379"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	c := &client{redis.NewClient(&redis.Options{Addr: address})}
	err := errors.Join(run(context.Background(), c), c.db.Close())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ok")
}

func run(ctx context.Context, c *client) error {
	return errors.Join(tasks(ctx, c), users(ctx, c), articles(ctx, c))
}

// client gives the commands of kvd the types of this program.
type client struct{ db *redis.Client }

// insert stores a new document and returns its revision.
func (c *client) insert(ctx context.Context, collection, id string, v any) (rev int64, err error) {
	text, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	return c.db.Do(ctx, "DOC.INSERT", collection, id, text).Int64()
}

// get reads a document into v.
func (c *client) get(ctx context.Context, collection, id string, v any) error {
	text, err := c.db.Do(ctx, "DOC.GET", collection, id).Text()
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(text), v)
}

// find returns the ids of the documents that an expression is true for. What
// comes from outside goes into params, never into the expression.
func (c *client) find(ctx context.Context, collection, where string, params ...any) (ids []string, err error) {
	args := append([]any{"DOC.FIND", collection, "WHERE", where, "PARAMS", len(params)}, params...)
	reply, err := c.db.Do(ctx, append(args, "NOCONTENT")...).Result()
	if err != nil {
		return nil, err
	}
	var rows []any
	switch page := reply.(type) {
	case map[any]any: // RESP3
		rows, _ = page["rows"].([]any)
	case []any:
		rows, _ = page[1].([]any)
	}
	for _, row := range rows {
		id, _ := row.(string)
		ids = append(ids, id)
	}
	return ids, nil
}

func tasks(ctx context.Context, c *client) error {
	if err := c.create(ctx, "tasks", "Task", taskSchema); err != nil {
		return err
	}
	rev, err := c.insert(ctx, "tasks", "task-001", Task{ID: "task-001", Title: "Complete documentation", Tags: []string{"priority"}})
	if err != nil {
		return err
	}
	ids, err := c.find(ctx, "tasks", "@.completed == false && :tag in @.tags", "tag", "priority")
	if err != nil || len(ids) != 1 {
		return fmt.Errorf("found %q, %w", ids, err)
	}
	// The change is made only if nobody else has made one since.
	if err := c.db.Do(ctx, "DOC.UPDATE", "tasks", "task-001", "SET", "$.completed", "true", "IFREV", rev).Err(); err != nil {
		return err
	}
	err = c.db.Do(ctx, "DOC.UPDATE", "tasks", "task-001", "SET", "$.title", `"too late"`, "IFREV", rev).Err()
	if err == nil || !strings.HasPrefix(err.Error(), "CONFLICT") {
		return fmt.Errorf("an update of an old revision: %w", err)
	}
	var task Task
	if err := c.get(ctx, "tasks", "task-001", &task); err != nil {
		return err
	}
	if !task.Completed || task.CreatedAt.IsZero() {
		return fmt.Errorf("read back %+v", task)
	}
	_, err = c.insert(ctx, "tasks", "task-002", map[string]any{"id": "task-002", "tags": "x"})
	if err == nil || !strings.HasPrefix(err.Error(), "INVALID") {
		return fmt.Errorf("a task that is none: %w", err)
	}
	return nil
}

func users(ctx context.Context, c *client) error {
	if err := c.create(ctx, "users", "User", userSchema); err != nil {
		return err
	}
	user := User{ID: "u1", Email: "a@example.com", Preferences: map[string]string{"theme": "dark"}}
	if _, err := c.insert(ctx, "users", user.ID, user); err != nil {
		return err
	}
	user.ID = "u2"
	if _, err := c.insert(ctx, "users", user.ID, user); err == nil || !strings.HasPrefix(err.Error(), "DUPLICATE") {
		return fmt.Errorf("a second user with the address: %w", err)
	}
	ids, err := c.find(ctx, "users", "@.preferences.theme == :theme", "theme", "dark")
	if err != nil || len(ids) != 1 || ids[0] != "u1" {
		return fmt.Errorf("found %q, %w", ids, err)
	}
	return nil
}

// create makes a collection and its type.
func (c *client) create(ctx context.Context, collection, kind, schema string) error {
	if err := c.db.Do(ctx, "SCHEMA.SET", kind, schema).Err(); err != nil {
		return err
	}
	return c.db.Do(ctx, "DOC.CREATE", collection, "TYPE", kind, "IDFIELD", "$.id").Err()
}

func articles(ctx context.Context, c *client) error {
	for range 2 { // the first call computes, the second one finds
		article, err := c.article(ctx, "2")
		if err != nil || article.Title != "Fetched from DB" {
			return fmt.Errorf("article %+v, %w", article, err)
		}
	}
	return c.db.Do(ctx, "CACHE.INVALIDATE", "TAG", "articles").Err()
}

// article returns an article from the cache. Of all clients that miss it, one gets
// the lease and computes; the others wait for it.
func (c *client) article(ctx context.Context, id string) (a Article, err error) {
	key := "article:" + id
	entry, err := c.cached(ctx, key)
	if err != nil {
		return a, err
	}
	if entry.value != "" {
		return a, json.Unmarshal([]byte(entry.value), &a)
	}
	a = Article{ID: id, Title: "Fetched from DB"}
	text, err := json.Marshal(a)
	if err != nil {
		return a, err
	}
	return a, c.db.Do(ctx, "CACHE.SET", key, text, "TOKEN", entry.token, "EX", 1800, "STALE", 60_000, "TAGS", 1, "articles").Err()
}

type cacheEntry struct{ status, value, token string }

func (c *client) cached(ctx context.Context, key string) (e cacheEntry, err error) {
	reply, err := c.db.Do(ctx, "CACHE.GET", key, "LEASE", 5000, "WAIT", 5000).Result()
	fields := map[string]any{}
	switch r := reply.(type) {
	case map[any]any: // RESP3
		for name, value := range r {
			fields[fmt.Sprint(name)] = value
		}
	case []any:
		fields["status"], fields["value"], fields["token"] = r[0], r[1], r[2]
	}
	e.status, _ = fields["status"].(string)
	e.value, _ = fields["value"].(string)
	e.token, _ = fields["token"].(string)
	return e, err
}
