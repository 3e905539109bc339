package transfer

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"kvd/internal/link"
	"kvd/snapshot/rdb"
)

// scanCount is how many keys of the source are asked for at once.
const scanCount = 100

// Live copies the keys of a running server into another, whatever versions the
// two have: with SCAN and DUMP, and by reading the values where the target does not
// take the source's payloads. The source is not held up. What is written there
// meanwhile may or may not come along; REPLICAOF is for moving without a gap.
type Live struct {
	From, To *link.Conn
	Rules    *Rules
	// Pattern, if not empty, is what the source is to look for, beside the rules.
	Pattern string
	// State remembers how far the copy has got; nil: nothing does.
	State *State

	target     *Target
	typed      bool // the source does not take DUMP
	noAbsolute bool // nor PEXPIRETIME
}

// Run copies all, from where the state says. With the clash Abort, the databases
// of the target must be empty when the copy begins.
func (l *Live) Run(ctx context.Context) (Counts, error) {
	run, dbs, err := l.look()
	if err != nil {
		return Counts{}, fmt.Errorf("source: %w", err)
	}
	resumed := l.State.begin(run)
	rules := *l.Rules
	if rules.Clash == Abort {
		if !resumed {
			if err := l.wantEmpty(dbs); err != nil {
				return Counts{}, err
			}
		}
		rules.Clash = Replace // what is there is what this copy has written
	}
	l.target = NewTarget(l.To, &rules)
	l.target.Counts = l.State.Counts
	l.target.Reread = func(rec *rdb.Record) (*rdb.Value, error) { return readValue(l.From, rec.Key) }
	if !resumed {
		if err := l.functions(); err != nil {
			return l.target.Counts, err
		}
	}
	for _, db := range dbs {
		if db < l.State.DB {
			continue
		}
		if err := l.database(ctx, db); err != nil {
			return l.target.Counts, err
		}
	}
	return l.target.Counts, l.State.end()
}

// look asks the source who it is and which databases it has.
func (l *Live) look() (run string, dbs []int, err error) {
	server, err := l.From.Do("INFO", "server")
	if err != nil {
		return "", nil, err
	}
	keys, err := l.From.Do("INFO", "keyspace")
	if err != nil {
		return "", nil, err
	}
	for line := range strings.Lines(string(server.Text)) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(line), "run_id:"); ok {
			run = id
		}
	}
	for line := range strings.Lines(string(keys.Text)) {
		name, _, ok := strings.Cut(line, ":")
		digits, isDB := strings.CutPrefix(name, "db")
		n, err := strconv.Atoi(digits)
		if ok && isDB && err == nil && (l.Rules.DB == AnyDB || l.Rules.DB == n) {
			dbs = append(dbs, n)
		}
	}
	return run, dbs, nil
}

// wantEmpty refuses a target with keys.
func (l *Live) wantEmpty(dbs []int) error {
	defer l.To.Do("SELECT", "0") //nolint:errcheck // what follows would fail too
	for _, db := range dbs {
		if _, err := l.To.Do("SELECT", strconv.Itoa(db)); err != nil {
			return fmt.Errorf("target: %w", err)
		}
		size, err := l.To.Do("DBSIZE")
		if err != nil {
			return fmt.Errorf("target: %w", err)
		}
		if size.Int > 0 {
			return fmt.Errorf("target: database %d has %d keys: say whether to --replace or to --skip keys that are there", db, size.Int)
		}
	}
	return nil
}

// functions copies the function libraries, if the source has such.
func (l *Live) functions() error {
	reply, err := l.From.Do("FUNCTION", "DUMP")
	if refused := (*link.Error)(nil); errors.As(err, &refused) {
		return nil // it is older than functions, or we may not
	}
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	libraries, err := rdb.DecodeFunctions(reply.Text)
	if err != nil {
		return fmt.Errorf("source: FUNCTION DUMP: %w", err)
	}
	for _, code := range libraries {
		if err := l.target.Put(&rdb.Record{Kind: rdb.Function, Code: []byte(code)}); err != nil {
			return err
		}
	}
	return l.target.Flush()
}

// database copies a database, from the cursor of the state.
func (l *Live) database(ctx context.Context, db int) error {
	if _, err := l.From.Do("SELECT", strconv.Itoa(db)); err != nil {
		return fmt.Errorf("source: %w", err)
	}
	cursor := "0"
	if l.State.DB == db && l.State.Cursor != "" {
		cursor = l.State.Cursor
	}
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		words := []string{"SCAN", cursor, "COUNT", strconv.Itoa(scanCount)}
		if l.Pattern != "" {
			words = append(words, "MATCH", l.Pattern)
		}
		reply, err := l.From.Do(words...)
		if err != nil {
			return fmt.Errorf("source: %w", err)
		}
		if len(reply.List) != 2 {
			return errors.New("source: SCAN answers something else than a cursor and keys")
		}
		if err := l.copy(db, reply.List[1].Strings()); err != nil {
			return err
		}
		if cursor = string(reply.List[0].Text); cursor == "0" {
			return l.State.save(db+1, "", l.target.Counts)
		}
		if err := l.State.save(db, cursor, l.target.Counts); err != nil {
			return err
		}
	}
}

// copy copies some keys, all of which are written when it returns.
func (l *Live) copy(db int, keys [][]byte) error {
	list, err := l.read(db, keys)
	if err != nil {
		return fmt.Errorf("source: %w", err)
	}
	for _, rec := range list {
		if err := l.target.Put(rec); err != nil {
			return err
		}
	}
	return l.target.Flush()
}

// read gets keys from the source; one that has gone is left out.
func (l *Live) read(db int, keys [][]byte) (list []*rdb.Record, err error) {
	var some []*rdb.Record
	for _, key := range keys {
		rec := &rdb.Record{Kind: rdb.Key, DB: db, Key: key, Idle: rdb.Unset, Freq: rdb.Unset}
		if l.Rules.takes(rec) {
			some = append(some, rec)
		}
	}
	if err := l.dumps(some); err != nil {
		return nil, err
	}
	if err := l.expiries(some); err != nil {
		return nil, err
	}
	for _, rec := range some {
		if rec.Dump != nil || rec.Value != nil {
			list = append(list, rec)
		}
	}
	return list, nil
}

// dumps gets the values of keys.
func (l *Live) dumps(list []*rdb.Record) error {
	if !l.typed {
		if err := l.askDumps(list); err != nil {
			return err
		}
	}
	if !l.typed {
		return nil
	}
	for _, rec := range list {
		if rec.Dump != nil {
			continue
		}
		v, err := readValue(l.From, rec.Key)
		if err != nil {
			return keyError(rec, err)
		}
		rec.Value = v
	}
	return nil
}

// askDumps gets the payloads of keys from DUMP. Where the server refuses one, the
// keys that are left without are read by their type from now on.
func (l *Live) askDumps(list []*rdb.Record) error {
	for _, rec := range list {
		if err := l.From.Send([]byte("DUMP"), rec.Key); err != nil {
			return err
		}
	}
	if err := l.From.Flush(); err != nil {
		return err
	}
	for _, rec := range list {
		reply, err := l.From.Receive()
		if err != nil {
			return err
		}
		if reply.Err() != nil {
			l.typed = true
		} else if !reply.Null {
			rec.Dump = reply.Text
		}
	}
	return nil
}

// What PTTL and PEXPIRETIME answer for a key that stays, and for one that has gone.
const (
	ttlNone = -1
	ttlGone = -2
)

// expiries gets when keys expire.
func (l *Live) expiries(list []*rdb.Record) error {
	name := "PEXPIRETIME"
	if l.noAbsolute {
		name = "PTTL"
	}
	for _, rec := range list {
		if err := l.From.Send([]byte(name), rec.Key); err != nil {
			return err
		}
	}
	if err := l.From.Flush(); err != nil {
		return err
	}
	unknown := false
	for _, rec := range list {
		reply, err := l.From.Receive()
		if err != nil {
			return err
		}
		if err := reply.Err(); err != nil {
			if l.noAbsolute {
				return err
			}
			unknown = true
			continue
		}
		switch {
		case reply.Int == ttlGone:
			rec.Dump, rec.Value = nil, nil
		case reply.Int == ttlNone:
		case l.noAbsolute:
			rec.Expire = l.now().UnixMilli() + reply.Int
		default:
			rec.Expire = reply.Int
		}
	}
	if unknown {
		l.noAbsolute = true
		return l.expiries(list)
	}
	return nil
}

func (l *Live) now() time.Time {
	if l.Rules.Now != nil {
		return l.Rules.Now()
	}
	return time.Now()
}
