package engine

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"kvd/internal/glob"
)

// PolicyScope is how a policy names its keys.
type PolicyScope uint8

// The scopes. The numbers are written to disk.
const (
	ScopeKey        PolicyScope = 1 // one key
	ScopePrefix     PolicyScope = 2 // all keys that begin so
	ScopePattern    PolicyScope = 3 // all keys that fit a pattern
	ScopeCollection PolicyScope = 4 // the documents of a collection
)

// PolicyMode is what is recorded.
type PolicyMode uint8

// The modes. The numbers are written to disk.
const (
	// RecordManual records nothing by itself.
	RecordManual PolicyMode = 1
	// RecordAuto records the state after each transaction that changed it.
	RecordAuto PolicyMode = 2
)

// HistoryPolicy says of which keys versions are recorded and how long they are kept. It
// holds in all databases. A zero leaves a limit out; times are in milliseconds.
type HistoryPolicy struct {
	Scope PolicyScope
	Name  string // as the scope names it
	// Prefix is what the keys of a collection begin with.
	Prefix string
	Mode   PolicyMode
	// Keep is how many versions are kept, MaxAge for how long, and MinKeep how many
	// are kept whatever their age.
	Keep, MinKeep uint64
	MaxAge        int64
	// KeepDeleted is how long the versions of a key are kept that is gone.
	KeepDeleted int64
	// MinGap is the least time from one recorded version to the next.
	MinGap int64
}

// prefix is what the keys of a policy for several begin with.
func (p *HistoryPolicy) prefix() string {
	if p.Scope == ScopeCollection {
		return p.Prefix
	}
	return p.Name
}

// policies are all policies, to be searched. They do not change.
type policies struct {
	keys     map[string]*HistoryPolicy
	prefixes []*HistoryPolicy // the longest first
	patterns []*HistoryPolicy // the longest first
}

// find returns the policy for a key that records by itself, or nil.
func (ps *policies) find(key []byte) *HistoryPolicy {
	if p := ps.of(key); p != nil && p.Mode == RecordAuto {
		return p
	}
	return nil
}

// of returns the policy for a key, or nil. The most specific counts: that of the
// key, else the one with the longest prefix, else with the longest pattern.
func (ps *policies) of(key []byte) *HistoryPolicy {
	if p := ps.keys[string(key)]; p != nil {
		return p
	}
	for _, p := range ps.prefixes {
		if prefix := p.prefix(); len(prefix) <= len(key) && string(key[:len(prefix)]) == prefix {
			return p
		}
	}
	for _, p := range ps.patterns {
		if glob.Match([]byte(p.Name), key) {
			return p
		}
	}
	return nil
}

// compile makes what is searched of the stored policies.
func compilePolicies(list []HistoryPolicy) (all, auto *policies) {
	if len(list) == 0 {
		return nil, nil
	}
	all = &policies{keys: map[string]*HistoryPolicy{}}
	for i := range list {
		p := &list[i]
		switch p.Scope {
		case ScopeKey:
			all.keys[p.Name] = p
		case ScopePattern:
			all.patterns = append(all.patterns, p)
		default:
			all.prefixes = append(all.prefixes, p)
		}
		if p.Mode == RecordAuto {
			auto = all
		}
	}
	slices.SortFunc(all.prefixes, func(a, b *HistoryPolicy) int {
		return cmp.Or(cmp.Compare(len(b.prefix()), len(a.prefix())), cmp.Compare(b.Scope, a.Scope))
	})
	slices.SortFunc(all.patterns, func(a, b *HistoryPolicy) int {
		return cmp.Or(cmp.Compare(len(b.Name), len(a.Name)), strings.Compare(a.Name, b.Name))
	})
	return all, auto
}

// policyRow is what the names of the stored policies begin with; scope and name
// follow.
const policyRow = "history/"

func (p *HistoryPolicy) row() string { return policyRow + string(rune('0'+p.Scope)) + p.Name }

// SetPolicy stores a policy, in place of one of the same scope and name. The Tx
// must hold all shards.
func (tx *Tx) SetPolicy(p *HistoryPolicy) {
	b := []byte{byte(p.Mode)}
	for _, n := range [...]uint64{p.Keep, p.MinKeep, uint64(p.MaxAge), uint64(p.KeepDeleted), uint64(p.MinGap)} {
		b = binary.AppendUvarint(b, n)
	}
	tx.PutSetting(p.row(), string(append(b, p.Prefix...)))
	tx.engine.loadPolicies()
}

// RemovePolicy removes the policy of a scope and name, and reports whether there
// was one. The versions stay. The Tx must hold all shards.
func (tx *Tx) RemovePolicy(scope PolicyScope, name string) bool {
	p := HistoryPolicy{Scope: scope, Name: name}
	stored, _ := tx.engine.Settings(p.row())
	if _, ok := stored[p.row()]; !ok {
		return false
	}
	tx.DeleteSetting(p.row())
	tx.engine.loadPolicies()
	return true
}

// Policies returns all policies, by scope and name.
func (e *Engine) Policies() []HistoryPolicy {
	stored, _ := e.Settings(policyRow)
	list := make([]HistoryPolicy, 0, len(stored))
	for name, value := range stored {
		if p, ok := readPolicy(name, value); ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b HistoryPolicy) int {
		return cmp.Or(cmp.Compare(a.Scope, b.Scope), strings.Compare(a.Name, b.Name))
	})
	return list
}

func readPolicy(name, value string) (p HistoryPolicy, ok bool) {
	name = strings.TrimPrefix(name, policyRow)
	if name == "" || value == "" {
		return p, false
	}
	p.Scope, p.Name, p.Mode = PolicyScope(name[0]-'0'), name[1:], PolicyMode(value[0])
	r := trailerReader{rest: bytes.Clone([]byte(value[1:]))}
	p.Keep, p.MinKeep = r.uvarint(), r.uvarint()
	p.MaxAge, p.KeepDeleted, p.MinGap = int64(r.uvarint()), int64(r.uvarint()), int64(r.uvarint())
	p.Prefix = string(r.rest)
	return p, !r.bad
}

// loadPolicies has what is stored count. A collection has a policy by its own rules
// where none is stored for it.
func (e *Engine) loadPolicies() {
	list := e.Policies()
	for db := range e.opt.Databases {
		for _, c := range e.Collections(db) {
			p := HistoryPolicy{Scope: ScopeCollection, Name: c.Name, Prefix: c.Prefix, Mode: RecordManual}
			if c.History == HistoryAuto {
				p.Mode = RecordAuto
			}
			stored := slices.ContainsFunc(list, func(o HistoryPolicy) bool { return o.Scope == p.Scope && o.Name == p.Name })
			if !stored && c.History != HistoryOff && c.History != "" {
				list = append(list, p)
			}
		}
	}
	all, auto := compilePolicies(list)
	e.history.all.Store(all)
	e.history.auto.Store(auto)
}

// PolicyOf returns the policy for a key.
func (e *Engine) PolicyOf(key []byte) (p HistoryPolicy, ok bool) {
	all := e.history.all.Load()
	if all == nil {
		return p, false
	}
	if found := all.of(key); found != nil {
		return *found, true
	}
	return p, false
}
