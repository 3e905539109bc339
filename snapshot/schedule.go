package snapshot

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"time"

	cron "github.com/netresearch/go-cron"

	"kvd/internal/clock"
	"kvd/internal/rediserr"
)

// Schedule is a snapshot that is made again and again.
type Schedule struct {
	Name string `json:"name"`
	// Cron is when, in five fields or as @daily and the like, in the time zone Zone;
	// an empty Zone is UTC.
	Cron string `json:"cron"`
	Zone string `json:"zone,omitempty"`
	// CatchUp makes up, once, for times at which the server did not run.
	CatchUp bool          `json:"catchup,omitempty"`
	Create  CreateOptions `json:"create"`
	// Prune, if it has rules, follows each snapshot, for those of its name and
	// target.
	Prune KeepRules `json:"prune,omitzero"`
	// Since is up to when all times have been dealt with.
	Since time.Time `json:"since,omitzero"`
	// Ran is when it was last done, and Result the ID of what came of it, or an
	// error.
	Ran    time.Time `json:"ran,omitzero"`
	Result string    `json:"result,omitempty"`
	// Next is the next time; it is not stored.
	Next time.Time `json:"-"`
}

// schedulePrefix begins the names of the settings that schedules are.
const schedulePrefix = ownPrefix + "schedule/"

// plan is the timers of schedules.
type plan struct {
	mu     sync.Mutex
	timers map[string]clock.Timer
	ended  bool
}

func (p *plan) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = true
	for _, t := range p.timers {
		t.Stop()
	}
}

// times returns when a schedule is due.
func (sc *Schedule) times() (func(after time.Time) time.Time, error) {
	zone := time.UTC
	if sc.Zone != "" {
		var err error
		if zone, err = time.LoadLocation(sc.Zone); err != nil {
			return nil, rediserr.Newf("unknown time zone '%.64s'", sc.Zone)
		}
	}
	if strings.HasPrefix(sc.Cron, "TZ=") || strings.HasPrefix(sc.Cron, "CRON_TZ=") {
		return nil, rediserr.New("the time zone belongs into TZ")
	}
	parser, err := cron.TryNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom)
	if err != nil {
		return nil, err
	}
	due, err := parser.Parse(sc.Cron)
	if err != nil {
		return nil, rediserr.Newf("bad schedule: %s", err)
	}
	return func(after time.Time) time.Time {
		after = after.In(zone)
		next := due.Next(after)
		for !next.IsZero() && wallClock(next) == wallClock(after) {
			next = due.Next(next) // the hour is repeated as summer time ends
		}
		return next
	}, nil
}

// wallClock is what a clock on the wall shows, to the minute.
func wallClock(t time.Time) string { return t.Format("2006-01-02 15:04") }

// Schedule stores a schedule, in place of one of its name.
func (s *Service) Schedule(sc Schedule) error {
	if s.opt.Store == nil {
		return errMemory
	}
	if !namePattern.MatchString(sc.Name) {
		return errName
	}
	if sc.Create.Name == "" {
		sc.Create.Name = sc.Name
	}
	if err := sc.Create.Check(); err != nil {
		return err
	}
	if _, _, err := s.target(sc.Create.Target); err != nil {
		return err
	}
	if _, err := sc.times(); err != nil {
		return err
	}
	sc.Since = s.now()
	if err := s.store(&sc); err != nil {
		return err
	}
	s.arm(sc)
	return nil
}

// store keeps a schedule among the settings.
func (s *Service) store(sc *Schedule) error {
	text, err := json.Marshal(sc)
	if err != nil {
		return err
	}
	tx := s.opt.Engine.Begin(0, s.now().UnixMilli(), 0, s.allShards())
	tx.PutSetting(schedulePrefix+sc.Name, string(text))
	tx.Commit()
	return s.opt.Store.Flush()
}

// Unschedule removes a schedule and reports whether there was one.
func (s *Service) Unschedule(name string) (bool, error) {
	if s.opt.Store == nil {
		return false, errMemory
	}
	if _, ok := s.schedule(name); !ok {
		return false, nil
	}
	s.plan.mu.Lock()
	if t := s.plan.timers[name]; t != nil {
		t.Stop()
		delete(s.plan.timers, name)
	}
	s.plan.mu.Unlock()
	tx := s.opt.Engine.Begin(0, s.now().UnixMilli(), 0, s.allShards())
	tx.DeleteSetting(schedulePrefix + name)
	tx.Commit()
	return true, s.opt.Store.Flush()
}

// Schedules returns all schedules by their names.
func (s *Service) Schedules() []Schedule {
	values, _ := s.opt.Engine.Settings(schedulePrefix)
	list := make([]Schedule, 0, len(values))
	for _, text := range values {
		var sc Schedule
		if json.Unmarshal([]byte(text), &sc) != nil {
			continue
		}
		if due, err := sc.times(); err == nil {
			sc.Next = due(s.now())
		}
		list = append(list, sc)
	}
	slices.SortFunc(list, func(a, b Schedule) int { return cmp.Compare(a.Name, b.Name) })
	return list
}

func (s *Service) schedule(name string) (Schedule, bool) {
	list := s.Schedules()
	i := slices.IndexFunc(list, func(sc Schedule) bool { return sc.Name == name })
	if i < 0 {
		return Schedule{}, false
	}
	return list[i], true
}

// Start begins with the schedules that are stored. One that catches up and has
// missed a time is due at once.
func (s *Service) Start() {
	if s.opt.Store == nil {
		return
	}
	for _, sc := range s.Schedules() {
		due, err := sc.times()
		if err == nil && sc.CatchUp && !sc.Since.IsZero() && !due(sc.Since).After(s.now()) {
			s.work.Go(func() { s.perform(sc.Name) })
			continue
		}
		s.arm(sc)
	}
}

// maxWait is the longest that a timer runs: the time of day may be set meanwhile.
const maxWait = time.Hour

// arm sets the timer of a schedule.
func (s *Service) arm(sc Schedule) {
	due, err := sc.times()
	if err != nil {
		return // a release that knew more has stored it
	}
	now := s.now()
	s.wait(sc.Name, due(now))
}

// wait has a schedule performed at a time, unless that is never.
func (s *Service) wait(name string, at time.Time) {
	if at.IsZero() {
		return
	}
	s.plan.mu.Lock()
	defer s.plan.mu.Unlock()
	if s.plan.ended {
		return
	}
	if s.plan.timers == nil {
		s.plan.timers = make(map[string]clock.Timer)
	}
	if t := s.plan.timers[name]; t != nil {
		t.Stop()
	}
	left := at.Sub(s.now())
	s.plan.timers[name] = s.opt.Clock.AfterFunc(min(left, maxWait), func() {
		if left > maxWait {
			s.wait(name, at)
			return
		}
		s.perform(name)
	})
}

// perform makes the snapshot of a schedule, prunes, notes the result, and waits
// for the next time.
func (s *Service) perform(name string) {
	sc, ok := s.schedule(name)
	if !ok || s.ctx.Err() != nil {
		return
	}
	sc.Since, sc.Ran = s.now(), s.now()
	info, err := s.Create(s.ctx, sc.Create)
	sc.Result = info.ID
	if err == nil && sc.Prune != (KeepRules{}) {
		_, err = s.Prune(s.ctx, PruneOptions{Name: sc.Create.Name, Target: sc.Create.Target, Keep: sc.Prune})
	}
	if err != nil {
		sc.Result = ClientError(err).Error()
		s.opt.Log.Error().Err(err).Str("schedule", name).Msg("a scheduled snapshot failed")
	}
	if _, ok := s.schedule(name); !ok || s.ctx.Err() != nil {
		return // it was removed meanwhile
	}
	if err := s.store(&sc); err != nil {
		s.opt.Log.Error().Err(err).Str("schedule", name).Msg("the result of a schedule was not stored")
	}
	s.arm(sc)
}
