package ops

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/itchyny/gojq"
)

// fence refuses programs that read anything but the document, that say what time
// it is, that write, end the process, or define functions that call themselves.
func fence(query *gojq.Query) error {
	w := walker{}
	w.walk(reflect.ValueOf(query))
	return w.err
}

// outside are the functions that reach out of the document.
func outside(name string) bool {
	for _, prefix := range []string{"input", "halt", "$__prog"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return slices.Contains([]string{
		"env", "$ENV", "now", "debug", "stderr", "localtime", "strflocaltime", "modulemeta", "get_search_list",
	}, name)
}

// walker goes through all of a parsed program, whatever its parts are.
type walker struct {
	inside []string // the functions whose definitions are around
	err    error
}

func (w *walker) walk(v reflect.Value) {
	if w.err != nil {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			w.node(v)
		}
	case reflect.Slice:
		for i := range v.Len() {
			w.walk(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			w.walk(v.Field(i))
		}
	}
}

// node looks at one part of the program and then at what is in it.
func (w *walker) node(v reflect.Value) {
	switch part := v.Interface().(type) {
	case *gojq.Import:
		w.err = errors.New("modules can't be used")
	case *gojq.Func:
		switch {
		case outside(part.Name):
			w.err = fmt.Errorf("'%s' can't be used: a program sees its document only", part.Name)
		case slices.Contains(w.inside, part.Name):
			w.err = fmt.Errorf("'%s' calls itself", part.Name)
		}
	case *gojq.FuncDef:
		w.inside = append(w.inside, part.Name)
		defer func() { w.inside = w.inside[:len(w.inside)-1] }()
	}
	w.walk(v.Elem())
}
