package project

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"gopkg.in/yaml.v3"

	"assay/internal/diag"
)

// projectFile makes a folder a project.
const projectFile = "assay_project.yml"

// folders hold a project's declarations; any file in them may declare anything.
var folders = []string{"experiments", "metrics", "models", "protocols", "unit_tests"}

// Options of a reading.
type Options struct {
	Dir  string                      // the project's folder
	FS   fs.FS                       // its files; nil: those on disk in Dir
	Vars map[string]string           // values that replace those under `vars:`
	Env  func(string) (string, bool) // os.LookupEnv where nil
}

// Read reads the project in opts.Dir. Whatever is wrong is in the bag; the Project then holds what could be read.
func Read(opts Options) (*Project, *diag.Bag) {
	bag := &diag.Bag{}
	r := &reader{bag: bag, seen: map[string]bool{}, variables: &variables{vars: maps.Clone(opts.Vars), env: opts.Env}}
	if r.vars == nil {
		r.vars = map[string]string{}
	}
	if r.env == nil {
		r.env = os.LookupEnv
	}
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		bag.Errorf(diag.Span{}, codeFile, "cannot find %s: %v", opts.Dir, err)
		return &Project{}, bag
	}
	files := opts.FS
	if files == nil {
		files = os.DirFS(dir)
	}
	p := r.project(root{dir: dir, files: files})
	return p, bag
}

// A root is the folder of a project or of one it imports.
type root struct {
	dir    string // absolute
	files  fs.FS
	prefix string // from the importing project to this one; "" for the project itself
}

// name is a file's path as spans show it.
func (r root) name(file string) string { return path.Join(r.prefix, file) }

// beginning is the place for what is wrong with a file as a whole.
func (r root) beginning(file string) diag.Span {
	first := diag.Position{Line: 1, Col: 1}
	return diag.Span{File: r.name(file), Start: first, End: first}
}

// Enclosing is the project that a folder, given by its whole path, is or lies in.
func Enclosing(dir string) (project string, found bool) {
	for {
		if _, err := os.Stat(filepath.Join(dir, projectFile)); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}

// A reader reads a project and what it imports.
type reader struct {
	*variables
	bag  *diag.Bag
	seen map[string]bool // folders read, imports among them
}

func (r *reader) project(at root) *Project {
	r.seen[at.dir] = true
	p := &Project{Dir: at.dir, ReportingTimezone: Value[*time.Location]{V: time.UTC}}
	if _, err := fs.Stat(at.files, projectFile); errors.Is(err, fs.ErrNotExist) {
		r.bag.Add(diag.Diagnostic{
			Code: codeFile, Span: at.beginning(projectFile),
			Message: fmt.Sprintf("there is no %s in %s", projectFile, at.dir),
			Hint:    "`assay init` makes a project; --project-dir names another folder",
		})
		return p
	}
	imports := r.projectFile(at, p)
	for _, file := range parseAll(at, r.declarations(at)) {
		r.file(file, p)
	}
	for _, i := range imports.dbt {
		r.manifest(at, i, p)
	}
	var others []*Project
	for _, i := range imports.projects {
		if from := r.imported(at, i); from != nil {
			p.include(from)
			others = append(others, from)
		}
	}
	r.readCatalog(at, p)
	for _, from := range others {
		p.includeCatalog(from.Catalog)
	}
	if len(p.Manifests) == 0 {
		p.Complete(r.bag)
	}
	return p
}

// A parsedFile is a file as YAML; document is nil where it holds nothing or does not parse.
type parsedFile struct {
	src      *source
	document *yaml.Node
	unread   bool
	bag      diag.Bag
}

func parse(at root, file string) *parsedFile {
	f := &parsedFile{src: &source{path: at.name(file)}}
	data, err := fs.ReadFile(at.files, file)
	if err != nil {
		f.bag.Errorf(at.beginning(file), codeFile, "cannot read the file: %v", pathless(err))
		f.unread = true
		return f
	}
	f.src = newSource(at.name(file), data)
	document, ok := f.src.parse(&f.bag)
	f.document, f.unread = document, !ok
	return f
}

// parseAll parses files at once, for that is most of the work of reading them.
func parseAll(at root, files []string) []*parsedFile {
	parsed := make([]*parsedFile, len(files))
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for first := range workers {
		group.Go(func() {
			for i := first; i < len(files); i += workers {
				parsed[i] = parse(at, files[i])
			}
		})
	}
	group.Wait()
	return parsed
}

// note takes over what is wrong with a file as a whole.
func (r *reader) note(f *parsedFile, p *Project) {
	r.bag.Append(&f.bag)
	if f.unread {
		p.Unread = append(p.Unread, f.src.path)
	}
}

// pathless is the reason of a file error without the path, which the span gives.
func pathless(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err
	}
	return err
}

// declarations are the project's files in order of path.
func (r *reader) declarations(at root) []string {
	var files []string
	for _, folder := range folders {
		err := fs.WalkDir(at.files, folder, func(file string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist) && file == folder:
				return fs.SkipDir
			case err != nil:
				return err
			case strings.HasPrefix(entry.Name(), ".") && entry.IsDir():
				return fs.SkipDir
			case !entry.IsDir() && isYAML(file):
				files = append(files, file)
			}
			return nil
		})
		if err != nil {
			r.bag.Errorf(diag.Span{}, codeFile, "cannot read %s: %v", at.name(folder), err)
		}
	}
	return files
}

func isYAML(file string) bool { return path.Ext(file) == ".yml" || path.Ext(file) == ".yaml" }

func (r *reader) file(f *parsedFile, p *Project) {
	r.note(f, p)
	if f.document == nil {
		return
	}
	d := newDecoder(r.variables, f.src, r.bag, p)
	fields := slices.Concat([]field{
		{"models", d.each(d.model)},
		{"metrics", d.each(d.topLevelMetric)},
		{"assignments", d.each(d.assignments)},
		{"experiments", d.each(d.experiment)},
		{"protocols", d.each(d.protocol)},
		{"saved_queries", d.each(d.savedQuery)},
		{"unit_tests", d.each(d.unitTest)},
		{"annotations", d.each(d.annotation)},
	}, accepted("version", "sources", "seeds", "snapshots", "exposures", "macros", "groups", "analyses", "data_tests",
		"functions", "anchors"), reserved())
	whole := entry{f.document, wholeFile}
	isRead := d.walk(whole, "file", fields, func(key *yaml.Node) string {
		meant := d.unknownKey(key, "file", fields)
		if meant == "" || d.hasAny(whole, meant) {
			d.unreadable() // what stands under the key is declared all the same
		}
		return meant
	})
	if !isRead {
		d.unreadable()
	}
}

// reserved are top-level keys whose meaning is not settled.
func reserved() []field { return accepted("identities", "holdouts", "interactions") }

// each reads every declaration of a list.
func (d *decoder) each(read func(entry)) func(entry) {
	return func(e entry) {
		if !e.is(yaml.SequenceNode) && !e.isNull() {
			d.unreadable()
		}
		for _, element := range d.elements(e) {
			if !element.is(yaml.MappingNode) {
				d.unreadable()
			}
			read(element)
		}
	}
}

func (d *decoder) topLevelMetric(e entry) {
	if d.isPatch(e) {
		d.patch(e)
		return
	}
	if m := d.metric(e); m != nil {
		if m.Type.V == Simple {
			d.need(e, "simple metric outside of a model", "model")
		}
		d.project.Metrics = append(d.project.Metrics, m)
	}
}

// projectFile reads assay_project.yml: first what the reading of all other values depends on, then the rest.
func (r *reader) projectFile(at root, p *Project) imports {
	parsed := parse(at, projectFile)
	r.note(parsed, p)
	src, document := parsed.src, parsed.document
	if document == nil {
		if len(p.Unread) == 0 {
			r.bag.Add(diag.Diagnostic{Code: codeMissing, Span: at.beginning(projectFile), Message: "a project needs `name`",
				Hint: "add `" + sample("name") + "`"})
		}
		return imports{}
	}
	d := newDecoder(r.variables, src, r.bag, p)
	e := entry{document, wholeFile}
	var from imports
	fields := append([]field{
		{"name", into(d, &p.Name, d.identifier)},
		{"profile", into(d, &p.Profile, d.word)},
		{"reporting_timezone", func(entry) {}},
		{"imports", d.importsInto(&from)},
		{"defaults", d.defaults},
		{"vars", func(entry) {}},
	}, accepted("version", "config-version", "description")...)
	d.beforehand(e, fields, field{"vars", d.declareVars}, field{"reporting_timezone", into(d, &p.ReportingTimezone, d.zone)})
	d.mapping(e, "project", fields...)
	d.need(e, "project", "name")
	return from
}

// beforehand reads the keys of a project that others depend on, misspelt ones too.
func (d *decoder) beforehand(e entry, fields []field, first ...field) {
	if !e.is(yaml.MappingNode) {
		return
	}
	d.walk(e, "project", first, func(key *yaml.Node) string {
		if meant, _ := meantKey(key.Value, all(fields)); fieldIndex(first, meant) < 0 || fieldIndex(fields, key.Value) >= 0 {
			return ""
		}
		return d.unknownKey(key, "project", fields)
	})
}

// imports are the folders of other projects, and the manifests of dbt projects.
type imports struct{ projects, dbt []Name }

func (d *decoder) importsInto(to *imports) func(entry) {
	return func(e entry) {
		for _, element := range d.elements(e) {
			var dbt, other Name
			if !d.mapping(element, "import",
				field{"project", into(d, &other, d.word)},
				field{"dbt", into(d, &dbt, d.word)},
			) {
				continue
			}
			switch {
			case other.IsSet():
				to.projects = append(to.projects, other)
			case dbt.IsSet():
				to.dbt = append(to.dbt, dbt)
			default:
				d.need(element, "import", "project")
			}
		}
	}
}

// imported reads another project; nil where there is none, or it is read already.
func (r *reader) imported(at root, written Name) *Project {
	dir := written.V
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(at.dir, dir)
	}
	if r.seen[dir] {
		return nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		r.bag.Add(diag.Diagnostic{Code: codeFile, Span: written.Span, Message: fmt.Sprintf("there is no folder `%s`", written.V),
			Hint: "paths are from the project's folder, and name the folder of another"})
		return nil
	}
	// Its variables are not ours, but ours may replace them.
	other := &reader{bag: r.bag, seen: r.seen, variables: &variables{vars: maps.Clone(r.vars), env: r.env}}
	relative := filepath.ToSlash(written.V)
	from := other.project(root{dir: dir, files: os.DirFS(dir), prefix: path.Join(at.prefix, relative)})
	for _, m := range from.Models {
		if m.Source.File != nil && !filepath.IsAbs(m.Source.File.Path.V) {
			m.Source.File.Path.V = path.Join(relative, m.Source.File.Path.V)
		}
	}
	return from
}

// manifest keeps a dbt project's manifest for its reader.
func (r *reader) manifest(at root, written Name, p *Project) {
	file := filepath.ToSlash(filepath.Clean(written.V))
	var data []byte
	var err error
	if fs.ValidPath(file) {
		data, err = fs.ReadFile(at.files, file)
	} else if filepath.IsAbs(written.V) {
		data, err = os.ReadFile(written.V)
	} else {
		data, err = os.ReadFile(filepath.Join(at.dir, written.V))
	}
	if err != nil {
		r.bag.Add(diag.Diagnostic{Code: codeFile, Span: written.Span,
			Message: fmt.Sprintf("cannot read `%s`: %v", written.V, pathless(err)), Hint: "`dbt parse` writes it"})
		p.Unread = append(p.Unread, at.name(file))
		return
	}
	p.Manifests = append(p.Manifests, Manifest{File: at.name(file), Data: data})
}

// include adds what a project shares: models, metrics with what is noted of them, and protocols.
func (p *Project) include(from *Project) {
	p.Manifests = append(p.Manifests, from.Manifests...)
	p.Models = append(p.Models, from.Models...)
	p.Metrics = append(p.Metrics, from.Metrics...)
	p.Patches = append(p.Patches, from.Patches...)
	p.Protocols = append(p.Protocols, from.Protocols...)
	p.Annotations = append(p.Annotations, from.Annotations...)
	p.Unread = append(p.Unread, from.Unread...)
}

// includeCatalog adds the columns of models that the project's own catalog does not know.
func (p *Project) includeCatalog(from *Catalog) {
	if from == nil {
		return
	}
	if p.Catalog == nil {
		p.Catalog = &Catalog{Models: map[string][]CatalogColumn{}}
	}
	for name, columns := range from.Models {
		if _, known := p.Catalog.Models[name]; !known {
			p.Catalog.Models[name] = columns
		}
	}
}

// Complete is for a project whose declarations are all read: it finds those of one kind that have the same name, and applies patches.
// Read has done so where there are no manifests to read yet.
func (p *Project) Complete(bag *diag.Bag) {
	p.checkNames(bag)
	p.applyPatches(bag)
}

func (p *Project) checkNames(bag *diag.Bag) {
	unique(bag, "models", p.Models, func(m *Model) Name { return m.Name })
	unique(bag, "metrics", p.Metrics, func(m *Metric) Name { return m.Name })
	unique(bag, "patches of", p.Patches, func(m *Metric) Name { return m.Name })
	unique(bag, "assignments", p.Assignments, func(a *Assignments) Name { return a.Name })
	unique(bag, "experiments", p.Experiments, func(x *Experiment) Name { return x.Name })
	unique(bag, "protocols", p.Protocols, func(x *Protocol) Name { return x.Name })
	unique(bag, "saved queries", p.SavedQueries, func(q *SavedQuery) Name { return q.Name })
	unique(bag, "unit tests", p.UnitTests, func(t *UnitTest) Name { return t.Name })
}

func unique[T any](bag *diag.Bag, kind string, list []T, name func(T) Name) {
	seen := newNames(bag, kind)
	for _, x := range list {
		seen.add(name(x))
	}
}
