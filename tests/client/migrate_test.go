package client

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	goredis "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// migrations are two steps of one document: a role for each user, then another name
// of a field.
var migrations = []string{
	`{"version":"1.1.0","description":"Add roles field to users","target":{"key":"app:users"},
	  "up":[{"default":{"path":"$.users[*].roles","value":["user"]}}],"down":"auto"}`,
	`{"version":"1.2.0","description":"Rename 'username' to 'display_name'","target":{"key":"app:users"},
	  "up":[{"rename":{"path":"$.users[*].username","to":"display_name"}}],"down":"auto"}`,
}

// oldUsers is a document of before the first migration. One user has roles already.
const oldUsers = `{"users":[{"id":1,"username":"alice"},{"id":2,"username":"bob","roles":["admin"]}],"kept":1.50}`

// TestDataMigrator does with go-redis what programs do that bring a file of data to
// the latest version and back.
func TestDataMigrator(t *testing.T) {
	s := blackbox.Start(t, blackbox.Options{})
	for _, protocol := range []int{2, 3} {
		ctx := context.Background()
		c := goredis.NewClient(&goredis.Options{Addr: s.Addr(), Protocol: protocol, DB: protocol})
		defer c.Close()
		m := migratorOf{t, c}

		// Loaded, migrated, and saved.
		m.ok("JSON.SET", "app:users", "$", oldUsers)
		for _, text := range migrations {
			m.ok("MIG.REGISTER", text)
		}
		report := m.object("MIG.UP", "app:users", "TO", "1.2.0")
		if want := []any{"1.1.0", "1.2.0"}; !reflect.DeepEqual(report["applied"], want) || report["changed"] != int64(1) {
			t.Errorf("MIG.UP: %v", report)
		}
		if id, _ := report["snapshot"].(string); !strings.HasPrefix(id, "pre-mig_") {
			t.Errorf("the safety copy is %v", report["snapshot"])
		}
		m.document(`{"users":[{"id":1,"display_name":"alice","roles":["user"]},{"id":2,"display_name":"bob","roles":["admin"]}],"kept":1.50}`)

		// As a value that is stored nowhere.
		text, err := c.Do(ctx, "MIG.TRANSFORM", "app:users", oldUsers, "TO", "1.1.0").Text()
		if err != nil || !strings.Contains(text, `"username":"alice","roles":["user"]`) {
			t.Errorf("MIG.TRANSFORM: %s, %v", text, err)
		}

		// And back: the roles of bob are still his, those of alice are gone.
		m.object("MIG.DOWN", "app:users", "TO", "0.0.0")
		m.document(oldUsers)
		m.flaws()
	}
}

// migratorOf is a client with what the test does all the time.
type migratorOf struct {
	t *testing.T
	c *goredis.Client
}

func (m migratorOf) ok(args ...any) {
	m.t.Helper()
	if err := m.c.Do(context.Background(), args...).Err(); err != nil {
		m.t.Fatalf("%v: %v", args, err)
	}
}

// object returns a reply that is a map, in either protocol.
func (m migratorOf) object(args ...any) map[string]any {
	m.t.Helper()
	reply, err := m.c.Do(context.Background(), args...).Result()
	if err != nil {
		m.t.Fatalf("%v: %v", args, err)
	}
	object := make(map[string]any)
	switch reply := reply.(type) {
	case map[any]any:
		for name, value := range reply {
			object[name.(string)] = value
		}
	case []any:
		for i := 0; i+1 < len(reply); i += 2 {
			object[reply[i].(string)] = reply[i+1]
		}
	}
	return object
}

func (m migratorOf) fails(want string, args ...any) {
	m.t.Helper()
	if err := m.c.Do(context.Background(), args...).Err(); err == nil || !strings.HasPrefix(err.Error(), want) {
		m.t.Errorf("%v: %v, want %s", args, err, want)
	}
}

func (m migratorOf) document(want string) {
	m.t.Helper()
	if got, err := m.c.Do(context.Background(), "JSON.GET", "app:users").Text(); err != nil || got != want || !json.Valid([]byte(got)) {
		m.t.Errorf("the document is %s, %v; want %s", got, err, want)
	}
}

// flaws are mistakes that migrations in programs make, and that are not made here.
func (m migratorOf) flaws() {
	m.t.Helper()
	// A version is any text, and two migrations have the same.
	m.fails("ERR invalid migration: version", "MIG.REGISTER", `{"version":"1.1","target":{"key":"app:users"},"up":[]}`)
	m.fails("EXISTS", "MIG.REGISTER", `{"version":"1.1.0","target":{"key":"app:users"},"up":[]}`)
	// 1.10.0 comes before 1.9.0.
	m.ok("JSON.SET", "order", "$", `{"seen":""}`)
	m.ok("MIG.REGISTER", `{"version":"1.10.0","target":{"key":"order"},"up":[{"jq":".seen += \"10\""}]}`)
	m.ok("MIG.REGISTER", `{"version":"1.9.0","target":{"key":"order"},"up":[{"jq":".seen += \"9\""}]}`)
	m.ok("MIG.UP", "order")
	if got, _ := m.c.Do(context.Background(), "JSON.GET", "order").Text(); got != `{"seen":"910"}` {
		m.t.Errorf("the order of the versions led to %s", got)
	}
	// What was applied is forgotten, or not taken off when it is taken back.
	m.ok("MIG.DOWN", "order", "TO", "1.9.0")
	if log, err := m.c.Do(context.Background(), "MIG.HISTORY", "order").Slice(); err != nil || len(log) != 3 {
		m.t.Errorf("the history has %d entries, %v", len(log), err)
	}
	if status := m.object("MIG.STATUS", "order"); !reflect.DeepEqual(status["applied"], []any{"1.9.0"}) {
		m.t.Errorf("applied are %v", status["applied"])
	}
	// A version that there is not is written, so that what comes later is passed by.
	m.fails("NOTFOUND no migration 1.5.0 (latest is 1.2.0)", "MIG.UP", "app:users", "TO", "1.5.0")
	m.fails("NOTFOUND", "MIG.VERSION", "app:users", "SET", "1.5.0")
	// It fails half-way, and the next try does the first half again.
	m.ok("JSON.SET", "half", "$", `{"n":0}`)
	m.ok("MIG.REGISTER", `{"version":"1.0.0","target":{"key":"half"},"up":[{"jq":".n += 1"}]}`)
	m.ok("MIG.REGISTER", `{"version":"1.1.0","target":{"key":"half"},"up":[{"assert":{"expr":"@.ready == true"}}]}`)
	m.fails("INVALID", "MIG.UP", "half")
	m.ok("JSON.SET", "half", "$.ready", "true")
	m.ok("MIG.UP", "half")
	if got, _ := m.c.Do(context.Background(), "JSON.GET", "half").Text(); got != `{"n":1,"ready":true}` {
		m.t.Errorf("the second try led to %s", got)
	}
	// The way back is gone by data that never went there.
	m.ok("JSON.SET", "never", "$", `{"roles":["admin"]}`)
	m.ok("MIG.REGISTER", `{"version":"1.0.0","target":{"key":"never"},"up":[],"down":[{"remove":{"path":"$.roles"}}]}`)
	m.ok("MIG.DOWN", "never", "TO", "0.0.0")
	if got, _ := m.c.Do(context.Background(), "JSON.GET", "never").Text(); got != `{"roles":["admin"]}` {
		m.t.Errorf("the way back led to %s", got)
	}
	// A field that is there is written over.
	m.ok("JSON.SET", "app:users", "$", `{"users":[{"username":"a","display_name":"b"}]}`)
	m.fails("CONFLICT", "MIG.UP", "app:users")
	m.document(`{"users":[{"username":"a","display_name":"b"}]}`)
	// There is no dry run.
	if plan := m.object("MIG.PLAN", "app:users"); plan["invalid"] != int64(1) {
		m.t.Errorf("the plan is %v", plan)
	}
}
