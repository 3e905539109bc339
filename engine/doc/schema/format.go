package schema

import (
	"bytes"
	"net/netip"
	"net/url"
	"strings"

	"github.com/Masterminds/semver/v3"
	"github.com/oklog/ulid/v2"
	"github.com/sosodev/duration"

	"kvd/engine/doc"
)

// format is what a value of some types has to look like.
type format struct {
	name  string
	kinds types
	// valid says whether a value has the format.
	valid func(c *checker, n *node, v doc.Value) bool
}

// formatNamed returns the format with a name, or nil: then the word only
// describes, as JSON Schema has it for formats that are not known.
func formatNamed(name string) *format {
	if valid := textFormat(name); valid != nil {
		return &format{name, typeString, func(_ *checker, _ *node, v doc.Value) bool { return valid(v.Text()) }}
	}
	return richFormat(name)
}

// textFormat returns the check of a format that is one of strings only.
func textFormat(name string) func(text []byte) bool {
	switch name {
	case "date-time":
		return isDateTime
	case "date":
		return isDate
	case "time":
		return isTime
	case "duration":
		return isDuration
	case "uuid":
		return isUUID
	case "ulid":
		return isULID
	case "email", "idn-email":
		return isEmail
	case "hostname":
		return isHostname
	case "ipv4":
		return func(text []byte) bool { return isAddress(text, netip.Addr.Is4) }
	case "ipv6":
		return func(text []byte) bool { return isAddress(text, netip.Addr.Is6) }
	case "semver":
		return isSemver
	case "regex":
		return func(text []byte) bool { _, err := compilePattern(string(text)); return err == nil }
	}
	return referenceFormat(name)
}

// referenceFormat returns the check of a format for references to something.
func referenceFormat(name string) func(text []byte) bool {
	switch name {
	case "uri", "iri":
		return func(text []byte) bool { u := parseURL(text); return u != nil && u.IsAbs() }
	case "uri-reference", "iri-reference":
		return func(text []byte) bool { return parseURL(text) != nil }
	case "json-pointer":
		return isPointer
	case "relative-json-pointer":
		return isRelativePointer
	}
	return nil
}

// checkFormat applies a format.
func (c *checker) checkFormat(n *node, v doc.Value) bool {
	if !c.spend(len(v)/64) || n.format.valid(c, n, v) {
		return !c.exhausted
	}
	return c.fault(n, "format", c.display(v), " is not valid ", n.format.name)
}

func isDuration(text []byte) bool {
	if len(text) < 3 || len(text) > 100 || text[0] != 'P' || text[len(text)-1] == 'T' {
		return false
	}
	_, err := duration.Parse(string(text))
	return err == nil
}

// isUUID says whether text is a UUID (RFC 9562, 4).
func isUUID(text []byte) bool {
	if len(text) != 36 {
		return false
	}
	for i, b := range text {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if b != '-' {
				return false
			}
		} else if !isHex(b) {
			return false
		}
	}
	return true
}

func isHex(b byte) bool {
	return isDigit(b) || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isULID(text []byte) bool {
	if len(text) != ulid.EncodedSize {
		return false
	}
	_, err := ulid.ParseStrict(string(text))
	return err == nil
}

const (
	maxEmail    = 254 // RFC 5321, 4.5.3.1.3, less the angle brackets
	maxLocal    = 64
	maxHostname = 253
	maxLabel    = 63
)

// isEmail says whether text is an address as RFC 5321 has it, without comments.
func isEmail(text []byte) bool {
	at := bytes.LastIndexByte(text, '@')
	if at < 1 || at > maxLocal || len(text) > maxEmail {
		return false
	}
	local, domain := text[:at], text[at+1:]
	if literal, ok := bytes.CutPrefix(domain, []byte("[")); ok {
		literal, ok = bytes.CutSuffix(literal, []byte("]"))
		six, isSix := bytes.CutPrefix(literal, []byte("IPv6:"))
		return ok && isLocal(local) && (isSix && isAddress(six, netip.Addr.Is6) || isAddress(literal, netip.Addr.Is4))
	}
	return isLocal(local) && isHostname(domain)
}

// isLocal says whether text may stand before the @ of an address.
func isLocal(text []byte) bool {
	if n := len(text); n > 2 && text[0] == '"' && text[n-1] == '"' {
		return !bytes.ContainsAny(text[1:n-1], "\"\\\r\n")
	}
	for _, b := range text {
		if b <= ' ' || b == 0x7f || strings.IndexByte(`"(),:;<>@[\]`, b) >= 0 {
			return false
		}
	}
	return text[0] != '.' && text[len(text)-1] != '.' && !bytes.Contains(text, []byte(".."))
}

// isHostname says whether text is a name as RFC 1123, 2.1, has it. Letters beyond
// ASCII are let through, as in names that are yet to be encoded.
func isHostname(text []byte) bool {
	text = bytes.TrimSuffix(text, []byte("."))
	if len(text) == 0 || len(text) > maxHostname {
		return false
	}
	for label := range bytes.SplitSeq(text, []byte(".")) {
		if n := len(label); n == 0 || n > maxLabel || label[0] == '-' || label[n-1] == '-' {
			return false
		}
		for _, b := range label {
			if !isDigit(b) && b|0x20 < 'a' || b < 0x80 && b|0x20 > 'z' {
				if b != '-' {
					return false
				}
			}
		}
	}
	return true
}

func isAddress(text []byte, is func(netip.Addr) bool) bool {
	addr, err := netip.ParseAddr(string(text))
	return err == nil && is(addr) && addr.Zone() == ""
}

// maxSemver is longer than versions are.
const maxSemver = 256

func isSemver(text []byte) bool {
	if len(text) > maxSemver {
		return false
	}
	_, err := semver.StrictNewVersion(string(text))
	return err == nil
}

// parseURL returns what text refers to, nil if it is no reference.
func parseURL(text []byte) *url.URL {
	if bytes.ContainsAny(text, "\\ <>\"{}|^`") {
		return nil
	}
	u, err := url.Parse(string(text))
	if err != nil {
		return nil
	}
	return u
}

func isPointer(text []byte) bool {
	_, err := doc.ParsePointer(text)
	return err == nil
}

// isRelativePointer says whether text is a number, then a pointer or #.
func isRelativePointer(text []byte) bool {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if n == 0 || n > 1 && text[0] == '0' {
		return false
	}
	return string(text[n:]) == "#" || isPointer(text[n:])
}
