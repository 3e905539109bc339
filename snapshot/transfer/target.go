package transfer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kvd/internal/link"
	"kvd/snapshot/rdb"
)

const (
	// batchKeys and batchBytes end a batch of commands, which is sent at once.
	batchKeys  = 512
	batchBytes = 1 << 20
	// largestDump is the longest payload that is restored in one piece, in bytes;
	// servers take words of up to 512 MiB.
	largestDump = 256 << 20
)

// Target writes records into a server, in batches.
type Target struct {
	conn  *link.Conn
	rules *Rules
	db    int // that the connection has selected
	sent  []sent
	bytes int
	Counts
	// Reread, if not nil, gets a value by other means whose payload is of a form
	// that neither the target nor this package reads.
	Reread func(rec *rdb.Record) (*rdb.Value, error)
}

// sent is a command whose reply has not been read.
type sent struct {
	rec *rdb.Record // nil: SELECT
	was attempt
}

// attempt is how a record is written.
type attempt uint8

const (
	asItIs attempt = iota // the payload of the source
	anew                  // one that is made here, in an old version of the format
)

// NewTarget writes to the server of a connection, which is at database 0.
func NewTarget(conn *link.Conn, rules *Rules) *Target { return &Target{conn: conn, rules: rules} }

// Put writes a record, or leaves it out if the rules are not for it. The record
// must stay as it is until the next Flush.
func (t *Target) Put(rec *rdb.Record) error {
	switch {
	case !t.rules.takes(rec):
		return nil
	case t.rules.over(rec):
		t.Expired++
		return nil
	}
	if err := t.send(rec, asItIs); err != nil {
		return err
	}
	if len(t.sent) >= batchKeys || t.bytes >= batchBytes {
		return t.Flush()
	}
	return nil
}

// send queues what writes a record.
func (t *Target) send(rec *rdb.Record, how attempt) error {
	if rec.Kind == rdb.Function {
		t.sent = append(t.sent, sent{rec: rec, was: anew})
		t.bytes += len(rec.Code)
		return t.conn.Send([]byte("FUNCTION"), []byte("LOAD"), []byte("REPLACE"), rec.Code)
	}
	if err := t.choose(rec.DB); err != nil {
		return err
	}
	var dump []byte
	if how == asItIs {
		dump = rec.Payload(nil)
	} else {
		dump = rdb.Encode(nil, rec.Value)
	}
	if len(dump) > largestDump {
		return t.piecewise(rec)
	}
	t.sent = append(t.sent, sent{rec, how})
	t.bytes += len(dump) + len(rec.Key)
	return t.conn.Send(t.restore(rec, dump)...)
}

// restore is the command that writes a record.
func (t *Target) restore(rec *rdb.Record, dump []byte) [][]byte {
	words := [][]byte{[]byte("RESTORE"), rec.Key, strconv.AppendInt(nil, rec.Expire, 10), dump}
	if rec.Expire != 0 {
		words = append(words, []byte("ABSTTL"))
	}
	if t.rules.Clash == Replace {
		words = append(words, []byte("REPLACE"))
	}
	switch {
	case rec.Idle > 0:
		words = append(words, []byte("IDLETIME"), strconv.AppendInt(nil, rec.Idle, 10))
	case rec.Freq > 0:
		words = append(words, []byte("FREQ"), strconv.AppendInt(nil, int64(rec.Freq), 10))
	}
	return words
}

// choose selects a database for what follows.
func (t *Target) choose(db int) error {
	if db == t.db {
		return nil
	}
	t.db = db
	t.sent = append(t.sent, sent{})
	return t.conn.SendText("SELECT", strconv.Itoa(db))
}

// Flush sends what is queued and reads the replies.
func (t *Target) Flush() error {
	if len(t.sent) == 0 {
		return nil
	}
	if err := t.conn.Flush(); err != nil {
		return fmt.Errorf("write to the target: %w", err)
	}
	batch := t.sent
	t.sent, t.bytes = nil, 0
	var again []*rdb.Record
	var first error
	for _, s := range batch { // to the last one, so that the next batch has its own replies
		reply, err := t.conn.Receive()
		if err != nil {
			return fmt.Errorf("read from the target: %w", err)
		}
		retry, err := t.took(s, reply)
		if retry {
			again = append(again, s.rec)
		}
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return first
	}
	for _, rec := range again {
		if err := t.retry(rec); err != nil {
			return err
		}
	}
	if t.rules.Progress != nil {
		t.rules.Progress(t.Counts)
	}
	return nil
}

// took accounts for a reply, and reports whether the target can't read a payload
// as it is.
func (t *Target) took(s sent, reply link.Reply) (retry bool, err error) {
	err = reply.Err()
	switch {
	case s.rec == nil:
		return false, err
	case s.rec.Kind == rdb.Function:
		if err != nil {
			return false, fmt.Errorf("a function library: %w", err)
		}
		t.Functions++
		return false, nil
	case err == nil:
		t.Keys++
		return false, nil
	case strings.HasPrefix(err.Error(), "BUSYKEY"):
		return false, t.clashed(s.rec)
	case s.was == asItIs && unreadable(err):
		return true, nil
	}
	return false, keyError(s.rec, err)
}

// clashed accounts for a key that is there.
func (t *Target) clashed(rec *rdb.Record) error {
	if t.rules.Clash == Skip {
		t.Skipped++
		return nil
	}
	return keyError(rec, ErrExists)
}

// unreadable reports whether a server refused a payload because of its form.
func unreadable(err error) bool {
	text := err.Error()
	return strings.Contains(text, "DUMP payload version or checksum") || strings.Contains(text, "Bad data format")
}

// retry writes a record whose payload the target could not read: in an older
// version of the format or, where that has no word for it, by commands.
func (t *Target) retry(rec *rdb.Record) error {
	if rec.Value == nil {
		v, err := rdb.Decode(rec.Dump)
		if err != nil && t.Reread != nil {
			v, err = t.Reread(rec)
		}
		if err != nil {
			return keyError(rec, err)
		}
		if rec.Value = v; v == nil {
			return nil // it has gone from the source
		}
	}
	if hasFieldTTL(rec.Value) {
		if err := t.choose(rec.DB); err != nil {
			return err
		}
		return t.piecewise(rec)
	}
	if err := t.send(rec, anew); err != nil {
		return err
	}
	return t.Flush()
}

// piecewise writes a record by commands, at once: one that is too large for a
// payload, or of which the target's payloads can't have all.
func (t *Target) piecewise(rec *rdb.Record) error {
	if err := t.Flush(); err != nil {
		return err
	}
	if t.rules.Clash != Replace {
		reply, err := t.conn.Do("EXISTS", string(rec.Key))
		if err != nil {
			return keyError(rec, err)
		}
		if reply.Int > 0 {
			return t.clashed(rec)
		}
	}
	// Under a name of its own, so that a failure leaves no half of a key.
	temp := append([]byte("kvd:import:"), rec.Key...)
	err := t.commands(temp, rec)
	if err == nil {
		_, err = t.conn.Do("RENAME", string(temp), string(rec.Key))
	}
	if err != nil {
		_, _ = t.conn.Do("UNLINK", string(temp)) // the first error counts
		return keyError(rec, err)
	}
	t.Keys++
	return nil
}

func (t *Target) commands(key []byte, rec *rdb.Record) error {
	if _, err := t.conn.Do("UNLINK", string(key)); err != nil {
		return err
	}
	return Commands(key, rec.Value, rec.Expire, func(words ...[]byte) error {
		if err := errors.Join(t.conn.Send(words...), t.conn.Flush()); err != nil {
			return err
		}
		reply, err := t.conn.Receive()
		if err != nil {
			return err
		}
		return reply.Err()
	})
}

func hasFieldTTL(v *rdb.Value) bool {
	for i := range v.Hash {
		if v.Hash[i].Expire != 0 {
			return true
		}
	}
	return false
}
