package storetest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"kvd/internal/change"
	"kvd/persist"
)

// Memory is a store without a disk. What is submitted is durable at once; a
// checkpoint is what makes it visible to Get, as with the real one. Close and
// Reopen play a restart; Fail plays a disk that refuses writes.
type Memory struct {
	mu      sync.Mutex
	all     Model // everything submitted
	stored  Model // what checkpoints have folded
	seq     uint64
	epoch   uint32
	folded  uint32
	failure error
	gets    int
}

// NewMemory returns an empty store.
func NewMemory() *Memory { return &Memory{all: Model{}, stored: Model{}, epoch: 1} }

// Submit takes a set. During a failure it is numbered and dropped.
func (m *Memory) Submit(set *change.Set) uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seq++
	if m.failure == nil {
		m.all.ApplySet(set)
	}
	return m.seq
}

// Flush has nothing to do.
func (m *Memory) Flush() error { return m.Err() }

// Written is the last number.
func (m *Memory) Written() uint64 { return m.last() }

// Synced is the last number.
func (m *Memory) Synced() uint64 { return m.last() }

// Durable is the last number.
func (m *Memory) Durable() uint64 { return m.last() }

func (m *Memory) last() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seq
}

// Err is what Fail set.
func (m *Memory) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failure
}

// Fail has writes refused with err; nil ends it.
func (m *Memory) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err
}

// Backlog is false.
func (m *Memory) Backlog() bool { return false }

// Get reads a row that a checkpoint has folded.
func (m *Memory) Get(space uint32, key []byte, fn func(*change.Row) error) (bool, error) {
	m.mu.Lock()
	id := ID{Kind: change.Key, Space: space, Key: string(key)}
	v, ok := m.stored[id]
	m.gets++
	m.mu.Unlock()
	if !ok {
		return false, nil
	}
	return true, fn(v.row(id))
}

// Gets counts the calls of Get.
func (m *Memory) Gets() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.gets
}

func (v Value) row(id ID) *change.Row {
	return &change.Row{
		Op: change.Put, Kind: id.Kind, Type: v.Type, Space: id.Space, ID: id.Collection,
		Expire: v.Expire, Key: []byte(id.Key), Value: []byte(v.Value),
	}
}

// Epoch numbers the checkpoint to come.
func (m *Memory) Epoch() uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.epoch
}

// Folded numbers the last checkpoint.
func (m *Memory) Folded() uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.folded
}

// Checkpoint shows Get all that was submitted.
func (m *Memory) Checkpoint(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return errors.Join(errors.New("checkpoint"), m.failure)
	}
	m.stored = Model{}
	for id, v := range m.all {
		m.stored[id] = v
	}
	m.folded, m.epoch = m.epoch, m.epoch+1
	return nil
}

// Load gives everything that was submitted, in the order of the kinds: settings,
// keys, elements.
func (m *Memory) Load(_ int, fn func(*change.Row) error) (persist.LoadStats, error) {
	m.mu.Lock()
	rows := make([]*change.Row, 0, len(m.all))
	for id, v := range m.all {
		rows = append(rows, v.row(id))
	}
	m.mu.Unlock()
	slices.SortStableFunc(rows, func(a, b *change.Row) int { return cmp.Compare(loadOrder(a.Kind), loadOrder(b.Kind)) })
	for _, r := range rows {
		if err := fn(r); err != nil {
			return persist.LoadStats{}, err
		}
	}
	return persist.LoadStats{Rows: int64(len(rows))}, nil
}

// loadOrder is the turn of a kind in Load.
func loadOrder(kind change.Kind) int {
	return slices.Index([]change.Kind{change.Meta, change.Key, change.Head, change.Element}, kind)
}

// Close has nothing to do.
func (m *Memory) Close() error { return nil }

// Reopen forgets what a restart forgets: epochs.
func (m *Memory) Reopen() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.epoch, m.folded = 1, 0
}
