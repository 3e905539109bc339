package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"kvd/engine/doc"
	"kvd/migrate"
)

// migrationFile is one file of the folder.
type migrationFile struct {
	path string
	*migrate.Migration
}

// readMigrations reads the folder, in the order of the versions.
func readMigrations(o *migrateOptions) ([]migrationFile, error) {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return nil, err
	}
	var files []migrationFile
	var faults []error
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); e.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, ext) {
			continue
		}
		path := filepath.Join(o.dir, e.Name())
		m, err := readMigration(path)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", path, err))
			continue
		}
		if o.coll == "" || m.Target.Name == o.coll {
			files = append(files, migrationFile{path, m})
		}
	}
	slices.SortFunc(files, func(a, b migrationFile) int { return migrate.Compare(a.Version, b.Version) })
	for i := 1; i < len(files); i++ {
		if a, b := files[i-1], files[i]; a.Version == b.Version && a.Target == b.Target {
			faults = append(faults, fmt.Errorf("%s and %s are of one version", a.path, b.path))
		}
	}
	return files, errors.Join(faults...)
}

// readMigration reads a file, whose name has to agree with its version.
func readMigration(path string) (*migrate.Migration, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if filepath.Ext(path) != ".json" {
		if text, err = jsonOf(text); err != nil {
			return nil, err
		}
	}
	m, err := migrate.Parse(text)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if version, _, _ := strings.Cut(name, "_"); version != string(m.Version) {
		return nil, fmt.Errorf("the name says version %s and the file %s", version, m.Version)
	}
	return m, nil
}

// jsonOf turns YAML into JSON, in the order of the file.
func jsonOf(text []byte) ([]byte, error) {
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		return nil, err
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		return nil, errors.New("the file is empty")
	}
	v, err := valueOf(root.Content[0])
	return doc.AppendText(nil, v), err
}

// valueOf is a part of a YAML file as a document.
func valueOf(n *yaml.Node) (doc.Value, error) {
	b := doc.NewBuilder(nil)
	switch n.Kind {
	case yaml.ScalarNode:
		return scalarOf(n)
	case yaml.SequenceNode:
		b.BeginArray()
		for _, item := range n.Content {
			v, err := valueOf(item)
			if err != nil {
				return nil, err
			}
			b.Value(v)
		}
	case yaml.MappingNode:
		b.BeginObject()
		seen := make(map[string]bool)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			if name.Kind != yaml.ScalarNode || seen[name.Value] {
				return nil, fmt.Errorf("line %d: a name is no text, or is there twice", name.Line)
			}
			seen[name.Value] = true
			v, err := valueOf(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			b.Name(name.Value)
			b.Value(v)
		}
	default:
		return nil, fmt.Errorf("line %d: anchors and aliases can't be used", n.Line)
	}
	b.End()
	return b.Bytes(), nil
}

func scalarOf(n *yaml.Node) (doc.Value, error) {
	switch n.ShortTag() {
	case "!!null":
		return doc.AppendNull(nil), nil
	case "!!bool":
		return doc.AppendBool(nil, strings.EqualFold(n.Value, "true")), nil
	case "!!int", "!!float":
		if !doc.IsNumber([]byte(n.Value)) {
			return nil, fmt.Errorf("line %d: %s is no number of JSON", n.Line, n.Value)
		}
		return doc.AppendNumber(nil, n.Value), nil
	}
	return doc.AppendString(nil, n.Value), nil
}

// lint says what is striking about the files. It returns the exit code.
func lint(out io.Writer, files []migrationFile) int {
	for _, f := range files {
		for _, place := range f.Up.Destroys() {
			fmt.Fprintf(out, "%s: warning: %s takes data away, which only undo records bring back\n", f.path, place)
		}
		if !f.Reversible {
			fmt.Fprintf(out, "%s: warning: no operations take it back (%s): a document that is changed afterwards stays as it is\n",
				f.path, strings.Join(f.Up.Without(), ", "))
		}
		if f.Description == "" {
			fmt.Fprintf(out, "%s: warning: it has no description\n", f.path)
		}
	}
	fmt.Fprintf(out, "%d migrations are sound\n", len(files))
	return exitOK
}

// goodName is what a migration may be called in the name of its file.
const goodName = `^[A-Za-z0-9][A-Za-z0-9_-]{0,100}$`

// newMigration writes a file for the next version.
func newMigration(o *migrateOptions) error {
	if !regexp.MustCompile(goodName).MatchString(o.name) {
		return errors.New("a name has letters, digits, - and _")
	}
	if err := os.MkdirAll(o.dir, 0o750); err != nil {
		return err
	}
	files, err := readMigrations(o)
	if err != nil {
		return err
	}
	version, target := o.to, "collection: "+o.coll
	if n := len(files); n > 0 {
		target = fmt.Sprintf("%s: %s", files[n-1].Target.Kind, files[n-1].Target.Name)
	} else if o.coll == "" {
		target = "collection: users"
	}
	if version == "" {
		version = nextVersion(files)
	}
	if _, err := migrate.ParseVersion(version); err != nil {
		return err
	}
	path := filepath.Join(o.dir, version+"_"+o.name+".yaml")
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "version: %s\ndescription: %s\ntarget:\n  %s\nup:\n  - default:\n      path: $.new\n      value: null\ndown: auto\n",
		version, strings.ReplaceAll(o.name, "_", " "), target)
	if err = errors.Join(err, f.Close()); err == nil {
		fmt.Println(path)
	}
	return err
}

// nextVersion is the version after the last one, by its second number.
func nextVersion(files []migrationFile) string {
	if len(files) == 0 {
		return "1.0.0"
	}
	var major, minor uint64
	_, _ = fmt.Sscanf(string(files[len(files)-1].Version), "%d.%d", &major, &minor) // it is a version
	return fmt.Sprintf("%d.%d.0", major, minor+1)
}
