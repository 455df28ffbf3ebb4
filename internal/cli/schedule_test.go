package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var scheduled = regexp.MustCompile("\\bassay ((?:run|report)[^&|>\"`\n]*)")

// The commands that the template has for schedulers are commands of ours, with flags that they have.
func TestScheduledCommands(t *testing.T) {
	files, err := filepath.Glob("../../project-template/schedule/*")
	if err != nil || len(files) != 3 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := scheduled.FindAllStringSubmatch(string(text), -1)
		for _, command := range found {
			words := strings.Fields(strings.ReplaceAll(command[1], "{{ data_interval_end | ds }}", "2026-01-05"))
			cmd, flags, err := (&app{}).rootCommand().Find(words)
			if err == nil {
				err = cmd.ParseFlags(flags)
			}
			if err != nil {
				t.Errorf("%s: assay %s: %v", file, command[1], err)
			}
		}
		if len(found) < 2 {
			t.Errorf("%s runs %v", file, found)
		}
	}
}
