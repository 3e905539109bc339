package rdb

// functionLibrary marks the code of a function library.
const functionLibrary = 245

// functionsVersion is the first version of the format that has it.
const functionsVersion = 10

// EncodeFunctions returns the payload of FUNCTION DUMP: the code of each library.
func EncodeFunctions(libraries []string) []byte {
	w := writer{}
	defer w.free()
	for _, code := range libraries {
		w.byte(functionLibrary)
		w.string([]byte(code))
	}
	return seal(w.dst, 0, functionsVersion)
}

// DecodeFunctions reads a payload of FUNCTION DUMP. The errors are ErrChecksum and
// ErrFormat.
func DecodeFunctions(payload []byte) (libraries []string, err error) {
	body, err := unseal(payload)
	if err != nil {
		return nil, err
	}
	r := newReader(body)
	for len(r.src) > 0 {
		if r.byte() != functionLibrary {
			return nil, ErrFormat
		}
		libraries = append(libraries, string(r.string()))
		if r.bad {
			return nil, ErrFormat
		}
	}
	return libraries, nil
}
