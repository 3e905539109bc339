package client

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"kvd/tests/blackbox"
)

// user is an entry of what the tests keep versions of.
type user struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// state is what an application keeps versions and copies of.
type state struct {
	Users []user `json:"users"`
}

var (
	stateOfOne = state{Users: []user{{1, "Alice"}}}
	stateOfTwo = state{Users: []user{{1, "Alice"}, {2, "Bob"}}}
)

// fields returns a map of a reply, which is a list of twice as many in RESP2.
func fields(reply any) map[string]any {
	m := map[string]any{}
	switch r := reply.(type) {
	case map[any]any:
		for k, v := range r {
			m[fmt.Sprint(k)] = v
		}
	case []any:
		for i := 0; i+1 < len(r); i += 2 {
			m[fmt.Sprint(r[i])] = r[i+1]
		}
	}
	return m
}

// page returns the maps of a reply of a cursor and a list.
func page(reply any) (list []map[string]any) {
	if r, _ := reply.([]any); len(r) == 2 {
		items, _ := r[1].([]any)
		for _, item := range items {
			list = append(list, fields(item))
		}
	}
	return list
}

// versionedStorage keeps the versions of one value, as an application writes it.
type versionedStorage struct {
	db  *goredis.Client
	key string
}

func (s versionedStorage) save(ctx context.Context, v any, message string) (int64, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return 0, err
	}
	return s.db.Do(ctx, "VER.SAVE", s.key, "JSON", data, "MSG", message, "AUTHOR", "tests").Int64()
}

// load returns a version, or the present value for HEAD.
func (s versionedStorage) load(ctx context.Context, version any) (v state, err error) {
	text, err := s.db.Do(ctx, "VER.GET", s.key, version).Text()
	if err != nil {
		return state{}, err
	}
	return v, json.Unmarshal([]byte(text), &v)
}

// list returns a line for each version, the newest first.
func (s versionedStorage) list(ctx context.Context) (lines []string, err error) {
	reply, err := s.db.Do(ctx, "VER.LIST", s.key).Result()
	for _, v := range page(reply) {
		lines = append(lines, fmt.Sprint(v["version"], ": ", v["message"], " by ", v["author"]))
	}
	return lines, err
}

func (s versionedStorage) rollback(ctx context.Context, version any) (v state, err error) {
	text, err := s.db.Do(ctx, "VER.ROLLBACK", s.key, version, "RETURN", "VALUE").Text()
	if err != nil {
		return state{}, err
	}
	return v, json.Unmarshal([]byte(text), &v)
}

// TestVersions: a store of versions is saved to, listed, compared and rolled back.
func TestVersions(t *testing.T) {
	forEachProtocol(t, serve(t), func(t *testing.T, ctx context.Context, c *goredis.Client) {
		s := versionedStorage{c, "data/versioned"}
		if _, err := s.load(ctx, "HEAD"); err == nil || !strings.HasPrefix(err.Error(), "NOTFOUND") {
			t.Errorf("what was never saved: %v", err)
		}
		for i, v := range []state{stateOfOne, stateOfTwo} {
			message := []string{"Initial version", "Added Bob"}[i]
			if n, err := s.save(ctx, v, message); n != int64(i+1) || err != nil {
				t.Errorf("version %d, %v", n, err)
			}
		}
		if n, err := s.save(ctx, stateOfTwo, "nothing new"); n != 2 || err != nil {
			t.Errorf("the same once more is version %d, %v", n, err)
		}
		wantState(t, stateOfOne)(s.load(ctx, 1))
		wantState(t, stateOfTwo)(s.load(ctx, "HEAD"))
		diff := fields(c.Do(ctx, "VER.DIFF", s.key, 1, 2).Val())
		if fmt.Sprint(diff["changed"], diff["added"], diff["removed"]) != "[users] [] []" {
			t.Errorf("the difference is %v", diff)
		}
		wantState(t, stateOfOne)(s.rollback(ctx, 1))
		wantState(t, stateOfOne)(s.load(ctx, "HEAD"))
		lines, err := s.list(ctx)
		want := "[3: Rollback to version 1 by  2: Added Bob by tests 1: Initial version by tests]"
		if fmt.Sprint(lines) != want || err != nil {
			t.Errorf("%v, %v, want %s", lines, err, want)
		}
		if faults, err := c.Do(ctx, "VER.VERIFY", "KEY", s.key).Slice(); len(faults) != 0 || err != nil {
			t.Errorf("the hashes: %v, %v", faults, err)
		}
		for _, ref := range []any{9, "../metadata", "tag:none"} {
			if _, err := s.load(ctx, ref); err == nil {
				t.Errorf("version %v was found", ref)
			}
		}
		undelete(ctx, t, s)
		manyVersions(ctx, t, s)
	})
}

// wantState returns a check of what a storage returns.
func wantState(t *testing.T, want state) func(state, error) {
	return func(got state, err error) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) || err != nil {
			t.Errorf("%v, %v, want %v", got, err, want)
		}
	}
}

// undelete: the history of a key outlives it.
func undelete(ctx context.Context, t *testing.T, s versionedStorage) {
	t.Helper()
	if err := s.db.Do(ctx, "VER.TAG", s.key, 2, "release").Err(); err != nil {
		t.Fatal(err)
	}
	s.db.Del(ctx, s.key)
	wantState(t, stateOfTwo)(s.load(ctx, "tag:release"))
	wantState(t, stateOfTwo)(s.rollback(ctx, "tag:release"))
	if text, err := s.db.Do(ctx, "JSON.GET", s.key).Text(); !strings.Contains(text, "Bob") || err != nil {
		t.Errorf("the key has %s, %v", text, err)
	}
}

// manyVersions: of what many save at once nothing is lost, and a save that expects
// another state of the key is refused.
func manyVersions(ctx context.Context, t *testing.T, s versionedStorage) {
	t.Helper()
	const writers, each = 8, 10
	s.key = "many"
	var all sync.WaitGroup
	for w := range writers {
		all.Go(func() {
			for i := range each {
				if _, err := s.save(ctx, state{[]user{{w*each + i, "x"}}}, ""); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	stat := fields(s.db.Do(ctx, "VER.STAT", s.key).Val())
	if fmt.Sprint(stat["versions"], " ", stat["head"]) != "80 80" {
		t.Errorf("%v versions, the last is %v", stat["versions"], stat["head"])
	}
	s.db.Do(ctx, "JSON.SET", s.key, "$", "1")
	if err := s.db.Do(ctx, "VER.ROLLBACK", s.key, 1, "IFREV", stat["rev"]).Err(); err == nil || !strings.HasPrefix(err.Error(), "CONFLICT") {
		t.Errorf("a rollback over the write of another: %v", err)
	}
}

// TestVersionsOutliveTheServer: neither a crash nor a start lose a version.
func TestVersionsOutliveTheServer(t *testing.T) {
	server := serve(t)
	ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
	defer cancel()
	c := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	if n, err := (versionedStorage{c, "k"}).save(ctx, stateOfOne, "one"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	c.Close()
	server.Kill()
	server = server.Restart()
	c = goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	defer c.Close()
	s := versionedStorage{c, "k"}
	wantState(t, stateOfOne)(s.load(ctx, 1))
	if n, err := s.save(ctx, stateOfTwo, "two"); n != 2 || err != nil {
		t.Errorf("the next version is %d, %v", n, err)
	}
}

// backups makes copies of all data, as an application writes it.
type backups struct{ db *goredis.Client }

func (b backups) create(ctx context.Context, name string) (string, error) {
	return b.db.Do(ctx, "SNAP.CREATE", "NAME", name).Text()
}

// list returns the names and states of the copies, the newest first.
func (b backups) list(ctx context.Context) (ids, states []string, err error) {
	reply, err := b.db.Do(ctx, "SNAP.LIST").Result()
	for _, s := range page(reply) {
		ids, states = append(ids, fmt.Sprint(s["id"])), append(states, fmt.Sprint(s["state"]))
	}
	return ids, states, err
}

func (b backups) restore(ctx context.Context, id string) error {
	return b.db.Do(ctx, "SNAP.RESTORE", id, "FLUSH", "SAFETY", "no").Err()
}

// cleanup removes the copies that are older than some days.
func (b backups) cleanup(ctx context.Context, rule ...any) (removed string, err error) {
	reply, err := b.db.Do(ctx, append([]any{"SNAP.PRUNE"}, rule...)...).Result()
	return fmt.Sprint(fields(reply)["removed"]), err
}

// TestBackups: copies of all data are made, listed, restored and cleaned up.
func TestBackups(t *testing.T) {
	for _, protocol := range []int{2, 3} {
		t.Run(fmt.Sprint("RESP", protocol), func(t *testing.T) {
			server := serve(t)
			ctx, cancel := context.WithTimeout(context.Background(), blackbox.Patience)
			defer cancel()
			c := goredis.NewClient(&goredis.Options{Addr: server.Addr(), Protocol: protocol})
			defer c.Close()
			b := backups{c}
			s := versionedStorage{c, "app"}
			if _, err := s.save(ctx, stateOfOne, ""); err != nil {
				t.Fatal(err)
			}
			c.Set(ctx, "brief", "v", time.Hour)
			first, err := b.create(ctx, "app_state")
			if err != nil {
				t.Fatal(err)
			}
			second, err := b.create(ctx, "app_state")
			if err != nil || first == second {
				t.Fatalf("two copies of one second are %s and %s, %v", first, second, err)
			}
			if _, err := b.create(ctx, "../outside"); err == nil {
				t.Error("a name may be a path")
			}
			c.Del(ctx, "app", "brief")
			c.Set(ctx, "later", "x", 0)
			if err := b.restore(ctx, first); err != nil {
				t.Fatal(err)
			}
			if text := c.Do(ctx, "JSON.GET", "app").Val(); text != `{"users":[{"id":1,"name":"Alice"}]}` {
				t.Errorf("the document has become %v", text)
			}
			if ttl := c.TTL(ctx, "brief").Val(); c.Exists(ctx, "later").Val() != 0 || ttl <= 0 || ttl > time.Hour {
				t.Errorf("there is more than there was, or a key lives %v", ttl)
			}
			cleanUp(ctx, t, b, server, first, second)
		})
	}
}

// cleanUp: no rule takes the newest sound copy, and a damaged one spoils no list.
func cleanUp(ctx context.Context, t *testing.T, b backups, server *blackbox.Server, first, second string) {
	t.Helper()
	if removed, err := b.cleanup(ctx, "KEEPDAYS", 7); removed != "[]" || err != nil {
		t.Errorf("removed as too old: %s, %v", removed, err)
	}
	file := filepath.Join(server.Dir, "snapshots", second+".tar.zst")
	if err := os.Truncate(file, 100); err != nil {
		t.Fatal(err)
	}
	ids, states, err := b.list(ctx)
	if want := second + " " + first + " broken ok"; strings.Join(append(ids, states...), " ") != want || err != nil {
		t.Errorf("%v, %v, %v, want %s", ids, states, err, want)
	}
	if err := b.restore(ctx, second); err == nil || b.db.Exists(ctx, "app").Val() != 1 {
		t.Errorf("the damaged copy was restored: %v", err)
	}
	if removed, err := b.cleanup(ctx, "KEEPLAST", 1); strings.Contains(removed, first) || err != nil {
		t.Errorf("the only sound copy is gone: %s, %v", removed, err)
	}
	third, err := b.create(ctx, "app_state")
	if err != nil {
		t.Fatal(err)
	}
	if removed, err := b.cleanup(ctx, "KEEPLAST", 1); !strings.Contains(removed, first) || strings.Contains(removed, third) || err != nil {
		t.Errorf("removed: %s, %v", removed, err)
	}
	if err := b.restore(ctx, first); err == nil || !strings.HasPrefix(err.Error(), "NOTFOUND") {
		t.Errorf("what was removed is answered %v", err)
	}
}

// TestPythonHistory: the same storage and copies, written in Python.
func TestPythonHistory(t *testing.T) {
	const python = "/usr/bin/python3"
	need(t, python)
	if r := blackbox.Tool(t, scriptWithin, nil, python, "-c", "import redis"); r.Code != 0 {
		blackbox.Missing(t, "redis-py for "+python)
	}
	s := serve(t)
	succeeds(t, blackbox.Tool(t, scriptWithin, nil, python, "python/history.py", strconv.Itoa(s.Port), s.Dir))
}
