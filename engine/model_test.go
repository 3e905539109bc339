package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/change"
	"kvd/internal/clock"
	"kvd/internal/rediserr"
)

// value is a key's value in the model.
type value struct {
	text string
	at   int64 // 0: never
}

const modelDatabases = 3

// model holds the same keys as an engine, in plain maps.
type model struct {
	t     *rapid.T
	e     *Engine
	disk  *disk
	clock *clock.Manual
	dbs   [modelDatabases]map[string]value
}

func newModel(t *rapid.T) *model {
	m := &model{t: t, disk: newDisk(), clock: clock.NewManual(time.UnixMilli(1_700_000_000_000))}
	m.e = m.engine()
	for i := range m.dbs {
		m.dbs[i] = map[string]value{}
	}
	return m
}

func (m *model) engine() *Engine {
	return New(Options{Store: m.disk, Clock: m.clock, Databases: modelDatabases, Shards: 4, Memory: MemoryPolicy{Samples: 5}})
}

func (m *model) now() int64 { return m.clock.Now().UnixMilli() }

// expire drops from the model what has expired.
func (m *model) expire() {
	for _, db := range m.dbs {
		maps.DeleteFunc(db, func(_ string, v value) bool { return v.at != 0 && m.now() > v.at })
	}
}

// run runs fn in a Tx of e that has locked keys, and again when a value had to
// be fetched.
func run(e *Engine, db int, now int64, keys []string, fn func(tx *Tx) error) error {
	for {
		var tx *Tx
		if len(keys) == 1 {
			tx = e.BeginKey(db, now, Reads, []byte(keys[0]))
		} else {
			var lock Lock
			for _, k := range keys {
				e.AddKey(&lock, []byte(k))
			}
			tx = e.Begin(db, now, Reads, &lock)
		}
		err := fn(tx)
		if !errors.Is(err, ErrCold) {
			tx.Commit()
			return err
		}
		coldDB, key := tx.Cold()
		if c := tx.Commit(); c.Changed {
			return errors.New("a Tx that lacked a value has changed something")
		}
		if err := e.Fetch(coldDB, key); err != nil {
			return err
		}
	}
}

func (m *model) run(db int, keys []string, fn func(tx *Tx) error) error {
	return run(m.e, db, m.now(), keys, fn)
}

func (m *model) must(err error) {
	if err != nil {
		m.t.Helper()
		m.t.Fatal(err)
	}
}

// sizes are lengths at and around the thresholds of keys and values.
var keySizes = []int{0, 1, 3, 200, longKey - 1, longKey, longKey + 5}

var valueSizes = []int{0, 1, 15, 16, 17, 100, 255, 256, 300, Large - 1, Large, Large + 1, 2 * Large}

func drawKey(t *rapid.T) string {
	size := rapid.SampledFrom(keySizes).Draw(t, "key size")
	letter := rapid.SampledFrom([]byte("abc")).Draw(t, "key letter")
	return string(slices.Repeat([]byte{letter}, size))
}

func drawValue(t *rapid.T) string {
	size := rapid.SampledFrom(valueSizes).Draw(t, "value size")
	letter := rapid.Byte().Draw(t, "value letter")
	return string(slices.Repeat([]byte{letter}, size))
}

func drawDB(t *rapid.T, label string) int { return rapid.IntRange(0, modelDatabases-1).Draw(t, label) }

// drawExpiry returns never, keep, or a time soon.
func (m *model) drawExpiry() Expiry {
	n := rapid.Int64Range(-1, 50).Draw(m.t, "expiry")
	if n > 0 {
		n += m.now()
	}
	return Expiry(n)
}

func (m *model) get(t *rapid.T) {
	db, key := drawDB(t, "db"), drawKey(t)
	want, ok := m.dbs[db][key]
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		s, err := tx.String([]byte(key))
		if err == nil && (s.Exists() != ok || string(s.Bytes()) != want.text) {
			err = fmt.Errorf("GET %d bytes (%v), want %d bytes (%v)", len(s.Bytes()), s.Exists(), len(want.text), ok)
		}
		if at, found := tx.Deadline([]byte(key)); err == nil && (found != ok || int64(at) != want.at) {
			err = fmt.Errorf("deadline %d (%v), want %d (%v)", at, found, want.at, ok)
		}
		return err
	}))
}

func (m *model) set(t *rapid.T) {
	db, key, text, exp := drawDB(t, "db"), drawKey(t), drawValue(t), m.drawExpiry()
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		tx.SetString([]byte(key), []byte(text), exp)
		return nil
	}))
	v := value{text, int64(exp)}
	if exp == Keep {
		v.at = m.dbs[db][key].at
	}
	m.dbs[db][key] = v
}

func (m *model) edit(t *rapid.T) {
	db, key, text := drawDB(t, "db"), drawKey(t), drawValue(t)
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		tx.EditString([]byte(key), []byte(text), "edit")
		return nil
	}))
	m.dbs[db][key] = value{text, m.dbs[db][key].at}
}

func (m *model) append(t *rapid.T) {
	db, key, text := drawDB(t, "db"), drawKey(t), drawValue(t)
	v := m.dbs[db][key]
	v.text += text
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		n, err := tx.Append([]byte(key), []byte(text))
		if err == nil && n != len(v.text) {
			err = fmt.Errorf("Append = %d, want %d", n, len(v.text))
		}
		return err
	}))
	m.dbs[db][key] = v
}

func (m *model) setRange(t *rapid.T) {
	db, key, text := drawDB(t, "db"), drawKey(t), drawValue(t)
	offset := rapid.IntRange(0, 300).Draw(t, "offset")
	v, ok := m.dbs[db][key]
	old := []byte(v.text)
	if text != "" {
		if end := offset + len(text); end > len(old) {
			old = append(old, make([]byte, end-len(old))...)
		}
		copy(old[offset:], text)
	}
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		n, err := tx.SetRange([]byte(key), offset, []byte(text))
		if err == nil && n != len(old) {
			err = fmt.Errorf("SetRange = %d, want %d", n, len(old))
		}
		return err
	}))
	if ok || text != "" {
		m.dbs[db][key] = value{string(old), v.at}
	}
}

func (m *model) delete(t *rapid.T) {
	db, key := drawDB(t, "db"), drawKey(t)
	_, ok := m.dbs[db][key]
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		if tx.Delete([]byte(key)) != ok {
			return fmt.Errorf("Delete = %v", !ok)
		}
		return nil
	}))
	delete(m.dbs[db], key)
}

func (m *model) setDeadline(t *rapid.T) {
	db, key := drawDB(t, "db"), drawKey(t)
	at := max(m.drawExpiry(), NoExpiry)
	if rapid.Bool().Draw(t, "past") {
		at = Expiry(m.now())
	}
	v, ok := m.dbs[db][key]
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		if tx.Expire([]byte(key), at) != ok {
			return fmt.Errorf("Expire = %v", !ok)
		}
		return nil
	}))
	switch {
	case !ok:
	case at != NoExpiry && int64(at) <= m.now():
		delete(m.dbs[db], key)
	default:
		v.at = int64(at)
		m.dbs[db][key] = v
	}
}

func (m *model) rename(t *rapid.T) {
	db, src, dst := drawDB(t, "db"), drawKey(t), drawKey(t)
	v, ok := m.dbs[db][src]
	err := m.run(db, []string{src, dst}, func(tx *Tx) error { return tx.Rename([]byte(src), []byte(dst)) })
	if !ok {
		if !errors.Is(err, rediserr.NoSuchKey) {
			t.Fatalf("Rename of no key: %v", err)
		}
		return
	}
	m.must(err)
	delete(m.dbs[db], src)
	m.dbs[db][dst] = v
}

func (m *model) copy(t *rapid.T) {
	db, to, src, dst := drawDB(t, "db"), drawDB(t, "to"), drawKey(t), drawKey(t)
	if db == to && src == dst {
		return
	}
	v, ok := m.dbs[db][src]
	m.must(m.run(db, []string{src, dst}, func(tx *Tx) error {
		done, err := tx.Copy([]byte(src), []byte(dst), to)
		if err == nil && done != ok {
			err = fmt.Errorf("Copy = %v", done)
		}
		return err
	}))
	if ok {
		m.dbs[to][dst] = v
	}
}

func (m *model) move(t *rapid.T) {
	db, to, key := drawDB(t, "db"), drawDB(t, "to"), drawKey(t)
	v, ok := m.dbs[db][key]
	_, taken := m.dbs[to][key]
	want := ok && !taken
	m.must(m.run(db, []string{key}, func(tx *Tx) error {
		done, err := tx.Move([]byte(key), to)
		if err == nil && done != want {
			err = fmt.Errorf("Move = %v", done)
		}
		return err
	}))
	if want {
		delete(m.dbs[db], key)
		m.dbs[to][key] = v
	}
}

func (m *model) flush(t *rapid.T) {
	db := drawDB(t, "db")
	do(m.e, func(tx *Tx) { tx.Flush(db) })
	clear(m.dbs[db])
	if rapid.Bool().Draw(t, "collect") {
		m.e.garbage.collect()
	}
}

func (m *model) swap(t *rapid.T) {
	a, b := drawDB(t, "a"), drawDB(t, "b")
	do(m.e, func(tx *Tx) { tx.Swap(a, b) })
	m.dbs[a], m.dbs[b] = m.dbs[b], m.dbs[a]
}

func (m *model) pass(t *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 20).Draw(t, "ms")) * time.Millisecond)
	if rapid.Bool().Draw(t, "expire") {
		m.e.ExpireDue()
	}
	m.expire()
}

// unload drops a value from memory, if that is allowed.
func (m *model) unload(t *rapid.T) {
	db, key := drawDB(t, "db"), drawKey(t)
	if rapid.Bool().Draw(t, "checkpoint") {
		m.disk.checkpoint()
	}
	do(m.e, func(tx *Tx) {
		tx.Select(db)
		if f, ok := tx.find([]byte(key)); ok && f.shard.unloadable(f.entry) {
			tx.unload(f, []byte(key))
		}
	})
}

func (m *model) compact(*rapid.T) { m.e.Compact(1 << 20) }

func (m *model) randomKey(t *rapid.T) {
	db := drawDB(t, "db")
	do(m.e, func(tx *Tx) {
		tx.Select(db)
		key, ok := tx.RandomKey()
		if _, known := m.dbs[db][string(key)]; ok != known || !ok && len(m.dbs[db]) > 0 && tx.Len() == len(m.dbs[db]) {
			t.Fatalf("RandomKey = %q, %v of %d keys", key, ok, len(m.dbs[db]))
		}
	})
}

func (m *model) scan(t *rapid.T) {
	db := drawDB(t, "db")
	seen := map[string]bool{}
	cursor := uint64(0)
	for first := true; first || cursor != 0; first = false {
		tx := m.e.Begin(db, m.now(), Reads, &Lock{})
		cursor = tx.Scan(cursor, rapid.IntRange(1, 5).Draw(t, "count"), func(it Item) { seen[string(it.Key)] = true })
		tx.Commit()
	}
	if !maps.EqualFunc(seen, m.dbs[db], func(bool, value) bool { return true }) {
		t.Fatalf("Scan found %d keys of %d", len(seen), len(m.dbs[db]))
	}
}

// check compares an engine with the model.
func (m *model) check(t *rapid.T, e *Engine) {
	for db, want := range m.dbs {
		got := map[string]value{}
		do(e, func(tx *Tx) {
			tx.Select(db)
			tx.Each(func(it Item) { got[string(it.Key)] = value{} })
		})
		for key := range got {
			m.must(run(e, db, m.now(), []string{key}, func(tx *Tx) error {
				s, err := tx.String([]byte(key))
				at, _ := tx.Deadline([]byte(key))
				got[key] = value{string(s.Bytes()), int64(at)}
				return err
			}))
		}
		if !maps.Equal(got, want) {
			t.Fatalf("database %d has %d keys, want %d; or a value differs", db, len(got), len(want))
		}
	}
	checkDeadlines(t, e)
}

// checkEmpty deletes everything and looks whether all memory is accounted for.
func (m *model) checkEmpty(t *rapid.T) {
	for db := range m.dbs {
		var keys [][]byte
		do(m.e, func(tx *Tx) {
			tx.Select(db)
			tx.Each(func(it Item) { keys = append(keys, slices.Clone(it.Key)) })
			for _, k := range keys {
				tx.Delete(k)
			}
		})
	}
	m.clock.Advance(time.Hour)
	m.e.ExpireDue()
	for range 10 {
		m.e.garbage.collect()
	}
	if used := m.e.Used(); used != 0 {
		t.Fatalf("an empty engine uses %d bytes", used)
	}
}

func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(t)
		defer m.e.Close()
		t.Repeat(map[string]func(*rapid.T){
			"get": m.get, "set": m.set, "set again": m.set, "edit": m.edit, "append": m.append, "set range": m.setRange,
			"delete": m.delete, "expire": m.setDeadline, "rename": m.rename, "copy": m.copy, "move": m.move,
			"flush": m.flush, "swap": m.swap, "pass": m.pass, "unload": m.unload, "compact": m.compact,
			"random": m.randomKey, "scan": m.scan,
		})
		m.check(t, m.e)

		replayed := m.engine()
		defer replayed.Close()
		m.must(replay(replayed, m.disk.rows))
		m.check(t, replayed)

		m.disk.checkpoint()
		folded := m.engine()
		defer folded.Close()
		m.must(m.disk.loadFolded(folded))
		m.check(t, folded)

		// A checkpoint that was cut short leaves rows that are newer than those of
		// the journal, but no settings.
		repeated := m.engine()
		defer repeated.Close()
		m.must(m.disk.loadKinds(repeated, change.Key))
		m.must(replay(repeated, m.disk.rows))
		m.check(t, repeated)

		m.checkEmpty(t)
	})
}

// checkDeadlines compares each expiry queue with the entries that it is about.
func checkDeadlines(t interface{ Fatalf(string, ...any) }, e *Engine) {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		expires := 0
		for place, d := range s.deadlines.items {
			ent := s.entry(d.ref())
			if !ent.has(flagExpires) || int(ent.deadline()) != place {
				t.Fatalf("shard %d: the item at %d belongs to an entry that says %d", i, place, ent.deadline())
			}
			if ref, ok := s.find(d.db(), e.hash(s.key(ent)), s.key(ent)); !ok || ref != d.ref() {
				t.Fatalf("shard %d: the item at %d is of no key of database %d", i, place, d.db())
			}
			if place > 0 && s.deadlines.items[(place-1)/arity].at > d.at {
				t.Fatalf("shard %d: the item at %d is before its parent", i, place)
			}
		}
		for db := range s.dbs {
			expires += s.dbs[db].expires
		}
		if expires != len(s.deadlines.items) {
			t.Fatalf("shard %d: %d keys expire, %d items", i, expires, len(s.deadlines.items))
		}
		s.mu.Unlock()
	}
}
