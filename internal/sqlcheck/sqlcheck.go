// Package sqlcheck holds the SQL of engines that cannot run here to programs that know their language, and resolves its names.
package sqlcheck

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
)

//go:embed sqlglot.py
var sqlglot string

// A Checker is a program that reads scripts and says of each statement what is wrong with it.
type Checker struct{ command []string }

// A Script is statements that run one after the other, those that make its tables first.
type Script struct {
	Name       string
	Statements []string
}

// GoogleSQL is BigQuery's own analyser, which resolves names, types and functions. The test is skipped where it is absent.
func GoogleSQL(t testing.TB) Checker {
	program := os.Getenv("ASSAY_GOOGLESQL")
	if program == "" {
		t.Skip("ASSAY_GOOGLESQL names no program (internal/engines/install.sh builds one)")
	}
	return Checker{[]string{program}}
}

// Sqlglot knows an engine's grammar and functions, and resolves names; of types it knows less than the engine. The test is skipped
// where it is absent.
func Sqlglot(t testing.TB, dialect string) Checker {
	python := os.Getenv("ASSAY_SQLGLOT")
	if python == "" {
		t.Skip("ASSAY_SQLGLOT names no Python that has sqlglot (internal/engines/install.sh installs one)")
	}
	return Checker{[]string{python, "-c", sqlglot, dialect}}
}

// Check fails the test for each statement that is not right.
func (c Checker) Check(t testing.TB, scripts []Script) {
	t.Helper()
	texts := make([][]string, len(scripts))
	for i, script := range scripts {
		texts[i] = script.Statements
	}
	for i, faults := range c.run(t, texts) {
		for j, fault := range faults {
			if fault != "" {
				t.Errorf("%s: %s\n%s", scripts[i].Name, fault, texts[i][j])
			}
		}
	}
}

func (c Checker) run(t testing.TB, scripts [][]string) (faults [][]string) {
	t.Helper()
	input, err := json.Marshal(scripts)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(c.command[0], c.command[1:]...)
	command.Stdin = bytes.NewReader(input)
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(output, &faults); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return faults
}
