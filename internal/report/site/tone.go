package site

import (
	"strings"

	"assay/compiler/plan"
	"assay/runner/judge"
)

// A tone colours what is said by what it means; words say the same.
type tone string

const (
	good    tone = "good"
	bad     tone = "bad"
	caution tone = "caution"
	open    tone = "open"
	calm    tone = "calm"
)

var verdictTones = map[judge.Verdict]tone{
	judge.Better: good, judge.NonInferior: good, judge.Worse: bad, judge.Inferior: bad, judge.Changed: caution, judge.Neutral: calm,
}

// tone of a result is that of its verdict. Exploration decides nothing and has none, nor has what is not to be acted on.
func (e *Experiment) tone(r judge.ResultRow) tone {
	if r.Verdict == nil || r.Role == explore || r.Dimension != plan.Overall || !e.Report.Healthy() {
		return open
	}
	if t, ok := verdictTones[*r.Verdict]; ok {
		return t
	}
	return open
}

var healthTones = map[judge.HealthStatus]tone{judge.Pass: good, judge.Warn: caution, judge.Fail: bad}

// A line is a sentence with its tone.
type line struct {
	Tone  tone
	Words string
}

// marks are those that begin a line of the answer.
var marks = map[string]tone{"✓": good, "✗": bad, "!": caution, "?": open, "=": calm, "·": calm}

// lineOf takes the mark that a line of an answer begins with for its tone.
func lineOf(words string) line {
	words = strings.TrimSpace(words)
	mark, rest, _ := strings.Cut(words, " ")
	if t, ok := marks[mark]; ok {
		return line{t, rest}
	}
	return line{calm, words}
}
