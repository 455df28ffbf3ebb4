package site

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

//go:embed templates
var files embed.FS

// templates by the page's kind, each with what all pages share.
var templates = map[string]*template.Template{}

func init() {
	for _, kind := range []string{"index", "experiment", "sql", "metrics", "metric", "programme"} {
		templates[kind] = template.Must(template.New("page.html").Funcs(functions).
			ParseFS(files, "templates/page.html", "templates/parts.html", "templates/"+kind+".html"))
	}
}

var functions = template.FuncMap{
	"term": explained,
	"style": func() (template.CSS, error) {
		text, err := files.ReadFile("templates/style.css")
		return template.CSS(text), err
	},
	"script": func(name string) (template.JS, error) {
		text, err := files.ReadFile("templates/" + name)
		return template.JS(text), err
	},
}

// A page is a file of the site.
type page struct {
	path string // from the site's folder, with slashes
	kind string
	data any
}

func experimentPath(name string) string { return "experiments/" + name + ".html" }

func sqlPath(name string) string { return "experiments/" + name + ".sql.html" }

func metricPath(name string) string { return "metrics/" + name + ".html" }

// shell is what every page is in.
type shell struct {
	Project string
	Root    string // leads from the page to the site's folder
	Page    any
}

// pages are all of the site.
func (s *Site) pages() ([]page, error) {
	index, err := s.indexPage()
	if err != nil {
		return nil, err
	}
	pages := []page{
		{"index.html", "index", index},
		{"metrics.html", "metrics", s.metricsPage()},
		{"programme.html", "programme", s.programmePage()},
	}
	for _, m := range s.Metrics {
		pages = append(pages, page{metricPath(m.Name), "metric", s.metricPage(m)})
	}
	for _, e := range s.Experiments {
		if e.Report == nil {
			continue
		}
		data, err := s.experimentPage(e)
		if err != nil {
			return nil, fmt.Errorf("experiment %s: %w", e.Name, err)
		}
		pages = append(pages, page{experimentPath(e.Name), "experiment", data})
		if data.SQLLink != "" {
			pages = append(pages, page{data.SQLLink, "sql", &sqlPage{"SQL of " + e.Name, e.Name, experimentPath(e.Name), e.SQL}})
		}
	}
	return pages, nil
}

func (s *Site) render(p page) ([]byte, error) {
	var out bytes.Buffer
	err := templates[p.kind].Execute(&out, shell{s.Project, strings.Repeat("../", strings.Count(p.path, "/")), p.data})
	return out.Bytes(), err
}

// Write puts the site's files into a folder, each whole or not at all.
func (s *Site) Write(dir string) error {
	pages, err := s.pages()
	if err != nil {
		return err
	}
	for _, p := range pages {
		text, err := s.render(p)
		if err != nil {
			return fmt.Errorf("%s: %w", p.path, err)
		}
		path := filepath.Join(dir, filepath.FromSlash(p.path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := renameio.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
