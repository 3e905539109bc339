package geo

import (
	"kvd/internal/rediserr"
	"kvd/resp/command"
)

// Errors of a search.
var (
	errRadius         = rediserr.New("need numeric radius")
	errNegativeRadius = rediserr.New("radius cannot be negative")
	errWidth          = rediserr.New("need numeric width")
	errHeight         = rediserr.New("need numeric height")
	errNegativeBox    = rediserr.New("height or width cannot be negative")
	errMember         = rediserr.New("could not decode requested zset member")
	errCount          = rediserr.New("COUNT must be > 0")
	errAny            = rediserr.New("the ANY argument requires COUNT argument")
	errStoreWith      = rediserr.New("STORE option in GEORADIUS is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
	errSearchWith     = rediserr.New("GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options")
)

// options reads the options of a line from argument from on.
func (s *search) options(c *command.Ctx, from int, form form) error {
	o := c.Options(from)
	for o.Next() {
		known, err := s.common(&o)
		if !known && err == nil {
			switch form {
			case formSearch, formSearchStore:
				known, err = s.searchOption(&o, form)
			case formRadius:
				known = s.storeOption(&o)
			}
		}
		if err != nil {
			return err
		}
		if !known {
			return rediserr.Syntax
		}
	}
	return s.check(c, form)
}

// common reads an option that all forms have.
func (s *search) common(o *command.Options) (known bool, err error) {
	switch o.Option() {
	case "WITHDIST":
		s.dist = true
	case "WITHHASH":
		s.hash = true
	case "WITHCOORD":
		s.coord = true
	case "ANY":
		s.any = true
	case "ASC":
		s.order = nearest
	case "DESC":
		s.order = farthest
	case "COUNT":
		if o.Left() == 0 {
			return false, nil
		}
		if s.count, err = command.ParseInt(o.Arg()); err == nil && s.count <= 0 {
			err = errCount
		}
	default:
		return false, nil
	}
	return true, err
}

// storeOption reads STORE or STOREDIST of GEORADIUS. The last one counts.
func (s *search) storeOption(o *command.Options) (known bool) {
	word := o.Option()
	if word != "STORE" && word != "STOREDIST" || o.Left() == 0 {
		return false
	}
	s.stores, s.storesDist, s.destination = true, word == "STOREDIST", o.Arg()
	return true
}

// searchOption reads an option of GEOSEARCH or GEOSEARCHSTORE.
func (s *search) searchOption(o *command.Options, form form) (known bool, err error) {
	switch word := o.Option(); {
	case word == "FROMMEMBER" && o.Left() >= 1 && !s.fromPlace:
		s.fromOne = true
		err = s.fromMember(o.Arg())
	case word == "FROMLONLAT" && o.Left() >= 2 && !s.fromOne:
		s.fromPlace = true
		s.center, err = place(o.Arg(), o.Arg())
	case word == "BYRADIUS" && o.Left() >= 2 && !s.box:
		s.circle = true
		err = s.byRadius(o.Arg(), o.Arg())
	case word == "BYBOX" && o.Left() >= 3 && !s.circle:
		s.box = true
		err = s.byBox(o.Arg(), o.Arg(), o.Arg())
	case word == "STOREDIST" && form == formSearchStore:
		s.storesDist = true
	default:
		return false, nil
	}
	return true, err
}

// fromMember makes the place of a member the center. Where there is no key there
// is nothing to find anyway.
func (s *search) fromMember(member []byte) error {
	if !s.z.Exists() {
		return nil
	}
	p, ok := placeOf(&s.z, member)
	if !ok {
		return errMember
	}
	s.center = p
	return nil
}

func (s *search) byRadius(radius, unitWord []byte) (err error) {
	if s.radius, err = command.ParseFloat(radius); err != nil {
		return errRadius
	}
	if s.radius < 0 {
		return errNegativeRadius
	}
	s.unit, err = unit(unitWord)
	return err
}

func (s *search) byBox(width, height, unitWord []byte) (err error) {
	if s.width, err = command.ParseFloat(width); err != nil {
		return errWidth
	}
	if s.height, err = command.ParseFloat(height); err != nil {
		return errHeight
	}
	if s.width < 0 || s.height < 0 {
		return errNegativeBox
	}
	s.unit, err = unit(unitWord)
	return err
}

// check looks for what goes wrong only with the line as a whole.
func (s *search) check(c *command.Ctx, form form) error {
	searches := form == formSearch || form == formSearchStore
	switch {
	case s.stores && (s.dist || s.hash || s.coord):
		if searches {
			return errSearchWith
		}
		return errStoreWith
	case searches && !s.fromOne && !s.fromPlace:
		return rediserr.Newf("exactly one of FROMMEMBER or FROMLONLAT can be specified for %s", c.Args[0])
	case searches && !s.circle && !s.box:
		return rediserr.Newf("exactly one of BYRADIUS and BYBOX can be specified for %s", c.Args[0])
	case s.any && s.count == 0:
		return errAny
	}
	return nil
}
