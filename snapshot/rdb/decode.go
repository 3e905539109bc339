package rdb

import "slices"

// Decode reads a payload. The value may share memory with it. The errors are
// ErrChecksum, ErrFormat and a ModuleError. What stands between the value and the footer is
// passed over, as redis-server does.
func Decode(payload []byte) (*Value, error) {
	body, err := unseal(payload)
	if err != nil {
		return nil, err
	}
	r := newReader(body)
	v := r.value()
	switch {
	case r.foreign != nil:
		return nil, r.foreign
	case r.bad || !v.sound():
		return nil, ErrFormat
	}
	return v, nil
}

// value reads a value with the byte of its type before it.
func (r *reader) value() *Value { return r.valueOf(r.byte()) }

// valueOf reads a value whose type and encoding this byte tells.
func (r *reader) valueOf(kind byte) *Value {
	switch kind {
	case typeString:
		return &Value{Type: String, String: r.string()}
	case typeList, typeListZiplist, typeQuicklistZiplist, typeQuicklist:
		return &Value{Type: List, List: r.items(kind)}
	case typeSet:
		return &Value{Type: Set, Set: r.list(r.count())}
	case typeSetIntset:
		return &Value{Type: Set, Compact: true, Set: r.intset()}
	case typeSetListpack:
		return &Value{Type: Set, Set: r.packedStrings(nil)}
	case typeZSetText, typeZSet, typeZSetZiplist, typeZSetListpack:
		return &Value{Type: ZSet, Compact: kind > typeZSet, ZSet: r.scored(kind)}
	case typeHash, typeHashZipmap, typeHashZiplist, typeHashListpack:
		return &Value{Type: Hash, Compact: kind > typeHash, Hash: r.fields(kind)}
	case typeHashTTL, typeHashTTLEarly, typeHashPackTTL, typeHashPackTTLEarly:
		return &Value{Type: Hash, Compact: kind == typeHashPackTTL || kind == typeHashPackTTLEarly, Hash: r.fieldsTTL(kind)}
	case typeStream, typeStream2, typeStream3:
		return &Value{Type: Stream, Stream: r.stream(kind)}
	case typeModule:
		return r.module()
	}
	r.fail()
	return nil
}

// sound reports whether no element is there twice.
func (v *Value) sound() bool {
	switch v.Type {
	case Set:
		return unique(len(v.Set), func(i int) []byte { return v.Set[i] })
	case Hash:
		return unique(len(v.Hash), func(i int) []byte { return v.Hash[i].Name })
	case ZSet:
		return unique(len(v.ZSet), func(i int) []byte { return v.ZSet[i].Member })
	}
	return true
}

// items reads a list.
func (r *reader) items(kind byte) [][]byte {
	switch kind {
	case typeList:
		return r.list(r.count())
	case typeListZiplist:
		return r.ziplist()
	}
	var list [][]byte
	for range r.count() {
		if kind == typeQuicklistZiplist {
			list = append(list, r.ziplist()...)
		} else {
			list = r.node(list)
		}
		if r.bad {
			return nil
		}
	}
	return list
}

// node reads a node of a quicklist.
func (r *reader) node(list [][]byte) [][]byte {
	switch r.number() {
	case nodePlain:
		return append(list, r.string())
	case nodePacked:
		return r.packedStrings(list)
	}
	r.fail()
	return nil
}

// packedStrings appends the entries of a listpack to list.
func (r *reader) packedStrings(list [][]byte) [][]byte {
	for p := r.listpack(); p.more(); {
		list = append(list, p.string())
	}
	return list
}

// scored reads a sorted set.
func (r *reader) scored(kind byte) []Scored {
	switch kind {
	case typeZSetListpack:
		var list []Scored
		for p := r.listpack(); p.more(); {
			member := p.string()
			list = append(list, Scored{Member: member, Score: p.score()})
		}
		return list
	case typeZSetZiplist:
		pairs := r.pairs(r.ziplist())
		list := make([]Scored, len(pairs))
		for i, f := range pairs {
			list[i] = Scored{Member: f.Name, Score: r.parseScore(f.Value)}
		}
		return list
	}
	n := r.count()
	list := make([]Scored, 0, min(n, growth))
	for range n {
		s := Scored{Member: r.string()}
		if kind == typeZSet {
			s.Score = r.binaryScore()
		} else {
			s.Score = r.oldScore()
		}
		if r.bad {
			return nil
		}
		list = append(list, s)
	}
	slices.Reverse(list) // the highest score came first
	return list
}

// pairs makes fields of strings that are names and values in turn.
func (r *reader) pairs(list [][]byte) []Field {
	if len(list)%2 != 0 {
		r.fail()
		return nil
	}
	fields := make([]Field, 0, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		fields = append(fields, Field{Name: list[i], Value: list[i+1]})
	}
	return fields
}

// fields reads a hash.
func (r *reader) fields(kind byte) []Field {
	switch kind {
	case typeHashZipmap:
		return r.zipmap()
	case typeHashZiplist:
		return r.pairs(r.ziplist())
	case typeHashListpack:
		return r.pairs(r.packedStrings(nil))
	}
	n := r.count()
	fields := make([]Field, 0, min(n, growth))
	for range n {
		fields = append(fields, Field{Name: r.string(), Value: r.string()})
		if r.bad {
			return nil
		}
	}
	return fields
}

// maxExpire is the latest time at which a field expires, in milliseconds.
const maxExpire = 1<<48 - 1

// fieldsTTL reads a hash whose fields expire: after the least time at which one
// does, but not in the early form, each has its own time before its name, as the
// time since the least one and 1, or as it is in the early form, or 0. In a
// listpack it comes after the value, as it is.
func (r *reader) fieldsTTL(kind byte) []Field {
	if r.valkey {
		return r.fieldsValkey()
	}
	base := uint64(1)
	if kind == typeHashTTL || kind == typeHashPackTTL {
		base = r.fixed()
	}
	var fields []Field
	if kind == typeHashPackTTL || kind == typeHashPackTTLEarly {
		for p := r.listpack(); p.more(); {
			name, value := p.string(), p.string()
			fields = append(fields, Field{Name: name, Value: value, Expire: r.expire(uint64(p.int()))})
		}
		return fields
	}
	if base > maxExpire+1 {
		r.fail()
	}
	for range r.count() {
		ttl := r.number()
		if ttl > 0 {
			ttl = r.within(ttl) + base - 1
		}
		fields = append(fields, Field{Expire: r.expire(ttl), Name: r.string(), Value: r.string()})
		if r.bad {
			return nil
		}
	}
	return fields
}

// fieldsValkey reads a hash whose fields expire as Valkey spells it: the time
// comes after the value, in eight bytes, and -1 is never.
func (r *reader) fieldsValkey() []Field {
	var fields []Field
	for range r.count() {
		f := Field{Name: r.string(), Value: r.string()}
		if at := int64(r.fixed()); at != -1 {
			f.Expire = r.expire(uint64(at))
		}
		if r.bad {
			return nil
		}
		fields = append(fields, f)
	}
	return fields
}

// within fails for a time that no field has.
func (r *reader) within(at uint64) uint64 {
	if at > maxExpire {
		r.fail()
		return 0
	}
	return at
}

func (r *reader) expire(at uint64) int64 { return int64(r.within(at)) }
