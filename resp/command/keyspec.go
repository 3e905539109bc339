package command

// KeyFlags say what a command does with a key.
type KeyFlags uint16

// What happens to the key as a whole: exactly one of these.
const (
	// RO: the key's value is read.
	RO KeyFlags = 1 << iota
	// RW: it is read and changed.
	RW
	// OW: it is overwritten, whatever it was.
	OW
	// RM: it is removed.
	RM
)

// What happens to the data in it: any of these.
const (
	// Access: data of the value is returned, copied or used to decide.
	Access KeyFlags = 1 << (4 + iota)
	// Update: data is changed.
	Update
	// Insert: data is added and none is changed or removed.
	Insert
	// Delete: data is removed.
	Delete
)

// What is special about the spec.
const (
	// NotKey: not a key, but routed like one: a shard channel.
	NotKey KeyFlags = 1 << (8 + iota)
	// Incomplete: the spec may miss keys.
	Incomplete
	// VariableFlags: the flags depend on other arguments.
	VariableFlags

	shownKeyFlags = 11
)

var keyFlagNames = [shownKeyFlags]string{
	"RO", "RW", "OW", "RM", "access", "update", "insert", "delete",
	"not_key", "incomplete", "variable_flags",
}

// Names returns the flags as COMMAND INFO spells and orders them.
func (f KeyFlags) Names() []string { return setNames(uint64(f), keyFlagNames[:]) }

// Has reports whether all of want are set.
func (f KeyFlags) Has(want KeyFlags) bool { return f&want == want }

// Writes reports whether the key may be changed, which takes a write lock.
func (f KeyFlags) Writes() bool { return f&(RW|OW|RM) != 0 }

// Search says how the place of the first key is found.
type Search uint8

// Ways to begin.
const (
	// SearchIndex: at argument Index.
	SearchIndex Search = iota
	// SearchKeyword: after the argument Keyword, looked for from From on.
	SearchKeyword
	// SearchUnknown: only the command's function knows.
	SearchUnknown
)

// Find says how the keys are found from the place of the first one.
type Find uint8

// Ways to go on.
const (
	// FindRange: every Step-th argument up to Last.
	FindRange Find = iota
	// FindKeyNum: as many as an argument counts.
	FindKeyNum
	// FindUnknown: only the command's function knows.
	FindUnknown
)

// KeySpec says which arguments of a command are keys and what is done with
// them. Constructors below make the usual ones.
type KeySpec struct {
	// Notes is what a reader should know about the spec.
	Notes string
	Flags KeyFlags

	Search Search
	// Index is the argument at which the search begins: 1 is the first one
	// after the command's name, 2 after a subcommand's.
	Index int
	// Keyword is the word to look for, in any case.
	Keyword string
	// From is the argument from which the keyword is looked for; a negative one
	// counts from the end, and the search goes backwards.
	From int

	Find Find
	// Last is the last key, counted from the first one; a negative one counts
	// from the end of the line: -1 is the last argument.
	Last int
	// Step is the distance of one key to the next.
	Step int
	// Limit, above 1, says that only the first 1/Limit of the arguments are
	// keys; it goes with a negative Last.
	Limit int
	// CountAt and FirstAt are where the count and the first key stand, counted
	// from the place that the search found.
	CountAt, FirstAt int

	// By finds all keys of the command, in place of all its specs, which then
	// are for documentation only.
	By KeyFunc
	// Vary returns the flags for one line, where VariableFlags is set.
	Vary func(args [][]byte) KeyFlags
}

// KeyFunc appends the keys of args to dst. It is called with any line of the
// right arity and must bear hostile ones.
type KeyFunc func(args [][]byte, dst []KeyRef) ([]KeyRef, error)

// KeyRef is one key of a command line.
type KeyRef struct {
	// Pos is the index of the argument.
	Pos   int
	Flags KeyFlags
}

// Key is one key at argument pos.
func Key(pos int, flags KeyFlags) []KeySpec { return KeyRange(pos, pos, 1, flags) }

// KeyRange is every step-th argument from first to last. A negative last counts
// from the end of the line: -1 is the last argument.
func KeyRange(first, last, step int, flags KeyFlags) []KeySpec {
	if last >= 0 {
		last -= first
	}
	return []KeySpec{{Flags: flags, Index: first, Last: last, Step: step}}
}

// KeyNum is the keys that argument count counts and that follow from argument
// first on: `EVAL script numkeys key …` is KeyNum(2, 3, …).
func KeyNum(count, first int, flags KeyFlags) []KeySpec {
	return []KeySpec{{Flags: flags, Index: count, Find: FindKeyNum, FirstAt: first - count, Step: 1}}
}

// KeyAfter is the one key that follows keyword, which is looked for from
// argument from on.
func KeyAfter(keyword string, from int, flags KeyFlags) []KeySpec {
	return []KeySpec{{Flags: flags, Search: SearchKeyword, Keyword: keyword, From: from, Step: 1}}
}

// KeysAfter is the arguments that follow keyword, which is looked for from
// argument from on. A limit above 1 says that only the first 1/limit of them are
// keys: `STREAMS key key id id` has limit 2.
func KeysAfter(keyword string, from, limit int, flags KeyFlags) []KeySpec {
	spec := KeyAfter(keyword, from, flags)
	spec[0].Last, spec[0].Limit = -1, limit
	return spec
}

// KeyVaries is one key at argument pos whose flags depend on the line; flags
// are the most that it can be.
func KeyVaries(pos int, flags KeyFlags, vary func(args [][]byte) KeyFlags) []KeySpec {
	spec := Key(pos, flags|VariableFlags)
	spec[0].Vary = vary
	return spec
}

// KeysBy is the keys that a function finds. specs describe them as well as they
// can be described; Unknown stands for what cannot.
func KeysBy(find KeyFunc, specs ...[]KeySpec) []KeySpec {
	all := Keys(specs...)
	if len(all) == 0 {
		all = Unknown(RW|Access|Update, "")
	}
	all[0].By = find
	return all
}

// Unknown is keys that only the command's function can find.
func Unknown(flags KeyFlags, notes string) []KeySpec {
	return []KeySpec{{Flags: flags, Notes: notes, Search: SearchUnknown, Find: FindUnknown}}
}

// Keys joins specs: `Keys(Key(1, …), KeyNum(2, 3, …))`.
func Keys(specs ...[]KeySpec) []KeySpec {
	var all []KeySpec
	for _, s := range specs {
		all = append(all, s...)
	}
	return all
}
