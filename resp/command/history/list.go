package history

import (
	"encoding/hex"
	"math"
	"strconv"

	"kvd/engine"
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

type listOptions struct {
	count         int
	from          uint64 // the version to begin at
	oldest        bool   // begin with the oldest
	author        []byte
	since, until  int64
	authorMatters bool
}

// defaultPage is how many versions a page has.
const defaultPage = 100

func parseList(c *command.Ctx) (opt listOptions, err error) {
	opt = listOptions{count: defaultPage, since: math.MinInt64, until: math.MaxInt64}
	s := c.Options(2)
	for s.Next() {
		switch word := s.Option(); word {
		case "COUNT":
			n := s.Count()
			opt.count = int(min(n, math.MaxInt32))
			if n == 0 {
				s.Fail(rediserr.Syntax)
			}
		case "CURSOR":
			opt.from, err = command.ParseUint(s.Arg())
			if err != nil {
				s.Fail(rediserr.InvalidCursor)
			}
		case "REV":
			opt.oldest = true
		case "AUTHOR":
			opt.author, opt.authorMatters = s.Arg(), true
		case "SINCE":
			opt.since = timeOption(&s)
		case "UNTIL":
			opt.until = timeOption(&s)
		default:
			s.Fail(command.SyntaxNear([]byte(word)))
		}
	}
	return opt, s.Err()
}

func timeOption(s *command.Options) int64 {
	arg := s.Arg()
	if arg == nil {
		return 0
	}
	at, err := command.ParseMoment(arg)
	s.Fail(err)
	return at
}

func (o *listOptions) shows(v *engine.Version) bool {
	return v.Time >= o.since && v.Time <= o.until && (!o.authorMatters || v.Author == string(o.author))
}

// list implements VER.LIST. The cursor is the number of the version at which the
// next page begins.
func list(c *command.Ctx) error {
	opt, err := parseList(c)
	if err != nil {
		return err
	}
	h, err := c.Tx.History(c.Args[1])
	if err != nil {
		return err
	}
	var page []engine.Version
	next, err := opt.page(&h, &page)
	if err != nil {
		return err
	}
	c.Out.Array(2)
	c.Out.Text(strconv.FormatUint(next, 10))
	c.Out.Array(len(page))
	for i := range page {
		writeInfo(c, &h, &page[i])
	}
	return nil
}

// lookMost is how many versions one page looks at, where few of them are shown.
const lookMost = 10_000

// page fills a page and returns where the next one begins; 0: there is none.
func (o *listOptions) page(h *engine.History, page *[]engine.Version) (next uint64, err error) {
	state, ok := h.State()
	if !ok {
		return 0, nil
	}
	at := o.from
	switch {
	case at == 0 && o.oldest:
		at = state.First
	case at == 0:
		at = state.Newest
	}
	for looked := 0; at > 0 && at <= state.Newest && at >= state.First; looked++ {
		if len(*page) == o.count || looked == lookMost {
			return at, nil
		}
		v, ok, err := h.Before(at)
		if err != nil {
			return 0, err
		}
		if ok && (!o.oldest || v.Number == at) && o.shows(&v) {
			*page = append(*page, v)
		}
		switch {
		case o.oldest:
			at++
		case !ok:
			at = 0
		default:
			at = v.Number - 1
		}
		if !o.oldest && ok && v.Time < o.since {
			return 0, nil // all others are older
		}
	}
	return 0, nil
}

// writeInfo writes what is known of a version as a map.
func writeInfo(c *command.Ctx, h *engine.History, v *engine.Version) {
	out := c.Out
	out.Map(12)
	out.Text("version")
	out.Int(int64(v.Number))
	out.Text("rev")
	out.Int(int64(v.Rev))
	out.Text("time")
	out.Int(v.Time)
	for _, pair := range [...][2]string{{"author", v.Author}, {"actor", v.Actor}, {"message", v.Message}, {"op", v.Command}} {
		out.Text(pair[0])
		out.Text(pair[1])
	}
	out.Text("hash")
	if v.Tombstone() {
		out.Null()
	} else {
		out.Bulk(hex.AppendEncode(nil, v.Hash[:]))
	}
	out.Text("size")
	out.Int(int64(v.Size))
	out.Text("stored")
	out.Int(int64(v.Stored))
	out.Text("type")
	out.Text(command.TypeName(v.Type))
	out.Text("tags")
	names := h.TagsOf(v.Number)
	out.Array(len(names))
	for _, name := range names {
		out.Text(name)
	}
}
