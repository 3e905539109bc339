package rdb

// The parts that the values of modules are made of.
const (
	modEnd    = 0
	modSigned = 1
	modNumber = 2
	modFloat  = 3
	modDouble = 4
	modString = 5
)

// skipModuleAux passes over what a module has stored beside the keys: its name as
// a number, when it is to be loaded, and parts until the end.
func (r *reader) skipModuleAux() {
	r.number()
	if r.number() != modNumber {
		r.fail()
	}
	r.number()
	for !r.bad {
		switch r.number() {
		case modEnd:
			return
		case modSigned, modNumber:
			r.number()
		case modFloat:
			r.take(4)
		case modDouble:
			r.take(8)
		case modString:
			r.string()
		default:
			r.fail()
		}
	}
}
