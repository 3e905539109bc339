package engine

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"kvd/internal/change"
)

// spaces maps each database to the key space in which its rows are stored. A
// database that is flushed gets a new space and its old one is dropped whole;
// SWAPDB exchanges two spaces: neither touches the rows.
//
// It is changed only with all shards locked, so who holds any shard's lock may
// read it.
type spaces struct {
	byDB []atomic.Uint32
	next uint32
}

func (s *spaces) init(databases int) {
	s.byDB = make([]atomic.Uint32, databases)
	for i := range s.byDB {
		s.byDB[i].Store(uint32(i))
	}
	s.next = uint32(databases)
}

// of returns the space of a database.
func (s *spaces) of(db int) uint32 { return s.byDB[db].Load() }

// database returns the database that a space belongs to now.
func (s *spaces) database(space uint32) (int, bool) {
	for i := range s.byDB {
		if s.byDB[i].Load() == space {
			return i, true
		}
	}
	return 0, false
}

const spaceRow = "space/" // the meta row of a database's space: spaceRow + number

func (tx *Tx) setSpace(db int, space uint32) {
	tx.engine.spaces.byDB[db].Store(space)
	tx.put(change.Row{
		Op: change.Put, Kind: change.Meta,
		Key:   append([]byte(spaceRow), strconv.Itoa(db)...),
		Value: binary.LittleEndian.AppendUint32(nil, space),
	})
}

// loadSpace takes a database's space from its meta row, with all shards locked.
// The keys that the space has in memory come along, so that the rows of SWAPDB
// can be replayed.
func (e *Engine) loadSpace(row *change.Row) error {
	name, ok := strings.CutPrefix(string(row.Key), spaceRow)
	if !ok {
		return nil
	}
	db, err := strconv.Atoi(name)
	if err != nil || db < 0 || len(row.Value) != 4 {
		return fmt.Errorf("the stored setting %q is damaged", row.Key)
	}
	s := &e.spaces
	space := binary.LittleEndian.Uint32(row.Value)
	s.next = max(s.next, space+1)
	if db >= len(s.byDB) {
		return nil
	}
	if other, ok := s.database(space); ok && other != db {
		e.swapKeys(db, other)
		s.byDB[other].Store(s.of(db))
	}
	s.byDB[db].Store(space)
	return nil
}

// Flush deletes all keys of a database and returns how many there were. The Tx
// must hold all shards. The memory is given back in the background.
func (tx *Tx) Flush(db int) int {
	e := tx.engine
	tx.revokeDatabases(db, db)
	tx.wakeEmptied(db)
	e.markEmptied(db)
	tx.emptied = true
	had := e.hasHistory(db)
	n := 0
	for i := range e.shards {
		n += e.shards[i].flush(db)
	}
	e.documentsGone(db)
	tx.resized = true
	if n > 0 || had {
		tx.put(change.Row{Op: change.Drop, Kind: change.Key, Space: e.spaces.of(db)})
		tx.setSpace(db, e.spaces.next)
		e.spaces.next++
	}
	return n
}

// Swap exchanges the keys of two databases. The Tx must hold all shards.
func (tx *Tx) Swap(a, b int) {
	e := tx.engine
	e.markEmptied(a, b)
	e.swapKeys(a, b)
	tx.revokeDatabases(a, b)
	spaceA, spaceB := e.spaces.of(a), e.spaces.of(b)
	tx.setSpace(a, spaceB)
	tx.setSpace(b, spaceA)
	tx.wakeSwapped(a, b)
}

// swapKeys exchanges what two databases have in memory.
func (e *Engine) swapKeys(a, b int) {
	for i := range e.shards {
		s := &e.shards[i]
		s.dbs[a], s.dbs[b] = s.dbs[b], s.dbs[a]
		s.heads[a], s.heads[b] = s.heads[b], s.heads[a]
		s.deadlines.swap(a, b)
		s.fields.swap(a, b)
	}
}
