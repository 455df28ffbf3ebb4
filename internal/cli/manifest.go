package cli

import (
	"encoding/json"
	"fmt"
	"io"
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
	UniqueID         string       `json:"unique_id"`
	ResourceType     string       `json:"resource_type"`
	Name             string       `json:"name"`
	OriginalFilePath string       `json:"original_file_path"`
	Line             int          `json:"line"`
	Tags             []string     `json:"tags"`
	DependsOn        manifestUses `json:"depends_on"`
	DefinitionHash   string       `json:"definition_hash"`
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
			Tags:             append([]string{}, n.Tags...),
			DependsOn:        manifestUses{Nodes: needs},
			DefinitionHash:   definitionHash(n),
		}
	}
	return m
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

// modifiedSince picks the nodes that are new or defined otherwise than in the manifest of a folder.
func modifiedSince(dir string, g *graph) (map[*node]bool, error) {
	if dir == "" {
		return nil, usagef("state:modified needs --state: a folder with the %s of an earlier run", manifestFile)
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return nil, err
	}
	var before manifest
	if err := json.Unmarshal(text, &before); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, manifestFile), err)
	}
	modified := map[*node]bool{}
	for _, n := range g.nodes {
		if before.Nodes[n.id()].DefinitionHash != definitionHash(n) {
			modified[n] = true
		}
	}
	return modified, nil
}
