package crash

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"kvd/tests/blackbox"
)

// kind is the type of a key's value; a string's is empty.
type kind string

const (
	list kind = "list"
	hash kind = "hash"
)

// kindOf is what a key must be for a command, if it is there.
var kindOf = map[string]kind{
	"APPEND": "", "SETRANGE": "", "INCRBY": "", "GETDEL": "",
	"LPUSH": list, "RPUSH": list, "LPOP": list, "RPOP": list,
	"HSET": hash, "HDEL": hash,
}

// reads are the commands that show a key, of which one fits its type.
var reads = []struct {
	kind    kind
	command string
	args    []string
}{
	{"", "GET", nil},
	{list, "LRANGE", []string{"0", "-1"}},
	{hash, "HGETALL", nil},
}

// pack makes one string of several.
func pack(items ...string) string {
	var b strings.Builder
	for _, item := range items {
		b.WriteString(strconv.Itoa(len(item)) + ":" + item)
	}
	return b.String()
}

// unpack is the inverse of pack.
func unpack(text string) (items []string) {
	for text != "" {
		digits, rest, _ := strings.Cut(text, ":")
		n, _ := strconv.Atoi(digits)
		items = append(items, rest[:n])
		text = rest[n:]
	}
	return items
}

// applyElements is apply for commands on elements. A key goes with its last one.
func (m model) applyElements(args []string) string {
	key := args[1]
	e, items := m[key], unpack(m[key].value)
	reply := ""
	switch args[0] {
	case "LPUSH":
		items = slices.Insert(items, 0, args[2])
		reply = number(len(items))
	case "RPUSH":
		items = append(items, args[2])
		reply = number(len(items))
	case "LPOP", "RPOP":
		if len(items) == 0 {
			return null
		}
		i := 0
		if args[0] == "RPOP" {
			i = len(items) - 1
		}
		reply = strconv.Quote(items[i])
		items = slices.Delete(items, i, i+1)
	case "HSET", "HDEL":
		items, reply = applyField(items, args)
	default:
		panic("no model of " + args[0])
	}
	e.value, e.kind = pack(items...), kindOf[args[0]]
	if m[key] = e; len(items) == 0 {
		delete(m, key)
	}
	return reply
}

// applyField is applyElements for a hash, whose fields and values are sorted.
func applyField(items, args []string) (after []string, reply string) {
	at, found := 0, false
	for ; at < len(items) && items[at] <= args[2]; at += 2 {
		if found = items[at] == args[2]; found {
			break
		}
	}
	switch {
	case args[0] == "HDEL" && found:
		items = slices.Delete(items, at, at+2)
	case args[0] == "HSET" && found:
		items[at+1] = args[3]
		found = false
	case args[0] == "HSET":
		items = slices.Insert(items, at, args[2], args[3])
		found = true
	}
	return items, flag(found)
}

// elementCommand chooses a command on elements.
func (w *writer) elementCommand(key string) []string {
	field := "field" + strconv.Itoa(w.rng.IntN(12))
	switch w.rng.IntN(8) {
	case 0:
		return []string{"LPOP", key}
	case 1:
		return []string{"RPOP", key}
	case 2:
		return []string{"LPUSH", key, w.value()}
	case 3:
		return []string{"HDEL", key, field}
	case 4, 5:
		return []string{"HSET", key, field, w.value()}
	}
	return []string{"RPUSH", key, w.word()}
}

// receiveEntry receives the replies to reads.
func receiveEntry(c *blackbox.Client) (e entry, exists bool, err error) {
	refused := 0
	for _, read := range reads {
		v, err := c.Receive()
		if err != nil {
			return e, false, err
		}
		switch {
		case v.IsError():
			refused++
		case read.kind == "" && !v.Null:
			e, exists = entry{value: v.Text}, true
		case len(v.Items) > 0:
			e, exists = entry{value: packed(v, read.kind), kind: read.kind}, true
		}
	}
	if exists != (refused == len(reads)-1) {
		return e, false, errors.New("it has no type, or more than one")
	}
	return e, exists, nil
}

// packed makes the value of an entry of a reply.
func packed(v blackbox.Value, k kind) string {
	var items []string
	for _, item := range v.Items {
		items = append(items, item.Text)
	}
	if k == hash {
		m, fields := map[string]string{}, []string{}
		for i := 0; i+1 < len(items); i += 2 {
			m[items[i]] = items[i+1]
			fields = append(fields, items[i])
		}
		slices.Sort(fields)
		items = items[:0]
		for _, field := range fields {
			items = append(items, field, m[field])
		}
	}
	return pack(items...)
}
