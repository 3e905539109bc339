package engine

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"kvd/internal/change"
	"kvd/internal/glob"
)

// A cacheRule says that of the cached values which it is for none counts that was
// written at or before a revision. So any number of values is invalidated at once:
// whoever reads one compares its revision with the rules. A rule goes when the
// sweep has gone through all keys. It is stored as a row of kind Meta.
type cacheRule struct {
	ruleName
	bytes []byte // the text
	dead  uint64 // values of this revision or an older one are gone
	soft  uint64 // or else are no longer fresh
	left  int    // shards that the sweep has to go through yet
}

// ruleName is what a rule is for. A rule belongs to a space and not to a database:
// it goes with the keys where SWAPDB takes them.
type ruleName struct {
	space uint32
	kind  ruleKind
	text  string
}

type ruleKind byte

// Kinds of rules, as their rows spell them.
const (
	tagRule     ruleKind = 't' // all values with a tag
	prefixRule  ruleKind = 'p' // all whose keys begin with the text
	patternRule ruleKind = 'g' // all whose keys fit a pattern
)

const (
	// maxCacheRules is how many prefixes and patterns are compared with a key at
	// most. One more waits until the sweep is through.
	maxCacheRules = 64
	// maxTagRules is the same for tags, which are looked up.
	maxTagRules = 1 << 16
	cacheRow    = "cache/" // the meta row of a rule: cacheRow + kind + "/" + space + "/" + text
)

// cacheRules are the rules in force. They are changed only with all shards locked,
// so who holds any shard's lock may read them.
type cacheRules struct {
	newest uint64 // the newest revision of all: what is newer is under no rule
	tags   map[ruleName]*cacheRule
	others []*cacheRule
}

func newRule(name ruleName) *cacheRule { return &cacheRule{ruleName: name, bytes: []byte(name.text)} }

// any reports whether there are rules.
func (r *cacheRules) any() bool { return len(r.tags)+len(r.others) > 0 }

// of returns the newest revisions at or before which the rules make a key's cached
// value dead, or no longer fresh.
func (r *cacheRules) of(space uint32, key []byte, c cached) (dead, soft uint64) {
	for _, rule := range r.others {
		if rule.space == space && rule.fits(key) {
			dead, soft = max(dead, rule.dead), max(soft, rule.soft)
		}
	}
	if len(r.tags) > 0 {
		c.tags(func(tag []byte) bool {
			if rule := r.tags[ruleName{space, tagRule, string(tag)}]; rule != nil {
				dead, soft = max(dead, rule.dead), max(soft, rule.soft)
			}
			return true
		})
	}
	return dead, soft
}

// fits reports whether a rule about keys is for this one.
func (r *cacheRule) fits(key []byte) bool {
	if r.kind == prefixRule {
		return bytes.HasPrefix(key, r.bytes)
	}
	return glob.Match(r.bytes, key)
}

// put sets a rule for what is named.
func (r *cacheRules) put(name ruleName) *cacheRule {
	if name.kind == tagRule {
		rule := r.tags[name]
		if rule == nil {
			rule = newRule(name)
			if r.tags == nil {
				r.tags = make(map[ruleName]*cacheRule)
			}
			r.tags[name] = rule
		}
		return rule
	}
	for _, rule := range r.others {
		if rule.ruleName == name {
			return rule
		}
	}
	rule := newRule(name)
	r.others = append(r.others, rule)
	return rule
}

// remove removes a rule, if it is there.
func (r *cacheRules) remove(name ruleName) {
	delete(r.tags, name)
	for i, rule := range r.others {
		if rule.ruleName == name {
			r.others = append(r.others[:i:i], r.others[i+1:]...)
			break
		}
	}
	if !r.any() {
		r.newest = 0
	}
}

// full reports whether there is no room for a rule for what is named.
func (r *cacheRules) full(name ruleName) bool {
	if name.kind == tagRule {
		return len(r.tags) >= maxTagRules && r.tags[name] == nil
	}
	for _, rule := range r.others {
		if rule.ruleName == name {
			return false
		}
	}
	return len(r.others) >= maxCacheRules
}

// row is the name of the row of a rule.
func (n ruleName) row() []byte {
	row := append([]byte(cacheRow), byte(n.kind), '/')
	row = strconv.AppendUint(row, uint64(n.space), 10)
	row = append(row, '/')
	return append(row, n.text...)
}

// parseRule reads the name of a row.
func parseRule(row []byte) (n ruleName, ok bool) {
	rest, ok := bytes.CutPrefix(row, []byte(cacheRow))
	if !ok || len(rest) < 2 || rest[1] != '/' || !strings.ContainsRune("tpg", rune(rest[0])) {
		return n, false
	}
	space, text, ok := bytes.Cut(rest[2:], []byte("/"))
	number, err := strconv.ParseUint(string(space), 10, 32)
	return ruleName{uint32(number), ruleKind(rest[0]), string(text)}, ok && err == nil
}

// putRule sets a rule and records it. All shards are locked.
func (tx *Tx) putRule(name ruleName, soft bool) {
	r := &tx.engine.cache.rules
	rule := r.put(name)
	tx.engine.cache.ruled.Store(true)
	rev := tx.nextRev()
	if soft {
		rule.soft = rev
	} else {
		rule.dead = rev
	}
	rule.left = len(tx.engine.shards)
	r.newest = rev
	value := binary.LittleEndian.AppendUint64(nil, rule.dead)
	tx.put(change.Row{
		Op: change.Put, Kind: change.Meta, Key: name.row(), Value: binary.LittleEndian.AppendUint64(value, rule.soft),
	})
}

// dropRule removes a rule and records that. All shards are locked.
func (tx *Tx) dropRule(name ruleName) {
	r := &tx.engine.cache.rules
	r.remove(name)
	tx.engine.cache.ruled.Store(r.any())
	tx.put(change.Row{Op: change.Delete, Kind: change.Meta, Key: name.row()})
}

// checkCached looks whether a stored cached value is whole.
func (e *Engine) checkCached(row *change.Row) error {
	c := cached(row.Value)
	if !c.valid() {
		return fmt.Errorf("the stored cached value %.64q is damaged", row.Key)
	}
	e.meetRev(c.rev())
	return nil
}

// loadRule applies the stored row of a rule. All shards are locked.
func (e *Engine) loadRule(row *change.Row) error {
	name, ok := parseRule(row.Key)
	r := &e.cache.rules
	e.cache.recount = true
	switch {
	case !ok || row.Op == change.Put && len(row.Value) != 16:
		return fmt.Errorf("the stored setting %.64q is damaged", row.Key)
	case row.Op == change.Put:
		rule := r.put(name)
		rule.dead = binary.LittleEndian.Uint64(row.Value)
		rule.soft = binary.LittleEndian.Uint64(row.Value[8:])
		rule.left = len(e.shards)
		r.newest = max(r.newest, rule.dead, rule.soft)
		e.meetRev(r.newest)
	case row.Op == change.Delete:
		r.remove(name)
	}
	e.cache.ruled.Store(r.any())
	return nil
}
