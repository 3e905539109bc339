package engine

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"kvd/internal/clock"
)

// wantField is what the model knows of a field.
type wantField struct {
	value string
	at    int64
}

type wantHash map[string]wantField

// hashModel is an engine and what its hashes should hold.
type hashModel struct {
	e     *Engine
	clock *clock.Manual
	disk  *journal
	want  [2]map[string]wantHash // by database and key
}

func newHashModel(t testing.TB) *hashModel {
	m := &hashModel{disk: &journal{}}
	m.e, m.clock = newEngineWith(t, Options{Store: m.disk, Shards: 4})
	m.want = [2]map[string]wantHash{{}, {}}
	return m
}

func (m *hashModel) now() int64 { return m.clock.Now().UnixMilli() }

// at returns a hash of the model for a change, and forgets it if that empties it.
func (m *hashModel) at(db int, key string, fn func(h wantHash)) {
	h := m.want[db][key]
	if h == nil {
		h = wantHash{}
	}
	fn(h)
	if m.want[db][key] = h; len(h) == 0 {
		delete(m.want[db], key)
	}
}

// prune removes what has expired.
func (m *hashModel) prune() {
	for db := range m.want {
		for key := range m.want[db] {
			m.at(db, key, func(h wantHash) {
				maps.DeleteFunc(h, func(_ string, f wantField) bool { return f.at != 0 && f.at < m.now() })
			})
		}
	}
}

var (
	hashKeys   = rapid.SampledFrom([]string{"a", "b", "c", longHash})
	longHash   = strings.Repeat("long", 4000)
	hashDBs    = rapid.IntRange(0, 1)
	hashFields = rapid.Custom(func(t *rapid.T) string { return fmt.Sprint("f", rapid.IntRange(0, 30).Draw(t, "f")) })
	hashValues = rapid.SampledFrom([]int{0, 1, 2, 70, 900, 50_000}) // lengths
)

// drawExpiry draws a time shortly before or after now, or none.
func (m *hashModel) drawExpiry(t *rapid.T) Expiry {
	if rapid.Bool().Draw(t, "never") {
		return NoExpiry
	}
	return Expiry(m.now() + rapid.Int64Range(-5, 200).Draw(t, "in"))
}

func (m *hashModel) set(t *rapid.T) {
	db, key, exp := hashDBs.Draw(t, "db"), hashKeys.Draw(t, "key"), m.drawExpiry(t)
	if rapid.IntRange(0, 3).Draw(t, "keep") == 0 {
		exp = Keep
	}
	var pairs [][]byte
	for i := range rapid.IntRange(1, 12).Draw(t, "fields") {
		value := strings.Repeat(string(rune('a'+i)), hashValues.Draw(t, "length"))
		pairs = append(pairs, []byte(hashFields.Draw(t, "f")), []byte(value))
	}
	m.at(db, key, func(h wantHash) {
		for i := 0; i < len(pairs); i += 2 {
			f := wantField{string(pairs[i+1]), int64(exp)}
			if exp == Keep {
				f.at = h[string(pairs[i])].at
			}
			h[string(pairs[i])] = f
		}
		if exp > 0 && int64(exp) <= m.now() {
			for i := 0; i < len(pairs); i += 2 {
				delete(h, string(pairs[i]))
			}
		}
	})
	withHash(t, m.e, db, key, func(_ *Tx, h *Hash) { h.SetUntil(pairs, exp, fewFields) })
}

func (m *hashModel) take(t *rapid.T) {
	db, key := hashDBs.Draw(t, "db"), hashKeys.Draw(t, "key")
	fields := rapid.SliceOfN(hashFields, 1, 12).Draw(t, "fields")
	withHash(t, m.e, db, key, func(_ *Tx, h *Hash) {
		m.at(db, key, func(want wantHash) {
			i, removed := 0, 0
			n := h.Take(words(fields...), func(value []byte) {
				f, ok := want[fields[i]]
				if string(value) != f.value || (value != nil) != ok {
					t.Fatalf("Take gives %.20q for %s", value, fields[i])
				}
				if ok {
					removed++
				}
				delete(want, fields[i])
				i++
			})
			if n != removed {
				t.Fatalf("Take removes %d, not %d", n, removed)
			}
		})
	})
}

// allowed says of a condition, with numbers for never, whether it holds.
func allowed(when FieldCondition, old, at int64) bool {
	never := old == 0
	return map[FieldCondition]bool{
		Always: true, IfNever: never, IfExpires: !never, IfLater: !never && at > old, IfEarlier: never || at < old,
	}[when]
}

func (m *hashModel) expire(t *rapid.T) {
	db, key, at := hashDBs.Draw(t, "db"), hashKeys.Draw(t, "key"), m.drawExpiry(t)
	fields := rapid.SliceOfN(hashFields, 1, 12).Draw(t, "fields")
	withHash(t, m.e, db, key, func(_ *Tx, h *Hash) {
		m.at(db, key, func(want wantHash) {
			i := 0
			when := rapid.SampledFrom([]FieldCondition{Always, IfNever, IfExpires, IfLater, IfEarlier}).Draw(t, "when")
			h.Expire(words(fields...), at, when, func(_ []byte, done FieldExpiry) {
				f, ok := want[fields[i]]
				expect := FieldChanged
				switch {
				case !ok:
					expect = FieldMissing
				case !allowed(when, f.at, int64(at)):
					expect = FieldRefused
				case at != NoExpiry && int64(at) <= m.now():
					expect = FieldDeleted
					delete(want, fields[i])
				default:
					want[fields[i]] = wantField{f.value, int64(at)}
				}
				if done != expect {
					t.Fatalf("Expire does %d to %s, not %d", done, fields[i], expect)
				}
				i++
			})
		})
	})
}

func (m *hashModel) pass(t *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 100).Draw(t, "ms")) * time.Millisecond)
	m.prune()
	if rapid.Bool().Draw(t, "active") {
		m.e.ExpireDue()
		for i := range m.e.shards {
			if at := m.e.shards[i].nextField.Load(); at < m.now() {
				t.Fatalf("a field of shard %d expired %d ms ago", i, m.now()-at)
			}
		}
	}
}

// whole does something to two keys as a whole, which must have been opened: the
// engine keeps a key of which all fields have expired until it looks.
func (m *hashModel) whole(t *rapid.T) {
	db, src, dst := hashDBs.Draw(t, "db"), hashKeys.Draw(t, "src"), hashKeys.Draw(t, "dst")
	for _, key := range []string{src, dst} {
		withHash(t, m.e, 0, key, func(*Tx, *Hash) {})
		withHash(t, m.e, 1, key, func(*Tx, *Hash) {})
	}
	from := m.want[db][src]
	to := rapid.IntRange(0, 1).Draw(t, "to")
	do(m.e, func(tx *Tx) {
		tx.Select(db)
		switch rapid.IntRange(0, 5).Draw(t, "what") {
		case 0:
			if err := tx.Rename([]byte(src), []byte(dst)); err == nil {
				delete(m.want[db], src)
				m.want[db][dst] = from
			}
		case 1:
			if src == dst && to == db {
				return
			}
			if ok, _ := tx.Copy([]byte(src), []byte(dst), to); ok {
				m.want[to][dst] = maps.Clone(from)
			}
		case 2:
			if to == db {
				return
			}
			if ok, _ := tx.Move([]byte(src), to); ok {
				delete(m.want[db], src)
				m.want[to][src] = from
			}
		case 3:
			tx.Delete([]byte(src))
			delete(m.want[db], src)
		case 4:
			tx.Expire([]byte(src), Expiry(m.now()+100_000))
		case 5:
			tx.SetString([]byte(src), []byte("a string of some length"), NoExpiry)
			tx.Delete([]byte(src))
			delete(m.want[db], src)
		}
	})
}

func (m *hashModel) flushOrSwap(t *rapid.T) {
	db := hashDBs.Draw(t, "db")
	do(m.e, func(tx *Tx) {
		if rapid.IntRange(0, 2).Draw(t, "swap") > 0 {
			tx.Swap(0, 1)
			m.want[0], m.want[1] = m.want[1], m.want[0]
			return
		}
		tx.Flush(db)
		m.want[db] = map[string]wantHash{}
	})
	m.e.garbage.collect()
}

// check compares an engine with the model.
func (m *hashModel) check(t *rapid.T, e *Engine) {
	checkFields(t, e)
	for db := range m.want {
		for _, key := range []string{"a", "b", "c", longHash} {
			got, want := wantHash{}, m.want[db][key]
			withHash(t, e, db, key, func(_ *Tx, h *Hash) {
				if h.Len() != len(want) || h.Count() != len(want) || h.Exists() != (len(want) > 0) {
					t.Fatalf("%.10s of %d has %d fields, counted %d, want %d", key, db, h.Len(), h.Count(), len(want))
				}
				h.All(func(field, value []byte) bool {
					at, _ := h.Deadline(field)
					got[string(field)] = wantField{string(value), int64(at)}
					return true
				})
			})
			if !maps.Equal(got, want) {
				t.Fatalf("%.10s of %d is %.200v, want %.200v", key, db, got, want)
			}
		}
	}
	checkFields(t, e)
}

func TestHashModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newHashModel(t)
		rt.Repeat(map[string]func(*rapid.T){
			"set": m.set, "set again": m.set, "take": m.take, "expire": m.expire, "expire again": m.expire, "pass": m.pass,
			"whole": m.whole, "flush or swap": m.flushOrSwap,
			"compact": func(*rapid.T) { m.e.Compact(1 << 20) },
			"check":   func(t *rapid.T) { m.check(t, m.e) },
		})
		m.check(rt, m.e)
		again, c := newEngine(t)
		c.Advance(m.clock.Now().Sub(c.Now()))
		if err := replay(again, m.disk.rows); err != nil {
			rt.Fatal(err)
		}
		m.check(rt, again)
	})
}

// checkFields compares each shard's queue of hashes with the entries.
func checkFields(t interface{ Fatalf(string, ...any) }, e *Engine) {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		for place, d := range s.fields.items {
			ent := s.entry(d.ref())
			if int(s.fieldsPlace(ent)) != place || s.firstField(ent) != d.at {
				t.Fatalf("shard %d: the item at %d belongs to an entry that says %d", i, place, s.fieldsPlace(ent))
			}
			if ref, ok := s.find(d.db(), e.hash(s.key(ent)), s.key(ent)); !ok || ref != d.ref() {
				t.Fatalf("shard %d: the item at %d is of no key of database %d", i, place, d.db())
			}
		}
		queued := 0
		for db := range s.dbs {
			if s.dbs[db].index == nil {
				continue
			}
			s.dbs[db].index.All(func(ref uint64) bool {
				if s.firstField(s.entry(ref)) != 0 {
					queued++
				}
				return true
			})
		}
		if queued != len(s.fields.items) {
			t.Fatalf("shard %d: %d hashes have fields that expire, %d are queued", i, queued, len(s.fields.items))
		}
		s.mu.Unlock()
	}
}
