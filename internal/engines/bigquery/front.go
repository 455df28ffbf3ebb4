package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"
)

// A front stands before the emulator and does what that lacks: sessions (there is one for all, without tables of its own), schemas by
// statements, and the columns of a query that does not run.
type front struct {
	emulator string // its URL
	proxy    *httputil.ReverseProxy
}

func newFront(emulator string) (*front, error) {
	to, err := url.Parse(emulator)
	if err != nil {
		return nil, err
	}
	f := &front{emulator: emulator + "/projects/" + project}
	f.proxy = &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Header.Del("Accept-Encoding")
		},
		ModifyResponse: f.complete,
	}
	return f, nil
}

var (
	creates = regexp.MustCompile("CREATE SCHEMA IF NOT EXISTS `?(\\w+)`?")
	drops   = regexp.MustCompile("DROP SCHEMA IF EXISTS `?(\\w+)`? CASCADE")
)

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err == nil && !strings.HasPrefix(r.URL.Path, "/upload/") {
		body, err = f.withoutSchemas(body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	f.proxy.ServeHTTP(w, r)
}

// withoutSchemas makes the schema that a statement asks for, and asks nothing in its place. None is dropped: that takes minutes, and all
// of them end with the emulator.
func (f *front) withoutSchemas(body []byte) ([]byte, error) {
	if schema := creates.FindSubmatch(body); schema != nil {
		reference := fmt.Sprintf(`{"datasetReference": {"projectId": %q, "datasetId": %q}}`, project, schema[1])
		_, err := f.ask(http.MethodPost, "/datasets", reference) // one that is there already is refused
		return creates.ReplaceAll(body, []byte("SELECT 1")), err
	}
	return drops.ReplaceAll(body, []byte("SELECT 1")), nil
}

// ask asks the emulator itself.
func (f *front) ask(method, path, body string) (answer map[string]any, err error) {
	request, err := http.NewRequest(method, f.emulator+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	return answer, json.Unmarshal(text, &answer)
}

// complete adds to what is said of a job its session, and the columns of its query.
func (f *front) complete(answer *http.Response) error {
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var job map[string]any
	if json.Unmarshal(body, &job) == nil && job["statistics"] != nil {
		if err := f.tell(job); err != nil {
			return err
		}
		if body, err = json.Marshal(job); err != nil {
			return err
		}
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	answer.ContentLength = int64(len(body))
	answer.Header.Del("Content-Length")
	return nil
}

// tell completes a job. One that does not run is asked as a query, whose answer has its columns.
func (f *front) tell(job map[string]any) error {
	statistics := job["statistics"].(map[string]any)
	statistics["sessionInfo"] = map[string]string{"sessionId": "session"}
	configuration, _ := job["configuration"].(map[string]any)
	if dry, _ := configuration["dryRun"].(bool); !dry {
		return nil
	}
	query := configuration["query"].(map[string]any)
	asked, err := json.Marshal(map[string]any{"query": query["query"], "useLegacySql": false})
	if err != nil {
		return err
	}
	answer, err := f.ask(http.MethodPost, "/queries", string(asked))
	statistics["query"].(map[string]any)["schema"] = answer["schema"]
	return err
}
