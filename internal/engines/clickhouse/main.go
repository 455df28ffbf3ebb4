// Command clickhouse serves ClickHouse's HTTP interface on this machine, for tests: the engine itself is a library, which
// CHDB_LIB_PATH names. It prints its address, and ends with its standard input.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	native "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	chdb "github.com/chdb-io/chdb-go/chdb-purego"
)

func main() {
	dir, err := os.MkdirTemp("", "clickhouse")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, &server{dir: dir, sessions: map[string]*session{}})
	fmt.Printf("http://%s\n", listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// A server has a connection of the library for each session that clients name, and one for those who name none.
type server struct {
	dir      string
	mu       sync.Mutex
	sessions map[string]*session
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.answer(r)
	if err != nil {
		w.Header().Set("X-ClickHouse-Exception-Code", code(err))
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(answer)
}

var codeInText = regexp.MustCompile(`^Code: (\d+)\.`)

// code is the exception's, as its text has it.
func code(err error) string {
	if found := codeInText.FindStringSubmatch(err.Error()); found != nil {
		return found[1]
	}
	return "1"
}

// errAuthentication is what a server answers to all but its one user, in its words.
var errAuthentication = errors.New("Code: 516. DB::Exception: Authentication failed: password is incorrect, or there is no user with " +
	"such name. (AUTHENTICATION_FAILED)")

func (s *server) answer(r *http.Request) ([]byte, error) {
	if user, password, _ := r.BasicAuth(); cmp.Or(user, "default") != "default" || password != "" {
		return nil, errAuthentication
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	parameters := r.URL.Query()
	query, format := parameters.Get("query")+string(body), cmp.Or(parameters.Get("default_format"), "TabSeparated")
	before := preparation(parameters)
	session, err := s.session(parameters.Get("session_id"))
	if err != nil {
		return nil, err
	}
	session.mu.Lock()
	defer session.mu.Unlock()
	for _, statement := range before {
		if _, err := session.run(statement, format); err != nil {
			return nil, err
		}
	}
	answer, err := session.run(identified(query, parameters.Get("query_id")), format)
	if err != nil || format != "Native" {
		return answer, err
	}
	return forClients(answer)
}

// preparation is what other parameters of a request ask for: a database and settings, those together, since one may be readonly.
func preparation(parameters url.Values) []string {
	var statements, settings []string
	for name := range parameters {
		switch value := parameters.Get(name); name {
		case "query", "default_format", "client_protocol_version", "send_progress_in_http_headers", "wait_end_of_query", "query_id",
			"session_id", "session_timeout":
		case "database":
			statements = append(statements, "USE "+quote(value, "`"))
		default:
			settings = append(settings, name+" = "+quote(value, "'"))
		}
	}
	if len(settings) > 0 {
		statements = append(statements, "SET "+strings.Join(settings, ", "))
	}
	return statements
}

func quote(text, mark string) string {
	return mark + strings.NewReplacer(`\`, `\\`, mark, `\`+mark).Replace(text) + mark
}

var byID = regexp.MustCompile(`query_id = '([^']*)'$`)

// identified has a statement begin with the id that its client gave it, by which KILL QUERY finds it: the library gives it another.
func identified(query, id string) string {
	if strings.HasPrefix(query, "KILL QUERY") {
		return byID.ReplaceAllString(query, "startsWith(query, '/* $1 */')")
	}
	if id == "" {
		return query
	}
	return "/* " + id + " */ " + query
}

// A session does one thing at a time.
type session struct {
	mu   sync.Mutex
	conn chdb.ChdbConn
}

func (s *server) session(id string) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.sessions[id]; ok {
		return known, nil
	}
	conn, err := chdb.NewConnection(1, []string{"--path=" + s.dir})
	if err != nil {
		return nil, err
	}
	s.sessions[id] = &session{conn: conn}
	return s.sessions[id], nil
}

// run is the answer to one statement. What a statement that failed has answered by then would come before the next one's answer.
func (s *session) run(query, format string) ([]byte, error) {
	result, err := s.conn.Query(query, format)
	if err != nil {
		s.conn.Query("SELECT 1", format)
		return nil, err
	}
	defer result.Free()
	return bytes.Clone(result.Buf()), nil
}

// forClients writes blocks anew in the revision of the protocol that the driver asks for: the library writes an older one.
func forClients(blocks []byte) ([]byte, error) {
	in, out := proto.NewReader(bytes.NewReader(blocks)), &proto.Buffer{}
	for len(blocks) > 0 {
		block := native.NewBlock()
		if err := block.Decode(in, 0); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if err := block.Encode(out, clickhouse.ClientTCPProtocolVersion); err != nil {
			return nil, err
		}
	}
	return out.Buf, nil
}
