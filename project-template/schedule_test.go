package template

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// schedule writes the template and returns its files for schedulers.
func schedule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := Write(dir, "corner_shop"); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "schedule")
}

var cronTime = regexp.MustCompile(`^([\d*/,-]+ ){4}[\d*/,-]+$`)

func TestCrontab(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(schedule(t), "crontab"))
	if err != nil {
		t.Fatal(err)
	}
	jobs := 0
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || regexp.MustCompile(`^[A-Z]+=`).MatchString(line) {
			continue
		}
		jobs++
		words := strings.Fields(line)
		if len(words) < 6 || !cronTime.MatchString(strings.Join(words[:5], " ")) {
			t.Errorf("not five fields of time and a command: %s", line)
		}
		if strings.Contains(line, "%") {
			t.Errorf("cron reads %% as the end of a line: %s", line)
		}
	}
	if jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
}

// A workflow, as far as its test reads it.
type workflow struct {
	On struct {
		Schedule []struct{ Cron string }
	}
	Jobs map[string]struct {
		RunsOn string `yaml:"runs-on"`
		Steps  []struct {
			Name, Uses, Run, If string
			With                map[string]string
		}
	}
}

func TestGitHubActions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(schedule(t), "github_actions.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var w workflow
	if err := yaml.Unmarshal(text, &w); err != nil {
		t.Fatal(err)
	}
	if len(w.On.Schedule) != 1 || !cronTime.MatchString(w.On.Schedule[0].Cron) {
		t.Errorf("the schedule is %+v", w.On.Schedule)
	}
	steps := w.Jobs["experiments"].Steps
	at := func(part string) int {
		for i, s := range steps {
			if strings.Contains(s.Run+s.Uses, part) {
				return i
			}
		}
		t.Fatalf("no step has %s", part)
		return -1
	}
	order := []int{at("go install"), at("dbt build"), at("assay run"), at("assay report"), at("upload-artifact")}
	if !slices.IsSorted(order) {
		t.Errorf("the steps come in the order %v", order)
	}
	if upload := steps[at("upload-artifact")]; upload.With["path"] != "target/report" || upload.If == "" {
		t.Errorf("the artefact is %+v", upload)
	}
	for _, s := range steps {
		if (s.Run == "") == (s.Uses == "") {
			t.Errorf("a step runs or uses something: %+v", s)
		}
	}
}

func TestAirflowCompiles(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on the PATH")
	}
	dag := filepath.Join(schedule(t), "airflow_dag.py")
	if out, err := exec.Command(python, "-m", "py_compile", dag).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
