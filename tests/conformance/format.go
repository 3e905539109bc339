package conformance

import (
	"fmt"
	"strings"
)

// longRun is the length from which a string of one letter is written short.
const longRun = 64

// quote writes a string as the files do.
func quote(s string) string {
	if len(s) >= longRun && strings.Count(s, s[:1]) == len(s) && s[0] > ' ' && s[0] != '}' {
		return fmt.Sprintf(`"{{%d*%c}}"`, len(s), s[0])
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c < ' ' || c > '~':
			fmt.Fprintf(&b, `\x%02x`, c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// format writes a reply as the files do.
func format(v value) string {
	if v.kind == kindError && v.text == strings.TrimSpace(v.text) && v.text != "" && v.text[0] != '"' && v.text[0] != '~' {
		return "(error) " + v.text
	}
	return formatItem(v)
}

func formatItem(v value) string {
	switch v.kind {
	case kindStatus:
		if v.text != "" && strings.Trim(v.text, wordLetters) == "" {
			return v.text
		}
		return "(status) " + quote(v.text)
	case kindError:
		return "(error) " + quote(v.text)
	case kindInt:
		return "(integer) " + v.text
	case kindBulk:
		return quote(v.text)
	case kindNull:
		if v.text == string(kindArray) {
			return "(nil array)"
		}
		return "(nil)"
	case kindDouble:
		return "(double) " + v.text
	case kindBool:
		return map[string]string{"t": "(true)", "f": "(false)"}[v.text]
	case kindBig:
		return "(big) " + v.text
	case kindVerbatim:
		return "(verbatim) " + quote(v.text)
	}
	return formatItems(v)
}

// formatItems writes an aggregate.
func formatItems(v value) string {
	words := make([]string, 0, len(v.items))
	if v.kind == kindMap {
		for i := 0; i+1 < len(v.items); i += 2 {
			words = append(words, formatItem(v.items[i])+": "+formatItem(v.items[i+1]))
		}
		return "{" + strings.Join(words, ", ") + "}"
	}
	for _, item := range v.items {
		words = append(words, formatItem(item))
	}
	prefix := map[kind]string{kindSet: "~", kindPush: ">"}[v.kind]
	return prefix + "[" + strings.Join(words, ", ") + "]"
}
