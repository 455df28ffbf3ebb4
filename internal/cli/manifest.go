package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const manifestFile = "manifest.json"

// A manifest describes a project to other programs, in dbt's shape.
type manifest struct {
	Metadata manifestMetadata        `json:"metadata"`
	Nodes    map[string]manifestNode `json:"nodes"`
}

type manifestMetadata struct {
	AssayVersion string `json:"assay_version"`
	ProjectName  string `json:"project_name"`
}

type manifestNode struct {
	UniqueID         string            `json:"unique_id"`
	ResourceType     string            `json:"resource_type"`
	Name             string            `json:"name"`
	OriginalFilePath string            `json:"original_file_path"`
	Line             int               `json:"line"`
	Column           int               `json:"column"`
	Tags             []string          `json:"tags"`
	DependsOn        manifestUses      `json:"depends_on"`
	Settings         []manifestSetting `json:"settings"`
	DefinitionHash   string            `json:"definition_hash"`
}

// A manifestSetting is one that numbers depend on.
type manifestSetting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	At    string `json:"at"`
}

type manifestUses struct {
	Nodes []string `json:"nodes"`
}

func newManifest(project string, g *graph) manifest {
	m := manifest{Metadata: manifestMetadata{AssayVersion: version(), ProjectName: project}, Nodes: map[string]manifestNode{}}
	for _, n := range g.nodes {
		needs := make([]string, len(n.Needs))
		for i, need := range n.Needs {
			needs[i] = need.id()
		}
		m.Nodes[n.id()] = manifestNode{
			UniqueID:         n.id(),
			ResourceType:     n.Kind,
			Name:             n.Name,
			OriginalFilePath: n.At.File,
			Line:             n.At.Start.Line,
			Column:           n.At.Start.Col,
			Tags:             append([]string{}, n.Tags...),
			DependsOn:        manifestUses{Nodes: needs},
			Settings:         manifestSettings(n),
			DefinitionHash:   definitionHash(n),
		}
	}
	return m
}

func manifestSettings(n *node) []manifestSetting {
	list := []manifestSetting{}
	for _, s := range defining(n) {
		list = append(list, manifestSetting{s.name, s.value, s.at.String()})
	}
	return list
}

// write puts the manifest into a folder, which it makes.
func (m manifest) write(dir string) error {
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return toFile(filepath.Join(dir, manifestFile), func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n", text)
		return err
	})
}

// readManifest reads what describes an earlier state of the project.
func readManifest(dir string) (*manifest, error) {
	file := filepath.Join(dir, manifestFile)
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s: `assay compile --project-dir OTHER` writes it into the target folder of a project", file)
	}
	if err != nil {
		return nil, err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return &m, nil
}

// modifiedSince picks the nodes that are new or defined otherwise than in the manifest of a folder.
func modifiedSince(dir string, g *graph) (map[*node]bool, error) {
	if dir == "" {
		return nil, usagef("state:modified needs --state: a folder with the %s of an earlier run", manifestFile)
	}
	before, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	modified := map[*node]bool{}
	for _, n := range g.nodes {
		if before.Nodes[n.id()].DefinitionHash != definitionHash(n) {
			modified[n] = true
		}
	}
	return modified, nil
}
