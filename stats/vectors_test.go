package stats

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The vectors are reference cases computed by independent software, a file per method. An adapter maps the fields of a case to a
// call and the answer back to fields; it computes nothing. What it gives back is compared here, by the tolerances of the file.

// fields are named values of a case: numbers, integers, booleans, strings, nil for undefined, and slices and fields of these.
type fields map[string]any

// An adapter answers a case.
type adapter struct {
	run func(input json.RawMessage) (fields, error)
	// informational are expected fields that describe something other than the answer, such as a defect to stay clear of.
	informational []string
}

// methods are the adapters by the name of their method.
var methods = map[string]adapter{}

// register adds an adapter that takes the case's input decoded into In.
func register[In any](method string, run func(In) (fields, error), informational ...string) bool {
	decode := func(input json.RawMessage) (fields, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, err
		}
		return run(in)
	}
	methods[method] = adapter{decode, informational}
	return true
}

// published is the name of an adapter for a printed result whose input has another form than the method's own cases. A printed
// result without an adapter of its own goes to the method's.
func published(method string) string { return "published " + method }

// number is a float64 that may be spelt as a string: "Infinity", or an exact decimal.
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	x, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	*n = number(x)
	return err
}

// defined is what a case shows of a test: nil where there is none.
func (t Test) defined(x float64) any {
	if !t.Defined {
		return nil
	}
	return x
}

type tolerance struct{ Rel, Abs float64 }

type vectorFile struct {
	Method    string
	Tolerance json.RawMessage // prose in published_anchors, which gives one to each case
	Cases     []vectorCase
}

type vectorCase struct {
	ID        string
	Method    string
	Published bool // the case names its method itself, because it quotes a printed result
	Input     json.RawMessage
	Expected  map[string]any
	Tolerance *tolerance
	TolAbs    float64  `json:"tol_abs"`
	PRelTol   *float64 `json:"p_rel_tol"`

	informational []string // of its adapter
}

func TestVectors(t *testing.T) {
	folder := os.Getenv("ASSAY_VECTORS")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "vectors")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no vectors in %s", folder)
	}
	total, matched := 0, 0
	for _, file := range files {
		for _, c := range readVectors(t, file) {
			total++
			if problems := c.run(); len(problems) > 0 {
				t.Errorf("%s %s: %s", c.Method, c.ID, strings.Join(problems, "; "))
				continue
			}
			matched++
		}
	}
	fmt.Printf("vectors: %d of %d cases match\n", matched, total)
}

// readVectors reads the cases of one file, each with the method and the tolerance it is held to.
func readVectors(t *testing.T, path string) []vectorCase {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var file vectorFile
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var common tolerance
	_ = json.Unmarshal(file.Tolerance, &common) // the anchors' is prose, and theirs is in each case
	for i := range file.Cases {
		c := &file.Cases[i]
		c.Published = c.Method != ""
		if !c.Published {
			c.Method = file.Method
		}
		if c.Tolerance == nil {
			c.Tolerance = &tolerance{Rel: common.Rel, Abs: max(common.Abs, c.TolAbs)}
		}
	}
	return file.Cases
}

// run is what differs between a case and the answer to it.
func (c vectorCase) run() (problems []string) {
	method, known := methods[published(c.Method)]
	if !known || !c.Published {
		method, known = methods[c.Method]
	}
	if !known {
		return []string{"no adapter for this method"}
	}
	defer func() {
		if r := recover(); r != nil {
			problems = []string{fmt.Sprint("panic: ", r)}
		}
	}()
	got, err := method.run(c.Input)
	if problem := c.compareError(err); problem != "" {
		return []string{problem}
	}
	c.informational = method.informational
	return c.compareFields(got)
}

func (c vectorCase) compareError(err error) string {
	var typed *Error
	switch want := c.Expected["error"]; {
	case want == nil && err != nil:
		return err.Error()
	case want != nil && !errors.As(err, &typed):
		return fmt.Sprintf("want error %v, got %v", want, err)
	}
	return ""
}

func (c vectorCase) compareFields(got fields) []string {
	var problems []string
	for name, want := range c.Expected {
		if !c.holds(name, want) {
			continue
		}
		if problem := c.compare(name, got[name], want); problem != "" {
			problems = append(problems, problem)
		}
	}
	slices.Sort(problems)
	return problems
}

// holds is whether an answer is held to a field: not the error, which is compared by itself, nor what is only told; and beside an
// error, of what is undefined only that nothing certain is said of it.
func (c vectorCase) holds(name string, want any) bool {
	if name == "error" || slices.Contains(c.informational, name) {
		return false
	}
	return want != nil || c.Expected["error"] == nil || claimsCertainty(name)
}

// claimsCertainty is whether a field says how sure one is, which must not be said beside an error.
func claimsCertainty(name string) bool {
	return strings.HasPrefix(name, "p_") || strings.HasSuffix(name, "p_value") || strings.Contains(name, "ci_")
}

// compare holds one value to the one expected, by its shape.
func (c vectorCase) compare(name string, got, want any) string {
	switch want := want.(type) {
	case map[string]any:
		return c.compareObject(name, got, want)
	case []any:
		return c.compareList(name, got, want)
	case float64:
		return c.compareNumber(name, got, want)
	case string:
		if x, err := strconv.ParseFloat(want, 64); err == nil {
			return c.compareNumber(name, got, x)
		}
	case nil:
		if x, ok := got.(float64); got == nil || ok && math.IsInf(x, 0) {
			return ""
		}
	}
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s = %v, want %v", name, got, want)
}

func (c vectorCase) compareObject(name string, got any, want map[string]any) string {
	object, ok := got.(fields)
	if !ok {
		return fmt.Sprintf("%s = %v, want an object", name, got)
	}
	inner := c
	inner.Expected = want
	return strings.Join(inner.compareFields(object), "; ")
}

func (c vectorCase) compareList(name string, got any, want []any) string {
	list := reflect.ValueOf(got)
	if list.Kind() != reflect.Slice && list.Kind() != reflect.Array || list.Len() != len(want) {
		return fmt.Sprintf("%s = %v, want %v", name, got, want)
	}
	for i := range want {
		if problem := c.compare(name, list.Index(i).Interface(), want[i]); problem != "" {
			return fmt.Sprintf("[%d] %s", i, problem)
		}
	}
	return ""
}

func (c vectorCase) compareNumber(name string, got any, want float64) string {
	switch got := got.(type) {
	case int:
		if float64(got) == want {
			return ""
		}
	case int64:
		if float64(got) == want {
			return ""
		}
	case float64:
		if got == want || math.Abs(got-want) <= c.allowed(name, want) || c.beyondCounting(got, want) {
			return ""
		}
	}
	return fmt.Sprintf("%s = %v, want %v", name, got, want)
}

// beyondCounting: two group-sequential bounds that no data cross are the same bound.
func (c vectorCase) beyondCounting(got, want float64) bool {
	return c.Method == "group_sequential" && got >= 8 && want >= 8
}

// allowed is how far a value may be from want. The ends of a confidence interval share the larger one's scale: one of them may
// be near 0 by chance.
func (c vectorCase) allowed(name string, want float64) float64 {
	rel, scale := c.Tolerance.Rel, math.Abs(want)
	switch {
	case name == "ci_low" || name == "ci_high":
		scale = max(endSize(c.Expected["ci_low"]), endSize(c.Expected["ci_high"]))
	case name == "p_value" && c.PRelTol != nil:
		rel = *c.PRelTol
	}
	return max(c.Tolerance.Abs, rel*scale)
}

// endSize is |x| of an interval's end; an infinite or missing end has no scale.
func endSize(end any) float64 {
	x, _ := end.(float64)
	return math.Abs(x)
}
