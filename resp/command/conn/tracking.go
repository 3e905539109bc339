package conn

import (
	"slices"
	"strings"

	"kvd/internal/rediserr"
	"kvd/resp/command"
	"kvd/resp/session"
)

// Errors of CLIENT TRACKING and CLIENT CACHING.
var (
	errTwoRedirects  = rediserr.New("A client can only redirect to a single other client")
	errNoRedirect    = rediserr.New("The client ID you want redirect to does not exist")
	errPrefixAlone   = rediserr.New("PREFIX option requires BCAST mode to be enabled")
	errSwitchBcast   = rediserr.New("You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.")
	errBcastOpt      = rediserr.New("OPTIN and OPTOUT are not compatible with BCAST")
	errBothOpts      = rediserr.New("You can't specify both OPTIN mode and OPTOUT mode")
	errSwitchOpt     = rediserr.New("You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.")
	errCachingMode   = rediserr.New("CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled")
	errCachingOptIn  = rediserr.New("CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.")
	errCachingOptOut = rediserr.New("CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.")
)

// clientTracking implements CLIENT TRACKING.
func clientTracking(c *command.Ctx) error {
	t, err := parseTracking(c)
	if err != nil {
		return err
	}
	switch strings.ToUpper(string(c.Args[2])) {
	case "ON":
		if err := checkTracking(t, c.Sess.Tracking()); err != nil {
			return err
		}
		if err := addPrefixes(t, c.Sess.Tracking()); err != nil {
			return err
		}
		c.Services.Caches.Start(c.Sess, t)
	case "OFF":
		c.Services.Caches.Stop(c.Sess)
	default:
		return rediserr.Syntax
	}
	c.Out.OK()
	return nil
}

// parseTracking reads the options. The prefixes are as they come.
func parseTracking(c *command.Ctx) (*session.Tracking, error) {
	t := &session.Tracking{}
	s := c.Options(3)
	for s.Next() {
		option := s.Option()
		switch {
		case option == "REDIRECT" && s.Left() > 0:
			s.Fail(parseRedirect(c, t, s.Arg()))
		case option == "PREFIX" && s.Left() > 0:
			t.Prefixes = append(t.Prefixes, string(s.Arg()))
		case option == "BCAST":
			t.Broadcast = true
		case option == "OPTIN":
			t.OptIn = true
		case option == "OPTOUT":
			t.OptOut = true
		case option == "NOLOOP":
			t.NoLoop = true
		default:
			s.Fail(rediserr.Syntax)
		}
	}
	return t, s.Err()
}

// parseRedirect reads the client that is to be told, which must be connected.
func parseRedirect(c *command.Ctx, t *session.Tracking, word []byte) error {
	if t.Redirect != 0 {
		return errTwoRedirects
	}
	id, err := command.ParseInt(word)
	if err != nil {
		return err
	}
	if c.Services.Clients.Get(id) == nil {
		return errNoRedirect
	}
	t.Redirect = id
	return nil
}

// checkTracking reports what contradicts what in t, given how the client has
// tracked up to now, if it has.
func checkTracking(t, was *session.Tracking) error {
	switch {
	case len(t.Prefixes) > 0 && !t.Broadcast:
		return errPrefixAlone
	case was != nil && was.Broadcast != t.Broadcast:
		return errSwitchBcast
	case t.Broadcast && (t.OptIn || t.OptOut):
		return errBcastOpt
	case t.OptIn && t.OptOut:
		return errBothOpts
	case was != nil && (t.OptIn && was.OptOut || t.OptOut && was.OptIn):
		return errSwitchOpt
	}
	return nil
}

// addPrefixes adds those of was to the prefixes of t, none of which may be the
// beginning of another one. No prefix at all stands for the empty one.
func addPrefixes(t, was *session.Tracking) error {
	if !t.Broadcast {
		return nil
	}
	var old []string
	if was != nil {
		old = was.Prefixes
	}
	for i, prefix := range t.Prefixes {
		for _, other := range old {
			if overlap(prefix, other) {
				return rediserr.Newf("Prefix '%s' overlaps with an existing prefix '%s'. "+
					"Prefixes for a single client must not overlap.", prefix, other)
			}
		}
		for _, other := range t.Prefixes[i+1:] {
			if overlap(prefix, other) {
				return rediserr.Newf("Prefix '%s' overlaps with another provided prefix '%s'. "+
					"Prefixes for a single client must not overlap.", prefix, other)
			}
		}
	}
	if len(t.Prefixes) == 0 {
		t.Prefixes = []string{""}
	}
	t.Prefixes = append(t.Prefixes, old...)
	slices.Sort(t.Prefixes)
	t.Prefixes = slices.Compact(t.Prefixes)
	return nil
}

func overlap(a, b string) bool { return strings.HasPrefix(a, b) || strings.HasPrefix(b, a) }

// clientCaching implements CLIENT CACHING.
func clientCaching(c *command.Ctx) error {
	t := c.Sess.Tracking()
	if t == nil {
		return errCachingMode
	}
	s := c.Options(2)
	s.Next()
	switch s.Option() {
	case "YES":
		if !t.OptIn {
			return errCachingOptIn
		}
	case "NO":
		if !t.OptOut {
			return errCachingOptOut
		}
	default:
		return rediserr.Syntax
	}
	c.Sess.Caching = true
	c.Out.OK()
	return nil
}

// clientGetRedir implements CLIENT GETREDIR.
func clientGetRedir(c *command.Ctx) error {
	c.Out.Int(c.Sess.Tracking().Target())
	return nil
}

// clientTrackingInfo implements CLIENT TRACKINGINFO.
func clientTrackingInfo(c *command.Ctx) error {
	t := c.Sess.Tracking()
	flags := trackingFlags(t, c.Sess.Caching)
	c.Out.Map(3)
	c.Out.Text("flags")
	c.Out.Set(len(flags))
	for _, flag := range flags {
		c.Out.Text(flag)
	}
	c.Out.Text("redirect")
	c.Out.Int(t.Target())
	c.Out.Text("prefixes")
	var prefixes []string
	if t != nil {
		prefixes = t.Prefixes
	}
	c.Out.Array(len(prefixes))
	for _, prefix := range prefixes {
		c.Out.Text(prefix)
	}
	return nil
}

func trackingFlags(t *session.Tracking, caching bool) []string {
	if t == nil {
		return []string{"off"}
	}
	flags := []string{"on"}
	for _, f := range [...]struct {
		set  bool
		name string
	}{
		{t.Broadcast, "bcast"},
		{t.OptIn, "optin"},
		{t.OptIn && caching, "caching-yes"},
		{t.OptOut, "optout"},
		{t.OptOut && caching, "caching-no"},
		{t.NoLoop, "noloop"},
		{t.Broken(), "broken_redirect"},
	} {
		if f.set {
			flags = append(flags, f.name)
		}
	}
	return flags
}
