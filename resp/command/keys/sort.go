package keys

import (
	"bytes"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

func sortSpecs() []command.Spec {
	const (
		syntax = "key [BY pattern{#1}] [LIMIT offset count] [GET pattern{#1} [GET pattern{#1} ...]] " +
			"[ASC | DESC]{order} [ALPHA]{sorting}"
		complexity = "O(N+M*log(N)) for N elements of which M are returned; O(N) if they are not sorted"
		categories = command.NoFamilyCategories | command.CatSet | command.CatSortedSet | command.CatList | command.CatDangerous
	)
	key := command.Key(1, command.RO|command.Access)
	patterns := command.Unknown(command.RO|command.Access, "The keys of BY and GET: their names come from the elements.")
	store := command.Unknown(command.OW|command.Update, "The key of STORE, an option that may stand anywhere.")
	return []command.Spec{
		{
			Name: "sort", Syntax: syntax + " [STORE destination{#2}]", Arity: -2, Flags: command.Write | command.DenyOOM,
			Categories: categories, Keys: command.KeysBy(sortKeys, key, patterns, store), Reaches: reachesPatterns,
			Since: "1.0.0", Complexity: complexity,
			Summary: "Sorts the elements of a list, a set or a sorted set.", Handler: sortKey,
		},
		{
			Name: "sort_ro", Syntax: syntax, Arity: -2, Flags: command.ReadOnly,
			Categories: categories, Keys: command.KeysBy(sortROKeys, key, patterns), Reaches: reachesPatterns,
			Since: "7.0.0", Complexity: complexity,
			Summary: "Sorts the elements of a list, a set or a sorted set, and can't store the result.", Handler: sortKey,
		},
	}
}

// sortROKeys finds the key that is sorted.
func sortROKeys(_ [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	return append(dst, command.KeyRef{Pos: 1, Flags: command.RO | command.Access}), nil
}

// sortKeys finds the key that is sorted and the last one after STORE.
func sortKeys(args [][]byte, dst []command.KeyRef) ([]command.KeyRef, error) {
	dst, _ = sortROKeys(args, dst)
	store := 0
	for i := 2; i < len(args)-1; i++ {
		switch word := args[i]; {
		case isWord(word, "limit"):
			i += 2
		case isWord(word, "by"), isWord(word, "get"):
			i++
		case isWord(word, "store"):
			i++
			store = i
		}
	}
	if store > 0 {
		dst = append(dst, command.KeyRef{Pos: store, Flags: command.OW | command.Update})
	}
	return dst, nil
}

func isWord(arg []byte, word string) bool { return bytes.EqualFold(arg, []byte(word)) }

// reachesPatterns reports whether a line may look at keys whose names come from
// the elements.
func reachesPatterns(args [][]byte) bool {
	for i := 2; i < len(args)-1; i++ {
		if (isWord(args[i], "by") || isWord(args[i], "get")) && bytes.IndexByte(args[i+1], wildcard) >= 0 {
			return true
		}
	}
	return false
}

// sortOptions are the options of SORT.
type sortOptions struct {
	by       []byte // nil: the elements themselves
	unsorted bool   // the order is as they stand
	gets     []sortPattern
	offset   int64
	count    int64 // negative: all
	order    string
	alpha    bool
	store    []byte // nil: the result is the reply
}

func (o *sortOptions) descending() bool { return o.order == "DESC" }

// The errors for patterns of a user who may not read every key.
var (
	errByDenied  = rediserr.New("BY option of SORT denied due to insufficient ACL permissions.")
	errGetDenied = rediserr.New("GET option of SORT denied due to insufficient ACL permissions.")
)

func parseSort(c *command.Ctx) (sortOptions, error) {
	opt := sortOptions{count: -1}
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); {
		case word == "ASC" || word == "DESC":
			opt.order = word
		case word == "ALPHA":
			opt.alpha = true
		case word == "LIMIT" && s.Left() >= 2:
			opt.offset, opt.count = s.Int(), s.Int()
		case word == "BY":
			opt.by = s.Arg()
			opt.unsorted = bytes.IndexByte(opt.by, wildcard) < 0
			if !opt.unsorted && !c.ReadsEveryKey() {
				s.Fail(errByDenied)
			}
		case word == "GET":
			if s.Left() > 0 && !c.ReadsEveryKey() {
				s.Fail(errGetDenied)
				break
			}
			opt.gets = append(opt.gets, newSortPattern(s.Arg()))
		case word == "STORE" && c.Command.Flags.Has(command.Write):
			opt.store = s.Arg()
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return opt, s.Err()
}

// bounds returns which of n elements are wanted.
func (o *sortOptions) bounds(n int) (from, to int) {
	size := int64(n)
	from = int(min(max(o.offset, 0), size))
	if o.count < 0 {
		return from, n
	}
	return from, from + int(min(o.count, size-int64(from)))
}

// sortKey implements SORT and SORT_RO.
func sortKey(c *command.Ctx) error {
	opt, err := parseSort(c)
	if err != nil {
		return err
	}
	c.Tx.Exists(c.Args[1]) // notes the access
	src, err := openSorted(c.Tx, c.Args[1])
	if err != nil {
		return err
	}
	if opt.unsorted && src.kind == ofSet && opt.store != nil {
		// What is stored must not depend on the order in a hash table.
		opt.unsorted, opt.alpha, opt.by = false, true, nil
	}
	if err := c.Heavy(src.len()); err != nil {
		return err
	}
	values, err := wanted(c.Tx, &src, &opt)
	if err != nil {
		return err
	}
	if opt.store != nil {
		return storeSorted(c, values, &opt)
	}
	return writeSorted(c, values, &opt)
}

// wanted returns the elements that are wanted, in order.
func wanted(tx *engine.Tx, src *sortedKey, opt *sortOptions) ([][]byte, error) {
	from, to := opt.bounds(src.len())
	if opt.unsorted {
		return src.stretch(from, to, opt.descending()), nil
	}
	values, err := sorted(tx, src.stretch(0, src.len(), false), opt)
	if err != nil {
		return nil, err
	}
	return values[from:to], nil
}

// writeSorted replies with the elements, or with what GET makes of them.
func writeSorted(c *command.Ctx, elements [][]byte, opt *sortOptions) error {
	c.Out.Array(len(elements) * max(len(opt.gets), 1))
	for _, e := range elements {
		if len(opt.gets) == 0 {
			c.Out.Bulk(e)
		}
		for g := range opt.gets {
			v, err := opt.gets[g].follow(c.Tx, e)
			switch {
			case err != nil:
				return err
			case v.text.Exists():
				c.Bulk(v.text)
			default:
				c.Out.BulkOrNull(v.other)
			}
		}
	}
	return nil
}

// storeSorted makes a list of them; what GET does not find is an empty element.
func storeSorted(c *command.Ctx, elements [][]byte, opt *sortOptions) error {
	values := make([][]byte, 0, len(elements)*max(len(opt.gets), 1))
	var mem blocks
	for _, e := range elements {
		if len(opt.gets) == 0 {
			values = append(values, e)
		}
		for g := range opt.gets {
			v, err := opt.gets[g].follow(c.Tx, e)
			if err != nil {
				return err
			}
			values = append(values, mem.keep(v.bytes()))
		}
	}
	c.Tx.ReplaceList(opt.store, values, "sortstore")
	c.Out.Int(int64(len(values)))
	return nil
}
