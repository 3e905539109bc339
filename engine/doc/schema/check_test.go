package schema

import (
	"strings"
	"testing"
)

func TestMessages(t *testing.T) {
	for _, c := range []struct{ schema, text, want string }{
		{`{"enum":["a",1]}`, `"b"`, "(root) enum: 'b' is not one of 'a', 1"},
		{`{"const":{"a":1}}`, `2`, "(root) const: got 2, want the object"},
		{`{"minimum":1.50}`, `1.4999999999999999999999999`, "(root) minimum: got 1.4999999999999999999999999, want at least 1.50"},
		{`{"exclusiveMaximum":10}`, `1e1`, "(root) exclusiveMaximum: got 1e1, want less than 10"},
		{`{"multipleOf":0.01}`, `1.005`, "(root) multipleOf: 1.005 is not a multiple of 0.01"},
		{`{"minLength":2}`, `"é"`, "(root) minLength: got 1, want at least 2"},
		{`{"pattern":"^a"}`, `"ba"`, "(root) pattern: 'ba' does not match '^a'"},
		{`{"additionalProperties":false,"properties":{"a":true}}`, `{"a":1,"b":2,"c":3}`, "(root) additionalProperties: 'b', 'c' not allowed"},
		{`{"items":{"type":"string"}}`, `["a",1,null]`, "/1 type: got integer, want string; /2 type: got null, want string"},
		{`{"prefixItems":[true],"items":false}`, `[1,2]`, "(root) items: got 2 elements, want at most 1"},
		{`{"uniqueItems":true}`, `[1,2,1.0]`, "(root) uniqueItems: elements 0 and 2 are equal"},
		{`{"contains":{"const":1}}`, `[2]`, "(root) contains: got 0 elements that match, want at least 1"},
		{`{"propertyNames":{"maxLength":1}}`, `{"ab":1}`, "(root) propertyNames: the name 'ab' is not allowed"},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, "(root) dependentRequired: missing 'b', which 'a' needs"},
		{`{"anyOf":[{"type":"string","minLength":2},{"type":"null"}]}`, `"a"`, "(root) minLength: got 1, want at least 2"},
		{`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `1`, "(root) anyOf: 1 matches none of 2 schemas"},
		{`{"oneOf":[true,{}]}`, `1`, "(root) oneOf: matches both 0 and 1"},
		{`{"not":{}}`, `1`, "(root) not: the value is one that is not allowed"},
		{`{"properties":{"a":false}}`, `{"a":1}`, "/a a: no value is allowed"},
		{`{"unevaluatedProperties":false,"allOf":[{"properties":{"a":true}}]}`, `{"a":1,"b":2}`, "(root) unevaluatedProperties: 'b' not allowed"},
		{`{"properties":{"a/b":{"type":"null"}}}`, `{"a/b":1}`, "/a~1b type: got integer, want null"},
		{`{"type":["integer","null"]}`, `1.5`, "(root) type: got number, want null or integer"},
		{`{"const":"x"}`, `"` + strings.Repeat("y", 100) + `"`, "(root) const: got '" + strings.Repeat("y", 64) + "...', want 'x'"},
		{`{"const":"x"}`, `"a\r\nb"`, "(root) const: got 'a??b', want 'x'"},
	} {
		if got := faults(t, compile(t, c.schema), c.text); got != c.want {
			t.Errorf("%s on %s:\n got %q\nwant %q", c.schema, c.text, got, c.want)
		}
	}
}

func TestManyFaults(t *testing.T) {
	s := compile(t, `{"items":{"type":"string"}}`)
	got := faults(t, s, "["+strings.Repeat("1,", 1200)+"1]")
	if !strings.HasSuffix(got, "/9 type: got integer, want string (+990 more)") {
		t.Error(got)
	}
}

func TestFormats(t *testing.T) {
	for format, texts := range map[string]struct{ good, bad []string }{
		"date-time": {
			[]string{"2026-11-22T10:00:00Z", "2024-02-29t23:59:60.5+00:00", "2026-01-01T00:59:60+01:00"},
			[]string{"tomorrow", "2026-11-22", "2026-02-29T10:00:00Z", "2026-11-22T10:00:00", "2026-11-22T10:00:60Z", "2026-11-22T24:00:00Z", "2026-11-22T10:00:00.Z"},
		},
		"date":                  {[]string{"2000-02-29"}, []string{"1900-02-29", "2026-13-01", "2026-00-10", "26-01-01"}},
		"time":                  {[]string{"10:00:00Z", "10:00:00.123456+05:30"}, []string{"10:00", "10:00:00", "10:00:00+24:00"}},
		"duration":              {[]string{"P1D", "PT0.5S", "P1Y2M3DT4H5M6S", "P2W"}, []string{"", "P", "1D", "PT", "P1DT"}},
		"uuid":                  {[]string{"123e4567-e89b-12d3-a456-426614174000"}, []string{"123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g"}},
		"ulid":                  {[]string{"01ARZ3NDEKTSV4RRFFQ69G5FAV"}, []string{"01ARZ3NDEKTSV4RRFFQ69G5FA", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU"}},
		"email":                 {[]string{"a@b.c", `"a b"@b.c`, "a@[127.0.0.1]", "joe+x@example.com"}, []string{"a", "@b", "a@", "a b@c.d", ".a@b.c", "a..b@c.d", "a@-b.c"}},
		"hostname":              {[]string{"example.com", "a", "x.y.z."}, []string{"", "-a", "a_b", "a..b"}},
		"ipv4":                  {[]string{"127.0.0.1"}, []string{"1.2.3", "256.0.0.1", "01.2.3.4", "::1"}},
		"ipv6":                  {[]string{"::1", "fe80::1"}, []string{"127.0.0.1", "fe80::1%eth0", "12345::"}},
		"uri":                   {[]string{"https://a.b/c?d#e", "urn:x:y"}, []string{"/a", "a b:c", "http://[::1"}},
		"uri-reference":         {[]string{"/a", "#x"}, []string{`a\b`}},
		"semver":                {[]string{"1.10.0", "1.0.0-rc.1+b"}, []string{"1.0", "v1.0.0", "01.0.0"}},
		"regex":                 {[]string{"^a+$"}, []string{"(", "(?=a)", strings.Repeat("a", 1025)}},
		"json-pointer":          {[]string{"", "/a~1b"}, []string{"a", "/~2"}},
		"relative-json-pointer": {[]string{"0", "1/a", "2#"}, []string{"", "01/a", "/a"}},
		"decimal":               {[]string{"19.90", "-0.1", "1e10"}, []string{"", "1,5", ".5", "abc", "1e99999", "NaN"}},
		"bytes":                 {[]string{"", "aGVsbG8=", "AAAA"}, []string{"a", "aGVsbG8", "aGVs!G8=", "aGVsbG9="}},
		"int64":                 {[]string{"9223372036854775807", "-1"}, []string{"9223372036854775808", "1.0", "x"}},
		"uint64":                {[]string{"18446744073709551615"}, []string{"-1", "18446744073709551616"}},
		"bigint":                {[]string{"123456789012345678901234567890"}, []string{"1.5", "x"}},
		"unknown":               {[]string{"anything"}, nil},
	} {
		s := compile(t, `{"format":"`+format+`"}`)
		for _, text := range texts.good {
			if got := faults(t, s, quote(text)); got != "" {
				t.Errorf("%s: %s", format, got)
			}
		}
		for _, text := range texts.bad {
			if got := faults(t, s, quote(text)); !strings.HasPrefix(got, "(root) format:") {
				t.Errorf("%s took %q", format, text)
			}
		}
	}
}

// quote writes a text of printable characters as JSON.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

func TestRichFormats(t *testing.T) {
	for _, c := range []struct{ schema, good, bad string }{
		{`{"format":"int64"}`, `5.0`, `9223372036854775808`},
		{`{"format":"int64"}`, `-9223372036854775808`, `1.5`},
		{`{"format":"int64"}`, `9e18`, `1e19`},
		{`{"format":"uint64"}`, `18446744073709551615`, `-1`},
		{`{"format":"bigint"}`, `1e4000`, `1.5`},
		{`{"format":"set"}`, `[1,2,{"a":1}]`, `[1,{"a":1},{"a":1.0}]`},
		{`{"format":"set"}`, `[1,2,3,4,5,6,7,8,9]`, `[1,2,3,4,5,6,7,8,9,1e0]`},
		{`{"format":"bytes","x-kvd-maxBytes":3}`, `"AAAA"`, `"AAAAAA=="`},
	} {
		s := compile(t, c.schema)
		if got := faults(t, s, c.good); got != "" {
			t.Errorf("%s: %s", c.good, got)
		}
		if got := faults(t, s, c.bad); got == "" {
			t.Errorf("%s took %s", c.schema, c.bad)
		}
	}
}

func TestReferences(t *testing.T) {
	texts := map[string]string{
		"Address": `{"type":"object","required":["city"],"properties":{"city":{"type":"string"}}}`,
		"Tree":    `{"$dynamicAnchor":"node","type":"object","properties":{"value":true,"children":{"type":"array","items":{"$dynamicRef":"#node"}}}}`,
	}
	resolve := func(name string) ([]byte, bool) { text, ok := texts[name]; return []byte(text), ok }
	person, err := Compile("Person", []byte(`{"properties":{"home":{"$ref":"kvd:schema/Address"},"friend":{"$ref":"#"}}}`), resolve)
	if err != nil {
		t.Fatal(err)
	}
	if got := faults(t, person, `{"friend":{"home":{"city":1}}}`); got != "/friend/home/city type: got integer, want string" {
		t.Error(got)
	}
	if got := person.References(); len(got) != 1 || got[0] != "Address" {
		t.Error(got)
	}
	list, _ := person.Check(value(t, `{"home":{}}`), Plain)
	if len(list) != 1 || list[0].Schema != "kvd:schema/Address#/required" || list[0].Pointer != "/home" {
		t.Error(list)
	}
	// The extension closes the tree, at all depths.
	strict, err := Compile("Strict", []byte(`{"$dynamicAnchor":"node","$ref":"kvd:schema/Tree","unevaluatedProperties":false}`), resolve)
	if err != nil {
		t.Fatal(err)
	}
	if got := faults(t, strict, `{"children":[{"value":1,"x":2}]}`); !strings.Contains(got, "'x' not allowed") {
		t.Error(got)
	}
	if got := faults(t, strict, `{"children":[{"value":1}]}`); got != "" {
		t.Error(got)
	}
}

func TestOldDrafts(t *testing.T) {
	for _, c := range []struct{ schema, bad string }{
		{`{"$schema":"http://json-schema.org/draft-04/schema#","minimum":1,"exclusiveMinimum":true}`, `1`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":false}`, `["a",1]`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","dependencies":{"a":["b"]}}`, `{"a":1}`},
		{`{"$schema":"https://json-schema.org/draft/2019-09/schema","$recursiveAnchor":true,"properties":{"a":{"$recursiveRef":"#"}},"required":["b"]}`, `{"b":1,"a":{}}`},
	} {
		if got := faults(t, compile(t, c.schema), c.bad); got == "" {
			t.Errorf("%s took %s", c.schema, c.bad)
		}
	}
}

func TestKajson(t *testing.T) {
	s := compile(t, `{"properties":{"at":{"type":"string","format":"date-time"},"o":{"type":"object"}}}`)
	for text, want := range map[string]string{
		`{"at":{"datetime":"2026-11-22 10:00:00.000000","tzinfo":null,"__class__":"datetime","__module__":"datetime"}}`: "",
		`{"at":{"datetime":"never","__class__":"datetime"}}`:                                                            "/at format: 'never' is not valid date-time",
		`{"at":{"__class__":"os.system"}}`:                                                                              "/at type: got object, want string",
		`{"o":{"date":"2026-11-22","__class__":"date"}}`:                                                                "",
	} {
		list, err := s.Check(value(t, text), Kajson)
		if got := Text(list); got != want || err != nil {
			t.Errorf("%s: %q %v", text, got, err)
		}
	}
}
