package dbtimport

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"assay/compiler/project"
	"assay/internal/diag"
)

const (
	codeManifest  diag.Code = "manifest"
	codeMissing   diag.Code = "missing"
	codeValue     diag.Code = "value"
	codeDuplicate diag.Code = "duplicate-name"
	codeView      diag.Code = "not-supported"
)

// Include reads the manifests that a project imports and adds what they declare. A name that is taken is an error naming both
// files.
func Include(p *project.Project, bag *diag.Bag) {
	for _, m := range p.Manifests {
		from := Read(m.File, m.Data, bag)
		p.Models = append(p.Models, from.Models...)
		p.Metrics = append(p.Metrics, from.Metrics...)
		p.SavedQueries = append(p.SavedQueries, from.SavedQueries...)
		p.Unread = append(p.Unread, from.Unread...)
	}
	if len(p.Manifests) > 0 {
		p.Complete(bag)
	}
}

// Read is what a manifest declares: models (its time spines among them), metrics and saved queries. File is how spans call it;
// what is wrong is in the bag.
func Read(file string, data []byte, bag *diag.Bag) *project.Project {
	r := &reader{file: file, bag: bag, measures: map[string]*ownedMeasure{}, project: &project.Project{}}
	var m manifest
	if !knowsAll(data, &m) {
		m = manifest{}
		if err := json.Unmarshal(data, &m); err != nil {
			r.unreadable(data, err)
			return r.project
		}
		r.unknown(data)
	}
	for _, s := range present(m.SemanticModels) {
		r.model(s)
	}
	r.spines(&m)
	for _, metric := range present(m.Metrics) {
		r.metric(metric)
	}
	r.createMetrics(&m)
	r.timesOfMetrics()
	for _, q := range present(m.SavedQueries) {
		r.savedQuery(q)
	}
	return r.project
}

// A reader reads one manifest.
type reader struct {
	file     string
	bag      *diag.Bag
	project  *project.Project
	measures map[string]*ownedMeasure
}

// An ownedMeasure is a measure and the model whose rows it aggregates.
type ownedMeasure struct {
	*measure
	model string
}

func (r *reader) unreadable(data []byte, err error) {
	at := diag.Position{Line: 1, Col: 1}
	if offset, ok := errorOffset(err); ok {
		before := string(data[:min(max(offset-1, 0), int64(len(data)))])
		at.Line += strings.Count(before, "\n")
		at.Col += len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	}
	r.bag.Add(diag.Diagnostic{Code: codeManifest, Span: diag.Span{File: r.file, Start: at, End: at},
		Message: fmt.Sprintf("this is no semantic manifest: %v", err), Hint: "`dbt parse` writes target/semantic_manifest.json"})
	r.project.Unread = append(r.project.Unread, r.file)
}

func errorOffset(err error) (int64, bool) {
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return syntax.Offset, true
	}
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return wrong.Offset, true
	}
	return 0, false
}

func (r *reader) savedQuery(q *savedQuery) {
	at := r.place(q.Metadata)
	saved := &project.SavedQuery{Name: at.name(q.Name), Description: at.name(q.Description), Tags: at.names(q.Tags),
		Metrics: at.names(q.Params.Metrics), GroupBy: at.texts(q.Params.GroupBy), OrderBy: at.texts(q.Params.OrderBy), Span: at.span()}
	if q.Params.Where != nil {
		for _, f := range q.Params.Where.Where {
			saved.Where = append(saved.Where, at.text(f.SQL))
		}
	}
	if q.Params.Limit != nil {
		saved.Limit = project.Value[int64]{V: *q.Params.Limit, Span: at.span()}
	}
	for _, x := range q.Exports {
		if x.Config.ExportAs == "view" {
			r.bag.Add(diag.Diagnostic{Code: codeView, Severity: diag.Warning, Span: at.at("view"),
				Message: fmt.Sprintf("the export `%s` is a view in dbt; here it is a table, replaced at each run", x.Name)})
		}
		saved.Exports = append(saved.Exports, project.Export{Name: at.name(x.Name), ExportAs: word[string](at, "export_as", x.Config.ExportAs, "table", "view"),
			Schema: at.name(x.Config.Schema), Alias: at.name(x.Config.Alias)})
	}
	r.project.SavedQueries = append(r.project.SavedQueries, saved)
}
