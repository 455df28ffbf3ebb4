package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	template "assay/project-template"
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

// scheduler is where a scheduler finds a fresh project, beside assay (this binary under that name) and a dbt that succeeds.
type scheduler struct{ project, bin, summary string }

func newScheduler(t *testing.T) scheduler {
	t.Helper()
	dir := t.TempDir()
	s := scheduler{filepath.Join(dir, "corner_shop"), filepath.Join(dir, "bin"), filepath.Join(dir, "summary.md")}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		template.Write(s.project, "corner_shop"), os.Mkdir(s.bin, 0o755), os.Symlink(self, filepath.Join(s.bin, "assay")),
		os.WriteFile(filepath.Join(s.bin, "dbt"), []byte("#!/bin/sh\n"), 0o755),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s scheduler) file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.project, "schedule", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// sh runs a script in the project as a scheduler does, and returns what it said.
func (s scheduler) sh(t *testing.T, script string) string {
	t.Helper()
	cmd := exec.Command("sh", "-e", "-c", script)
	cmd.Dir = s.project
	cmd.Env = append(os.Environ(), "PATH="+s.bin+":"+os.Getenv("PATH"), "GITHUB_STEP_SUMMARY="+s.summary)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return string(out)
}

// published fails the test unless there is a report.
func (s scheduler) published(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(s.project, "target", "report", "index.html")); err != nil {
		t.Error(err)
	}
}

// What the template has for cron runs in a project that was never run, and says nothing, so that nothing is mailed.
func TestCronRuns(t *testing.T) {
	s := newScheduler(t)
	lines := strings.Split(strings.TrimSpace(s.file(t, "crontab")), "\n")
	_, command, _ := strings.Cut(lines[len(lines)-1], "* * * ")
	command = strings.NewReplacer("/srv/dbt_project", s.bin, "/srv/corner_shop", s.project).Replace(command)
	if said := s.sh(t, command); said != "" {
		t.Errorf("cron mails %q", said)
	}
	s.published(t)
}

// The steps of the workflow that are commands of ours run one after the other.
func TestActionsRun(t *testing.T) {
	s := newScheduler(t)
	var workflow struct {
		Jobs map[string]struct{ Steps []struct{ Run string } }
	}
	if err := yaml.Unmarshal([]byte(s.file(t, "github_actions.yml")), &workflow); err != nil {
		t.Fatal(err)
	}
	for _, step := range workflow.Jobs["experiments"].Steps {
		if strings.HasPrefix(step.Run, "assay ") {
			s.sh(t, step.Run)
		}
	}
	s.published(t)
	if summary, err := os.ReadFile(s.summary); err != nil || !strings.Contains(string(summary), "**Recommended: ") {
		t.Errorf("the summary of the step is %q, %v", summary, err)
	}
}
