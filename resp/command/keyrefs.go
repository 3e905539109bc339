package command

import "kvd/internal/rediserr"

// errBadKeys is what COMMAND GETKEYS answers for a line whose keys cannot be
// told.
var errBadKeys = rediserr.New("Invalid arguments specified for command")

// KeyRefs appends the keys of a line to dst and returns it. It allocates only
// when dst has no room.
//
// A line that contradicts itself, such as one that counts more keys than it
// has, is an error, and what is returned beside it are the keys that could be
// told. Such a line is still to be given to the handler, which has the error
// that the client expects and gives it before it touches a key.
//
// This is the one place that knows where keys are: locks, permissions, routing
// and COMMAND GETKEYS all ask here.
func (c *Command) KeyRefs(args [][]byte, dst []KeyRef) ([]KeyRef, error) {
	if c.oneKey != 0 && c.oneKey < len(args) {
		return append(dst, KeyRef{c.oneKey, c.Keys[0].flags(args)}), nil
	}
	if len(c.Keys) == 0 {
		return dst, nil
	}
	if find := c.Keys[0].By; find != nil {
		return find(args, dst)
	}

	var err error
	before := len(dst)
	for i := range c.Keys {
		var failed error
		if dst, failed = c.Keys[i].refs(args, dst); failed != nil && err == nil {
			err = failed
		}
	}
	if c.Flags.Has(NoMandatoryKeys) {
		return dst, nil
	}
	if err == nil && len(dst) == before && c.HasKeys() {
		err = errBadKeys
	}
	return dst, err
}

// OneKey returns the index of the key of a command that has exactly one, always
// at the same place; 0 if the command is different.
func (c *Command) OneKey() int { return c.oneKey }

// LocksAll reports whether the keys of a line can't be told beforehand, so that
// all are locked.
func (c *Command) LocksAll(args [][]byte) bool {
	return c.Flags.Has(AllKeys) || c.Reaches != nil && c.Reaches(args)
}

// OwnsTx reports whether the handler of a line begins its transactions itself,
// where the line is not part of one.
func (c *Command) OwnsTx(args [][]byte) bool {
	return c.Flags.Has(OwnTx) || c.Owns != nil && c.Owns(args)
}

// HasKeys reports whether a line of the command can have keys.
func (c *Command) HasKeys() bool {
	for i := range c.Keys {
		if !c.Keys[i].Flags.Has(NotKey) {
			return true
		}
	}
	return false
}

// FirstLastStep returns the place of the keys as COMMAND INFO told it before
// there were key specs: first and last key, where -1 is the last argument, and
// the distance between two.
func (c *Command) FirstLastStep() (first, last, step int) {
	return c.legacy[0], c.legacy[1], c.legacy[2]
}

// refs appends the keys that one spec finds.
func (k *KeySpec) refs(args [][]byte, dst []KeyRef) ([]KeyRef, error) {
	if k.Flags.Has(NotKey) {
		return dst, nil
	}
	start, ok := k.start(args)
	if !ok {
		return dst, nil
	}
	first, last, ok := k.bounds(args, start)
	if !ok || k.Step < 1 || first < 1 || last < first || last >= len(args) {
		return dst, errBadKeys
	}
	flags := k.flags(args)
	for pos := first; pos <= last; pos += k.Step {
		dst = append(dst, KeyRef{pos, flags})
	}
	return dst, nil
}

// start returns where the search ends; without the keyword there is no place.
func (k *KeySpec) start(args [][]byte) (int, bool) {
	if k.Search == SearchIndex {
		return k.Index, true
	}
	if k.Search == SearchUnknown {
		return 0, false
	}
	// The last argument is no keyword, since nothing would follow it, nor is the
	// name of the command.
	if k.From >= 0 {
		for i := max(k.From, 1); i < len(args)-1; i++ {
			if equalFold(args[i], k.Keyword) {
				return i + 1, true
			}
		}
		return 0, false
	}
	for i := len(args) + k.From; i > 1; i-- {
		if equalFold(args[i], k.Keyword) {
			return i + 1, true
		}
	}
	return 0, false
}

// bounds returns the first and the last key of a spec that starts at start.
func (k *KeySpec) bounds(args [][]byte, start int) (first, last int, ok bool) {
	if k.Find == FindKeyNum {
		at := start + k.CountAt
		if at >= len(args) {
			return 0, 0, false
		}
		n, err := ParseInt(args[at])
		if err != nil || n < 1 || n > int64(len(args)) {
			return 0, 0, false
		}
		first = start + k.FirstAt
		return first, first + (int(n)-1)*k.Step, true
	}
	switch {
	case k.Last >= 0:
		return start, start + k.Last, true
	case k.Limit <= 1:
		return start, len(args) + k.Last, true
	default:
		return start, start + (len(args)-start)/k.Limit + k.Last, true
	}
}

func (k *KeySpec) flags(args [][]byte) KeyFlags {
	if k.Vary != nil {
		return k.Vary(args)
	}
	return k.Flags &^ VariableFlags
}

// fixed reports whether the spec is a range that begins at a fixed argument.
func (k *KeySpec) fixed() bool { return k.Search == SearchIndex && k.Find == FindRange }

// legacyRange joins the leading specs with fixed places to one range, as old
// clients expect it.
func legacyRange(keys []KeySpec) [3]int {
	if len(keys) == 1 && keys[0].fixed() {
		k := &keys[0]
		return [3]int{k.Index, k.lastArg(), k.Step}
	}
	first, last := 0, 0
	for i := range keys {
		k := &keys[i]
		if !k.fixed() || k.Step != 1 || last < 0 || (last > 0 && k.Index != last+1) {
			continue
		}
		if first == 0 || k.Index < first {
			first = k.Index
		}
		last = k.lastArg()
	}
	if first == 0 {
		return [3]int{}
	}
	return [3]int{first, last, 1}
}

// lastArg returns the last argument of a fixed range.
func (k *KeySpec) lastArg() int {
	if k.Last >= 0 {
		return k.Index + k.Last
	}
	return k.Last
}

// equalFold reports whether b is the word s, ASCII letters in any case.
func equalFold(b []byte, s string) bool {
	if len(b) != len(s) {
		return false
	}
	for i, c := range b {
		if lower(c) != lower(s[i]) {
			return false
		}
	}
	return true
}
