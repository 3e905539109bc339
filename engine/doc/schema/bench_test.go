package schema

import (
	"testing"

	"kvd/engine/doc"
)

const article = `{"type":"object","required":["id","title","author"],"additionalProperties":false,"properties":{
	"id":{"type":"string","minLength":1},"title":{"type":"string","maxLength":200},"author":{"type":"string"},
	"views":{"type":"integer","minimum":0},"published":{"type":"boolean"},"created_at":{"type":"string","format":"date-time"},
	"tags":{"type":"array","items":{"type":"string"}},"body":{"type":"string"}}}`

const articleText = `{"id":"article-1","title":"A title of some length for the test","author":"someone@example.com","views":1234,
	"published":true,"created_at":"2026-11-22T10:00:00Z","tags":["documentation","priority","test"],
	"body":"The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. The quick brown fox jumps over the lazy dog. The quick brown fox jumps."}`

func TestCheckAllocatesNothing(t *testing.T) {
	s, v := compile(t, article), value(t, articleText)
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Check(v, Plain) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkCheck(b *testing.B) {
	s, v := compile(b, article), value(b, articleText)
	b.ReportAllocs()
	for b.Loop() {
		if list, err := s.Check(v, Plain); list != nil || err != nil {
			b.Fatal(list, err)
		}
	}
}

func BenchmarkDefaults(b *testing.B) {
	s := compile(b, task)
	v, _ := doc.Parse([]byte(`{"id":"task-001","title":"Complete documentation"}`))
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = s.AppendWithDefaults(buf[:0], v, Source{Now: 1795341600500})
	}
}
