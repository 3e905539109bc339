package path

import (
	"slices"
	"strconv"

	"kvd/engine/doc"
)

// fewPlaces is how many places are compared each with each.
const fewPlaces = 16

// distinct drops the places that are there before.
func distinct(places []int) []int {
	if slices.IsSorted(places) {
		return slices.Compact(places)
	}
	kept := places[:0]
	if len(places) <= fewPlaces {
		for _, at := range places {
			if !slices.Contains(kept, at) {
				kept = append(kept, at)
			}
		}
		return kept
	}
	seen := make(map[int]struct{}, len(places))
	for _, at := range places {
		if _, known := seen[at]; !known {
			seen[at] = struct{}{}
			kept = append(kept, at)
		}
	}
	return kept
}

// AppendLocation adds the normalized path (RFC 9535, 2.7) of a place in root.
func AppendLocation(dst []byte, root doc.Value, place int) []byte {
	dst = append(dst, '$')
	v, base := root, 0
	for base < place {
		it := v.Items()
		i := 0
		for it.Next() && base+it.Offset()+len(it.Value()) <= place {
			i++
		}
		if v.Kind() == doc.Object {
			dst = appendName(dst, it.Name())
		} else {
			dst = append(strconv.AppendInt(append(dst, '['), int64(i), 10), ']')
		}
		v, base = it.Value(), base+it.Offset()
		if !v.IsContainer() {
			break
		}
	}
	return dst
}

// AppendPointer adds the JSON pointer (RFC 6901) of a place in root.
func AppendPointer(dst []byte, root doc.Value, place int) []byte {
	v, base := root, 0
	for base < place && v.IsContainer() {
		it := v.Items()
		i := 0
		for it.Next() && base+it.Offset()+len(it.Value()) <= place {
			i++
		}
		if v.Kind() == doc.Object {
			dst = doc.AppendPointerName(dst, it.Name())
		} else {
			dst = strconv.AppendInt(append(dst, '/'), int64(i), 10)
		}
		v, base = it.Value(), base+it.Offset()
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendName adds a name in brackets and single quotes.
func appendName(dst, name []byte) []byte {
	dst = append(dst, '[', '\'')
	for _, c := range name {
		switch c {
		case '\'', '\\':
			dst = append(dst, '\\', c)
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			if c < ' ' {
				dst = append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
			} else {
				dst = append(dst, c)
			}
		}
	}
	return append(dst, '\'', ']')
}
