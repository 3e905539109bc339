package command

import (
	"fmt"
	"strconv"
	"strings"
)

// ArgType is the type of an argument, as COMMAND DOCS spells it.
type ArgType string

// The types of arguments.
const (
	TypeString    ArgType = "string"
	TypeInteger   ArgType = "integer"
	TypeDouble    ArgType = "double"
	TypeKey       ArgType = "key"
	TypePattern   ArgType = "pattern"
	TypeUnixTime  ArgType = "unix-time"
	TypePureToken ArgType = "pure-token"
	TypeOneOf     ArgType = "oneof"
	TypeBlock     ArgType = "block"
)

// Argument is one argument of a command, or a group of them.
type Argument struct {
	Name string
	Type ArgType
	// Token is the word that comes before the argument, or for a pure token
	// the argument itself.
	Token string
	// Since is the version that first had it, if that is not the command's.
	Since string
	// KeySpec is the index in Command.Keys of the spec that finds it; -1: none.
	KeySpec int
	// Optional: it may be left out. Multiple: it may be repeated.
	// MultipleToken: together with its token.
	Optional, Multiple, MultipleToken bool
	// Args are the parts of a block, or what one of has to be chosen.
	Args []Argument
}

// Flags returns the flags as COMMAND DOCS spells and orders them.
func (a *Argument) Flags() []string {
	var flags []string
	for _, f := range []struct {
		set  bool
		name string
	}{{a.Optional, "optional"}, {a.Multiple, "multiple"}, {a.MultipleToken, "multiple_token"}} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	return flags
}

// refine applies the words in braces.
func (a *Argument) refine(text string) error {
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		switch {
		case word == "":
			return fmt.Errorf("empty refinement in {%s}", text)
		case word[0] == '@':
			a.Since = word[1:]
		case word[0] == '#':
			n, err := strconv.Atoi(word[1:])
			if err != nil || n < 0 {
				return fmt.Errorf("bad key spec %q", word)
			}
			a.KeySpec = n
		case knownTypes[ArgType(word)]:
			a.Type = ArgType(word)
		default:
			a.Name = word
		}
	}
	return nil
}

var knownTypes = map[ArgType]bool{
	TypeString: true, TypeInteger: true, TypeDouble: true, TypeKey: true, TypePattern: true, TypeUnixTime: true,
}

// typeOf guesses the type from the name that arguments of that type usually
// have.
func typeOf(name string) ArgType {
	switch name {
	case "key", "key1", "key2", "newkey", "destkey", "sourcekey", "source", "destination", "src", "dst":
		return TypeKey
	case "pattern":
		return TypePattern
	case "unix-time-seconds", "unix-time-milliseconds":
		return TypeUnixTime
	case "timeout", "longitude", "latitude", "radius", "width", "height", "score":
		return TypeDouble
	case "seconds", "milliseconds", "numkeys", "count", "offset", "cursor", "decrement", "index", "db",
		"weight", "rank", "port", "ttl", "bit", "len", "limit", "protover", "client-id", "numreplicas", "idle-time":
		return TypeInteger
	}
	return TypeString
}

// join makes arguments of elements: what is repeated becomes one, and a token
// goes to the argument that follows it.
func join(list []element) []Argument {
	list = foldRepeats(list)
	var args []Argument
	for i := 0; i < len(list); i++ {
		arg := list[i].arg
		if list[i].token && i+1 < len(list) && list[i+1].takesToken() {
			arg = list[i+1].arg
			arg.Token = list[i].arg.Token
			i++
		}
		args = append(args, arg)
	}
	return args
}

// takesToken reports whether the element can belong to the token before it.
func (e *element) takesToken() bool {
	return !e.token && !e.arg.Optional && e.arg.Token == ""
}

// foldRepeats replaces `x [x ...]` by one element that may be repeated, and
// `[x ...]` alone by one that may also be left out.
func foldRepeats(list []element) []element {
	var out []element
	for _, e := range list {
		if !e.repeat {
			out = append(out, e)
			continue
		}
		first := len(out) - len(e.inner)
		before := first >= 0 && texts(out[first:]) == texts(e.inner)
		inner := e.inner
		if before {
			inner = append([]element(nil), out[first:]...)
			out = out[:first]
		}
		arg := block(inner)
		arg.Multiple, arg.Optional = true, !before
		arg.MultipleToken = inner[0].token && arg.Type != TypePureToken
		if e.refine != "" {
			_ = arg.refine(e.refine) // it was checked when it was read
		}
		out = append(out, element{text: e.text, arg: arg})
	}
	return out
}

// block makes one argument of a sequence. A leading token belongs to all that
// follows if that is more than one argument: LIMIT offset count.
func block(list []element) Argument {
	list = foldRepeats(list)
	token := ""
	if list[0].token && mandatory(list[1:]) > 1 {
		token, list = list[0].arg.Token, list[1:]
	}
	args := join(list)
	if len(args) == 1 && token == "" {
		return args[0]
	}
	return Argument{Name: joinNames(args), Type: TypeBlock, Token: token, KeySpec: -1, Args: args}
}

// mandatory counts the elements that cannot be left out.
func mandatory(list []element) int {
	n := 0
	for i := range list {
		if !list[i].arg.Optional {
			n++
		}
	}
	return n
}

func joinNames(args []Argument) string {
	names := make([]string, len(args))
	for i := range args {
		names[i] = args[i].Name
	}
	return strings.Join(names, "_")
}

// numberKeys gives the arguments that are keys their specs, in order; the last
// spec has all that remain.
func numberKeys(args []Argument, specs int) {
	next := 0
	var walk func([]Argument)
	walk = func(args []Argument) {
		for i := range args {
			a := &args[i]
			if a.Type == TypeKey && a.KeySpec < 0 && specs > 0 {
				a.KeySpec = min(next, specs-1)
			}
			if a.KeySpec >= 0 {
				next = a.KeySpec + 1
			}
			walk(a.Args)
		}
	}
	walk(args)
}

// words returns how many words the arguments take at least, and whether there
// may be more.
func words(args []Argument) (least int, open bool) {
	for i := range args {
		n, more := args[i].words()
		least += n
		open = open || more
	}
	return least, open
}

func (a *Argument) words() (least int, open bool) {
	switch a.Type {
	case TypeBlock:
		least, open = words(a.Args)
	case TypeOneOf:
		least, open = words(a.Args[:1])
		for i := range a.Args[1:] {
			n, more := a.Args[i+1].words()
			open = open || more || n != least
			least = min(least, n)
		}
	default:
		least = 1
	}
	if a.Token != "" && a.Type != TypePureToken {
		least++
	}
	if a.Optional {
		return 0, true
	}
	return least, open || a.Multiple
}

// tokens appends the tokens of the arguments to dst.
func tokens(args []Argument, dst []string) []string {
	for i := range args {
		if t := args[i].Token; t != "" {
			dst = append(dst, strings.ToUpper(t))
		}
		dst = tokens(args[i].Args, dst)
	}
	return dst
}

// hasKeyArgument reports whether one of the arguments is a key.
func hasKeyArgument(args []Argument) bool {
	for i := range args {
		if args[i].Type == TypeKey || hasKeyArgument(args[i].Args) {
			return true
		}
	}
	return false
}
