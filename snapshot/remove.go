package snapshot

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"kvd/internal/fail"
)

var pointRemove = fail.New("snapshot.remove")

// Force says whether a snapshot is removed that is protected by a tag.
type Force uint8

// The ways to delete.
const (
	Gently Force = iota
	Forced
)

// Delete removes a snapshot.
func (s *Service) Delete(ctx context.Context, id string, force Force) error {
	info, err := s.Info(ctx, id)
	if err != nil {
		return err
	}
	all, err := s.List(ctx, Filter{})
	if err != nil {
		return err
	}
	switch why := s.protected(info, all); {
	case why == whyTagged && force == Forced:
	case why != "":
		return codedf("LOCKED", "snapshot '%s' is %s", id, why)
	}
	return s.remove(ctx, info)
}

// remove removes the files of a snapshot: the sidecar first, without which the
// archive is still whole.
func (s *Service) remove(ctx context.Context, info Info) error {
	_, target, err := s.target(info.Target)
	if err == nil {
		err = target.Delete(ctx, info.file+endSidecar)
	}
	if err == nil {
		err = pointRemove.Err()
	}
	if err == nil {
		err = target.Delete(ctx, info.file)
	}
	if err == nil {
		s.event("snap.delete", info.ID)
	}
	return err
}

// Why a snapshot is protected.
const (
	whyTagged = "tagged"
	whyBase   = "needed as a base"
	whyInUse  = "in use"
	whyNewest = "newest verified"
)

// protected returns why a snapshot may not be removed, or "".
func (s *Service) protected(i Info, all []Info) string {
	switch {
	case s.busy(i.ID):
		return whyInUse
	case slices.ContainsFunc(all, func(other Info) bool { return other.Base == i.ID }):
		return whyBase
	case len(i.Tags) > 0:
		return whyTagged
	}
	return ""
}

// KeepRules say which snapshots stay; a rule of 0 keeps none.
type KeepRules struct {
	Last, Hourly, Daily, Weekly, Monthly, Yearly, Days int
}

// Kept is a snapshot that stays, and why.
type Kept struct{ ID, Why string }

// Pruned is what a prune has done or would do.
type Pruned struct {
	Kept    []Kept
	Removed []string
}

// PruneOptions choose snapshots and say which of them stay.
type PruneOptions struct {
	Name, Target string
	Keep         KeepRules
	DryRun       bool
}

// Prune removes the snapshots of each name that no rule keeps.
func (s *Service) Prune(ctx context.Context, o PruneOptions) (Pruned, error) {
	if o.Keep == (KeepRules{}) {
		return Pruned{}, errNoKeep
	}
	all, err := s.List(ctx, Filter{Target: o.Target})
	if err != nil {
		return Pruned{}, err
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(i Info) bool { return o.Name != "" && i.Name != o.Name })
	why := reasons(chosen, o.Keep, s.now())
	var out Pruned
	for _, i := range chosen {
		reason := why[i.ID]
		if more := s.protected(i, all); more != "" {
			reason = append(reason, more)
		}
		if len(reason) > 0 {
			if reason[0] == whyNewest {
				reason = reason[:1] // it stays whatever the rules are
			}
			out.Kept = append(out.Kept, Kept{i.ID, strings.Join(reason, ", ")})
			continue
		}
		if !o.DryRun {
			if err := s.remove(ctx, i); err != nil {
				return out, err
			}
		}
		out.Removed = append(out.Removed, i.ID)
	}
	return out, nil
}

// reasons says why snapshots stay by the rules, by their IDs. list has the newest
// first. The rules are those of restic: of each of the last n hours, days … that
// have a snapshot, the newest is kept; what any rule keeps stays. Broken ones are
// not counted.
func reasons(list []Info, keep KeepRules, now time.Time) map[string][]string {
	why := make(map[string][]string)
	add := func(i Info, reason string) { why[i.ID] = append(why[i.ID], reason) }
	rules := periods(keep)
	newest := make(map[string]bool) // names of which the newest verified one was met
	for _, i := range list {
		if i.State == StateBroken {
			if !i.damaged() {
				add(i, "can't be read now")
			}
			continue
		}
		if !i.VerifiedAt.IsZero() && !newest[i.Name] {
			newest[i.Name] = true
			add(i, whyNewest)
		}
		if keep.Days > 0 && i.Time.After(now.AddDate(0, 0, -keep.Days)) {
			add(i, "within days")
		}
		for r := range rules {
			if rules[r].keeps(i) {
				add(i, rules[r].name)
			}
		}
	}
	return why
}

// damaged reports whether a snapshot can never be read again.
func (i *Info) damaged() bool {
	return strings.HasPrefix(i.Fault, "CORRUPT ") || strings.HasPrefix(i.Fault, "UNSAFE ")
}

// period is one rule, for each name by itself.
type period struct {
	name   string
	n      int
	format string // of the time: snapshots that give the same text are of one period
	left   map[string]int
	last   map[string]string
}

func periods(k KeepRules) []period {
	list := []period{
		{name: "last", n: k.Last, format: ""},
		{name: "hourly", n: k.Hourly, format: "2006-01-02 15"},
		{name: "daily", n: k.Daily, format: "2006-01-02"},
		{name: "weekly", n: k.Weekly, format: "week"},
		{name: "monthly", n: k.Monthly, format: "2006-01"},
		{name: "yearly", n: k.Yearly, format: "2006"},
	}
	for i := range list {
		list[i].left, list[i].last = make(map[string]int), make(map[string]string)
	}
	return list
}

// keeps reports whether the rule keeps a snapshot; they come newest first.
func (p *period) keeps(i Info) bool {
	text := i.ID
	switch p.format {
	case "":
	case "week":
		year, week := i.Time.ISOWeek()
		text = fmt.Sprint(year, week)
	default:
		text = i.Time.Format(p.format)
	}
	if p.left[i.Name] >= p.n || p.last[i.Name] == text {
		return false
	}
	p.last[i.Name] = text
	p.left[i.Name]++
	return true
}
