package conformance

import (
	"fmt"
	"regexp"
	"strings"
)

// wordLetters are what a status without quotes may hold.
const wordLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+."

// topReply reads a reply outside of brackets.
func (p *reader) topReply() (*pattern, outcome, error) {
	for text, out := range outcomes {
		if strings.HasPrefix(p.rest(), text) {
			p.pos += len(text)
			return &pattern{}, out, nil
		}
	}
	if text, ok := strings.CutPrefix(p.rest(), "(error) "); ok && text != "" && text[0] != '"' && text[0] != '~' {
		p.pos += len("(error) ") + len(text)
		return &pattern{kind: kindError, text: strings.TrimRight(text, " \r\t")}, outcomeReply, nil
	}
	pat, err := p.reply()
	return &pat, outcomeReply, err
}

// reply reads a reply that may stand in brackets.
func (p *reader) reply() (pattern, error) {
	rest := p.src[p.pos:]
	switch {
	case rest == "":
		return pattern{}, fmt.Errorf("no reply")
	case rest[0] == '"' || rest[0] == '\'':
		text, err := p.quoted()
		return pattern{kind: kindBulk, text: text}, err
	case strings.HasPrefix(rest, "~/"):
		return p.regexp()
	case rest[0] == '[':
		return p.items(kindArray, 1, ']')
	case strings.HasPrefix(rest, "~["):
		return p.items(kindSet, 2, ']')
	case strings.HasPrefix(rest, ">["):
		return p.items(kindPush, 2, ']')
	case rest[0] == '{':
		return p.items(kindMap, 1, '}')
	case rest[0] == '(':
		return p.tagged()
	}
	word := p.letters(wordLetters)
	if word == "" {
		return pattern{}, fmt.Errorf("%q is no reply", p.rest())
	}
	return pattern{kind: kindStatus, text: word}, nil
}

// letters reads as many of a set of letters as there are.
func (p *reader) letters(set string) string {
	from := p.pos
	for p.pos < len(p.src) && strings.IndexByte(set, p.src[p.pos]) >= 0 {
		p.pos++
	}
	return p.src[from:p.pos]
}

func (p *reader) regexp() (pattern, error) {
	text := p.rest()[2:]
	end := 0
	for end < len(text) && text[end] != '/' {
		if text[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(text) {
		return pattern{}, fmt.Errorf("the regexp is not closed")
	}
	p.pos += end + 3
	re, err := regexp.Compile("(?s)" + strings.ReplaceAll(text[:end], `\/`, "/"))
	return pattern{shape: shapeRegexp, re: re}, err
}

// items reads an aggregate whose opening mark has size letters.
func (p *reader) items(k kind, size int, closing byte) (pattern, error) {
	pat := pattern{shape: shapeItems, kind: k}
	p.pos += size
	for {
		p.blanks()
		switch {
		case p.pos >= len(p.src):
			return pat, fmt.Errorf("%q is missing", closing)
		case p.src[p.pos] == closing:
			p.pos++
			return pat, nil
		case p.src[p.pos] == ',':
			p.pos++
			continue
		case strings.HasPrefix(p.src[p.pos:], "..."):
			p.pos += 3
			pat.open = true
			continue
		}
		if err := p.item(&pat); err != nil {
			return pat, err
		}
	}
}

// item reads an item, or a key with its value.
func (p *reader) item(pat *pattern) error {
	item, err := p.reply()
	if err != nil {
		return err
	}
	pat.items = append(pat.items, item)
	if pat.kind != kindMap {
		return nil
	}
	p.blanks()
	if p.pos >= len(p.src) || p.src[p.pos] != ':' {
		return fmt.Errorf("':' is missing after a key")
	}
	p.pos++
	p.blanks()
	item, err = p.reply()
	pat.items = append(pat.items, item)
	return err
}

// blanks skips blanks and line ends.
func (p *reader) blanks() {
	for p.pos < len(p.src) && strings.IndexByte(" \t\r\n", p.src[p.pos]) >= 0 {
		p.pos++
	}
}

// tagged reads a reply that begins with its kind in parentheses.
func (p *reader) tagged() (pattern, error) {
	tag, _, ok := strings.Cut(p.rest(), ")")
	if !ok {
		return pattern{}, fmt.Errorf("')' is missing")
	}
	p.pos += len(tag) + 1
	tag = tag[1:]
	if name, ok := strings.CutPrefix(tag, "as "); ok {
		return pattern{shape: shapeAny, as: name}, nil
	}
	switch tag {
	case "any":
		return pattern{shape: shapeAny}, nil
	case "nil":
		return pattern{kind: kindNull, text: string(kindBulk)}, nil
	case "nil array":
		return pattern{kind: kindNull, text: string(kindArray)}, nil
	case "true", "false":
		return pattern{kind: kindBool, text: tag[:1]}, nil
	}
	p.spaces()
	switch tag {
	case "integer":
		return p.number(kindInt, shapeRange)
	case "double":
		return p.number(kindDouble, shapeRange)
	case "big":
		return p.number(kindBig, shapeValue)
	case "items":
		return p.number(kindArray, shapeCount)
	case "one of":
		if p.pos < len(p.src) && p.src[p.pos] == '[' {
			pat, err := p.items(kindArray, 1, ']')
			pat.shape = shapeOneOf
			return pat, err
		}
	case "status", "error", "verbatim":
		return p.text(tag)
	}
	return pattern{}, fmt.Errorf("unknown reply (%s)", tag)
}

// number reads a number or a range of numbers, which may hold {{…}}.
func (p *reader) number(k kind, s shape) (pattern, error) {
	from := p.pos
	for p.pos < len(p.src) {
		if strings.HasPrefix(p.src[p.pos:], "{{") {
			_, after, ok := strings.Cut(p.rest(), "}}")
			if !ok {
				return pattern{}, fmt.Errorf("'}}' is missing")
			}
			p.pos += len(p.rest()) - len(after)
			continue
		}
		if p.letters(wordLetters) == "" {
			break
		}
	}
	pat := pattern{shape: s, kind: k, text: p.src[from:p.pos]}
	if pat.text == "" {
		return pat, fmt.Errorf("a number is missing")
	}
	return pat, pat.check()
}

// text reads the quoted text, or the regexp, of a tagged reply.
func (p *reader) text(tag string) (pattern, error) {
	pat, err := p.reply()
	if err != nil {
		return pat, err
	}
	k := map[string]kind{"status": kindStatus, "error": kindError, "verbatim": kindVerbatim}[tag]
	if pat.shape == shapeRegexp || pat.kind == kindBulk || pat.kind == kindStatus {
		pat.kind = k
		return pat, nil
	}
	return pat, fmt.Errorf("(%s) takes a text", tag)
}
