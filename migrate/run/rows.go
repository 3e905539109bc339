package run

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"kvd/engine"
	"kvd/migrate"
)

// The names of the stored rows.
const (
	rows      = "mig/"
	targetRow = rows + "target/" // + id
	regRow    = rows + "reg/"    // + id of the target / version
	logRow    = rows + "log/"    // + id of the target / number
	jobRow    = rows + "job/"    // + id
)

// Target is what is stored of the documents that migrations are about.
type Target struct {
	ID   uint64       `json:"id"`
	DB   int          `json:"db"`
	Kind migrate.Kind `json:"kind"`
	Name string       `json:"name"`
	// Base is the version of documents that say none: they are older than the first
	// migration, or than the baseline.
	Base migrate.Version `json:"base"`
	// Version is that of the target as a whole.
	Version migrate.Version `json:"version"`
	// Ahead is the highest version that documents may have because of a job that did
	// not end; empty: none.
	Ahead migrate.Version `json:"ahead,omitempty"`
	// Lagging is set if a job left documents at a lower version.
	Lagging bool `json:"lagging,omitempty"`
	// Applied are the migrations, in the order in which they were applied.
	Applied []Applied `json:"applied,omitempty"`
	// Logged is the number of the last entry of the history.
	Logged int `json:"logged"`
}

// Applied is a migration that was applied.
type Applied struct {
	Version  migrate.Version `json:"version"`
	Checksum string          `json:"checksum"`
	// Baseline is set if it was only said to be applied.
	Baseline bool `json:"baseline,omitempty"`
}

// Entry is one entry of the history.
type Entry struct {
	Seq       int             `json:"seq"`
	Version   migrate.Version `json:"version"`
	Direction string          `json:"direction"` // up, down, baseline, repair, set
	Checksum  string          `json:"checksum"`
	Started   string          `json:"started"` // RFC 3339
	Took      int64           `json:"took"`    // milliseconds
	Docs      int64           `json:"docs"`
	Changed   int64           `json:"changed"`
	Failed    int64           `json:"failed"`
	Author    string          `json:"author"`
	Snapshot  string          `json:"snapshot,omitempty"`
	Result    string          `json:"result"` // ok, partial
}

// Mode is how a job changes the documents.
type Mode string

// The modes.
const (
	Atomic Mode = "ATOMIC" // all in one transaction
	Batch  Mode = "BATCH"  // each for itself
)

// State is what a job is doing.
type State string

// The states.
const (
	Running   State = "running"
	Paused    State = "paused"
	Done      State = "done"
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

func (s State) active() bool { return s == Running || s == Paused }

// OnError says what becomes of a document that can't be migrated.
type OnError string

// What there is to choose.
const (
	Abort      OnError = "ABORT"      // the job ends
	Skip       OnError = "SKIP"       // the document stays as it is
	Quarantine OnError = "QUARANTINE" // the document is moved to a key of its own
)

// Job is what is stored of a job.
type Job struct {
	ID         uint64            `json:"id"`
	Target     uint64            `json:"target"`
	DB         int               `json:"db"`
	Name       string            `json:"name"`
	Down       bool              `json:"down,omitempty"`
	From       migrate.Version   `json:"from"`
	To         migrate.Version   `json:"to"`
	Steps      []migrate.Version `json:"steps"` // in the order in which they are run
	Mode       Mode              `json:"mode"`
	BatchSize  int               `json:"batch,omitempty"`
	OnError    OnError           `json:"onerror"`
	OutOfOrder bool              `json:"outoforder,omitempty"`
	Strategy   migrate.Strategy  `json:"strategy,omitempty"`
	Author     string            `json:"author,omitempty"`
	Safety     bool              `json:"safety,omitempty"`
	Snapshot   string            `json:"snapshot,omitempty"`
	Was        migrate.Version   `json:"was,omitempty"` // what Ahead was before
	State      State             `json:"state"`
	Started    string            `json:"started"`
	Ended      string            `json:"ended,omitempty"`
	Total      int64             `json:"total"`
	Docs       int64             `json:"docs"`
	Changed    int64             `json:"changed"`
	Failed     int64             `json:"failed"`
	Took       int64             `json:"took"` // milliseconds
	Error      string            `json:"error,omitempty"`
	Failures   []Failure         `json:"failures,omitempty"`
}

// Failure is a document that could not be migrated.
type Failure struct {
	Key   []byte `json:"key"`
	Why   string `json:"why"`
	Moved []byte `json:"moved,omitempty"` // where it is now, after QUARANTINE
}

// Label is the name of the job that clients see.
func (j *Job) Label() string { return label(j.ID) }

func label(id uint64) string { return "m-" + strconv.FormatUint(id, 10) }

// Command is what the job does, as a client would say it.
func (j *Job) Command() string {
	if j.Down {
		return "MIG.DOWN " + j.Name
	}
	return "MIG.UP " + j.Name
}

func putTarget(tx *engine.Tx, t *Target) { put(tx, targetRow+strconv.FormatUint(t.ID, 10), t) }

func putJob(tx *engine.Tx, j *Job) { put(tx, jobName(j.ID), j) }

func jobName(id uint64) string { return jobRow + strconv.FormatUint(id, 10) }

func putEntry(tx *engine.Tx, t *Target, e *Entry) {
	t.Logged++
	e.Seq = t.Logged
	put(tx, fmt.Sprintf("%s%d/%010d", logRow, t.ID, e.Seq), e)
}

func regName(t *Target, v migrate.Version) string {
	return fmt.Sprintf("%s%d/%s", regRow, t.ID, v)
}

func put(tx *engine.Tx, name string, row any) {
	text, _ := json.Marshal(row) // these structures have nothing that fails
	tx.PutSetting(name, string(text))
}

// UnixMilli is a stored time in unix milliseconds.
func UnixMilli(stored string) int64 {
	t, err := time.Parse(time.RFC3339, stored)
	if err != nil {
		return 0
	}
	return t.UnixMilli()
}
