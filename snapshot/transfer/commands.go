package transfer

import (
	"errors"
	"math"
	"strconv"

	"kvd/snapshot/rdb"
)

// What one command of Commands has at most: words, and bytes in them.
const (
	lineWords = 512
	lineBytes = 1 << 20
)

var errNoCommands = errors.New("there are no commands for a value of its type")

// Commands calls emit with the commands that make a value at a key that there is
// nothing at, and have it expire at a unix time in milliseconds, or never for 0.
// Any Redis server understands them, but for fields of hashes that expire, and
// documents need RedisJSON. Pending
// entries whose entry was deleted are left out: there is no command that makes
// them.
func Commands(key []byte, v *rdb.Value, expire int64, emit func(words ...[]byte) error) error {
	l := &lines{key: key, emit: emit}
	switch v.Type {
	case rdb.String:
		l.one("SET", v.String)
	case rdb.List:
		l.many("RPUSH", len(v.List), func(i int) [][]byte { return v.List[i : i+1] })
	case rdb.Set:
		l.many("SADD", len(v.Set), func(i int) [][]byte { return v.Set[i : i+1] })
	case rdb.ZSet:
		l.many("ZADD", len(v.ZSet), func(i int) [][]byte { return [][]byte{score(v.ZSet[i].Score), v.ZSet[i].Member} })
	case rdb.Hash:
		l.many("HSET", len(v.Hash), func(i int) [][]byte { return [][]byte{v.Hash[i].Name, v.Hash[i].Value} })
		l.fieldTTLs(v.Hash)
	case rdb.Stream:
		l.stream(v.Stream)
	case rdb.JSON:
		l.one("JSON.SET", []byte("$"), v.String)
	default:
		return errNoCommands
	}
	if expire != 0 {
		l.one("PEXPIREAT", decimal(expire))
	}
	return l.err
}

// lines makes the commands of one key. The first error ends it.
type lines struct {
	key  []byte
	emit func(words ...[]byte) error
	err  error
}

// one makes the command name with the key and these words.
func (l *lines) one(name string, words ...[]byte) {
	if l.err == nil {
		l.err = l.emit(append([][]byte{[]byte(name), l.key}, words...)...)
	}
}

// text is one for words that are text.
func (l *lines) text(name string, words ...string) {
	list := make([][]byte, len(words))
	for i, w := range words {
		list[i] = []byte(w)
	}
	l.one(name, list...)
}

// many makes commands that take any number of elements.
func (l *lines) many(name string, n int, at func(i int) [][]byte) {
	var words [][]byte
	size := 0
	for i := range n {
		for _, w := range at(i) {
			words = append(words, w)
			size += len(w)
		}
		if len(words) >= lineWords || size >= lineBytes || i == n-1 {
			l.one(name, words...)
			words, size = nil, 0
		}
	}
}

func (l *lines) fieldTTLs(fields []rdb.Field) {
	for i := range fields {
		if at := fields[i].Expire; at != 0 {
			l.one("HPEXPIREAT", decimal(at), []byte("FIELDS"), []byte("1"), fields[i].Name)
		}
	}
}

// stream makes a stream with its groups. XADD with MAXLEN 0 makes an empty one.
func (l *lines) stream(s *rdb.StreamValue) {
	for i := range s.Entries {
		e := &s.Entries[i]
		l.one("XADD", append([][]byte{[]byte(streamID(e.ID))}, e.Fields...)...)
	}
	if len(s.Entries) == 0 {
		id := s.Last
		if id == (rdb.StreamID{}) {
			id.Seq = 1
		}
		l.text("XADD", "MAXLEN", "0", streamID(id), "x", "y")
	}
	l.text("XSETID", streamID(s.Last), "ENTRIESADDED", strconv.FormatUint(s.EntriesAdded, 10), "MAXDELETEDID", streamID(s.MaxDeleted))
	for i := range s.Groups {
		l.group(&s.Groups[i])
	}
}

func (l *lines) group(g *rdb.Group) {
	sub := func(verb string, words ...[]byte) {
		if l.err == nil {
			l.err = l.emit(append([][]byte{[]byte("XGROUP"), []byte(verb), l.key, g.Name}, words...)...)
		}
	}
	sub("CREATE", []byte(streamID(g.Last)), []byte("ENTRIESREAD"), decimal(g.EntriesRead))
	for i := range g.Consumers {
		sub("CREATECONSUMER", g.Consumers[i].Name)
	}
	for _, p := range g.Pending {
		l.one("XCLAIM", g.Name, g.Consumers[p.Consumer].Name, []byte("0"), []byte(streamID(p.ID)),
			[]byte("TIME"), decimal(p.Delivered), []byte("RETRYCOUNT"), decimal(int64(p.Deliveries)),
			[]byte("FORCE"), []byte("JUSTID"))
	}
}

func streamID(id rdb.StreamID) string {
	return strconv.FormatUint(id.MS, 10) + "-" + strconv.FormatUint(id.Seq, 10)
}

func decimal(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// score is the text of a score, which reads back equal.
func score(f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return []byte("inf")
	case math.IsInf(f, -1):
		return []byte("-inf")
	}
	return strconv.AppendFloat(nil, f, 'g', -1, 64)
}
