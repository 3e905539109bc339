package keys

import (
	"context"
	"errors"
	"math"
	"net"
	"strconv"
	"time"

	"kvd/engine"
	"kvd/internal/link"
	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/snapshot/rdb"
)

func migrateSpecs() []command.Spec {
	const flags = command.RW | command.Access | command.Delete
	return []command.Spec{{
		Name: "migrate", Arity: -6, Flags: command.Write | command.OwnTx | command.Slow, Categories: command.CatDangerous,
		Syntax: `host port{integer} <key{#0} | ""{empty_string}>{key_or_empty_string} destination-db{integer} timeout{integer} ` +
			`[COPY]{@3.0.0} [REPLACE]{@3.0.0} [[AUTH password]{@4.0.7} | [AUTH2 username password]{username_password,@6.0.0}]{authentication} ` +
			`[KEYS key [key ...]]{#1,@3.0.6}`,
		Keys:  command.KeysBy(migrateKeys, command.Key(migrateKey, flags), command.KeysAfter("KEYS", -2, 0, flags|command.Incomplete)),
		Tips:  []string{tipOutput},
		Since: "2.6.0", Complexity: "that of DUMP and DEL here and of RESTORE there, and the time that the values are on their way",
		Summary: "Moves keys to another server.",
		History: []command.Change{
			{Version: "3.0.0", Text: "`COPY` and `REPLACE` were added."},
			{Version: "3.0.6", Text: "`KEYS` was added."},
			{Version: "4.0.7", Text: "`AUTH` was added."},
			{Version: "6.0.0", Text: "`AUTH2` was added."},
		},
		Handler: migrate,
	}}
}

// The places of MIGRATE's words.
const (
	migrateKey     = 3
	migrateDB      = 4
	migrateTimeout = 5
	migrateOptions = 6
)

var (
	errMigrateKeys  = rediserr.New("When using MIGRATE KEYS option, the key argument must be set to the empty string")
	errMigrateMulti = rediserr.New("MIGRATE is not possible inside a transaction or a script: it would hold up everybody")
	errMigrateWrite = rediserr.Coded("IOERR", "error or timeout writing to target instance")
	errMigrateRead  = rediserr.Coded("IOERR", "error or timeout reading from target instance")
	errMigrateBusy  = rediserr.New("a key was written while it was on its way; it is here as it is, and there as it was")
)

// migrateKeys finds the keys of a line of MIGRATE.
func migrateKeys(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	const flags = command.RW | command.Access | command.Delete
	for i := migrateOptions; i < len(args); i++ {
		if string(upper(args[i])) == "KEYS" {
			if len(args[migrateKey]) != 0 {
				return dst, nil // the handler refuses the line before it looks at any key
			}
			for i++; i < len(args); i++ {
				dst = append(dst, command.KeyRef{Pos: i, Flags: flags})
			}
			return dst, nil
		}
		switch string(upper(args[i])) {
		case "AUTH":
			i++
		case "AUTH2":
			i += 2
		}
	}
	return append(dst, command.KeyRef{Pos: migrateKey, Flags: flags}), nil
}

// upper returns a short word in capital letters.
func upper(word []byte) []byte {
	const longest = 8
	if len(word) > longest {
		return nil
	}
	out := make([]byte, len(word))
	for i, c := range word {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		out[i] = c
	}
	return out
}

// migration is a line of MIGRATE.
type migration struct {
	c             *command.Ctx
	to            link.Address
	timeout       time.Duration
	copies        bool
	replace       bool
	keys          [][]byte
	conn          *link.Conn
	user, pass    string
	authenticates bool
}

// migrant is a key on its way.
type migrant struct {
	key, dump []byte
	ttl       int64 // in milliseconds; 0: none
	watch     engine.Watch
	arrived   bool
}

// migrateTries is how often keys are sent that are written meanwhile.
const migrateTries = 3

// migrate implements MIGRATE. Unlike in redis-server clients go on while the keys
// are on their way: what is written meanwhile is sent again, and a key is deleted
// here only if it is there as it is.
func migrate(c *command.Ctx) error {
	m, err := parseMigrate(c)
	switch {
	case err != nil:
		return err
	case c.Tx != nil:
		return errMigrateMulti
	}
	defer m.close()
	left, found := m.keys, false
	for try := 0; len(left) > 0; try++ {
		if try == migrateTries {
			return errMigrateBusy
		}
		list, err := m.pack(left)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		found = true
		err = m.send(list)
		left = m.settle(list)
		if err != nil {
			return err
		}
		m.replace = true // what is there now is what was sent
	}
	if !found {
		c.Out.Status("NOKEY")
		return nil
	}
	c.Out.OK()
	return nil
}

func parseMigrate(c *command.Ctx) (*migration, error) {
	m := &migration{c: c, keys: [][]byte{c.Args[migrateKey]}}
	s := c.Options(migrateOptions)
	for s.Next() {
		switch s.Option() {
		case "COPY":
			m.copies = true
		case "REPLACE":
			m.replace = true
		case "AUTH":
			m.authenticates, m.pass = true, string(s.Arg())
		case "AUTH2":
			m.authenticates, m.user, m.pass = true, string(s.Arg()), string(s.Arg())
		case "KEYS":
			if len(c.Args[migrateKey]) != 0 {
				s.Fail(errMigrateKeys)
				continue
			}
			m.keys = nil
			for s.Left() > 0 {
				m.keys = append(m.keys, s.Arg())
			}
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	if err := s.Err(); err != nil {
		return nil, err
	}
	timeout, err := c.Int(migrateTimeout)
	if err != nil {
		return nil, err
	}
	db, err := c.Int(migrateDB)
	if err != nil {
		return nil, err
	}
	if timeout <= 0 {
		timeout = 1000
	}
	m.timeout = time.Duration(min(timeout, math.MaxInt32)) * time.Millisecond
	m.to = link.Address{Network: "tcp", Host: net.JoinHostPort(string(c.Args[1]), string(c.Args[2])), DB: int(db)}
	return m, nil
}

// pack takes copies of keys as they are now and watches them.
func (m *migration) pack(keys [][]byte) (list []*migrant, err error) {
	err = m.c.Within(keys, func(tx *engine.Tx) error {
		list = nil
		for _, key := range keys {
			o, ok := tx.Object(key)
			if !ok {
				continue
			}
			v, err := valueOf(tx, key, o.Type)
			if err != nil || v == nil {
				return err
			}
			k := &migrant{key: key, dump: rdb.Encode(nil, v)}
			if at, _ := tx.Deadline(key); at != engine.NoExpiry {
				k.ttl = max(1, int64(at)-tx.Now())
			}
			list = append(list, k)
		}
		for _, k := range list {
			tx.Watch(&k.watch, k.key)
		}
		return nil
	})
	return list, err
}

// send restores keys at the target and notes which have arrived. Its error is that
// of the first that has not.
func (m *migration) send(list []*migrant) error {
	if err := m.connect(); err != nil {
		return err
	}
	for _, k := range list {
		words := [][]byte{[]byte("RESTORE"), k.key, strconv.AppendInt(nil, k.ttl, 10), k.dump}
		if m.replace {
			words = append(words, []byte("REPLACE"))
		}
		if m.conn.Send(words...) != nil {
			return errMigrateWrite
		}
	}
	if m.conn.Flush() != nil {
		return errMigrateWrite
	}
	var first error
	for _, k := range list {
		reply, err := m.conn.Receive()
		if err != nil {
			return errMigrateRead
		}
		if err := reply.Err(); err == nil {
			k.arrived = true
		} else if first == nil {
			first = refused(err)
		}
	}
	return first
}

// connect connects to the target, once.
func (m *migration) connect() error {
	if m.conn != nil {
		return nil
	}
	if m.authenticates {
		m.to.User, m.to.Password = m.user, m.pass
	}
	conn, err := link.Dial(context.Background(), m.to, m.timeout)
	switch answer := (*link.Error)(nil); {
	case errors.As(err, &answer):
		return refused(answer)
	case err != nil:
		return errMigrateWrite
	}
	m.conn = conn
	return nil
}

func (m *migration) close() {
	if m.conn != nil {
		m.conn.Close()
	}
}

// refused is the error for one that the target answers.
func refused(err error) error {
	return rediserr.Newf("Target instance replied with error: %s", err)
}

// settle deletes the keys that have arrived, unless they are to stay, and returns
// those that were written meanwhile.
func (m *migration) settle(list []*migrant) (changed [][]byte) {
	keys := make([][]byte, len(list))
	for i, k := range list {
		keys[i] = k.key
	}
	_ = m.c.Within(keys, func(tx *engine.Tx) error {
		for _, k := range list {
			switch {
			case !k.arrived || m.copies:
			case tx.Clean(&k.watch):
				tx.Delete(k.key)
			default:
				changed = append(changed, k.key)
			}
		}
		return nil
	})
	for _, k := range list {
		m.c.Services.Engine.Unwatch(&k.watch)
	}
	return changed
}
