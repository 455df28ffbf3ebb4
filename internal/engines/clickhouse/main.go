// Command clickhouse serves ClickHouse's HTTP interface on this machine, for tests: the engine itself is a library, which
// CHDB_LIB_PATH names. It prints its address, and ends with its standard input.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	"github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2"
	native "github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/chdb-io/chdb-go/chdb"
)

func main() {
	dir, err := os.MkdirTemp("", "clickhouse")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	session, err := chdb.NewSession(dir)
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, &server{session: session})
	fmt.Printf("http://%s\n", listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// A server answers one query at a time: all that connect share one session of the library.
type server struct {
	mu      sync.Mutex
	session *chdb.Session
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.answer(r)
	if err != nil {
		w.Header().Set("X-ClickHouse-Exception-Code", "1")
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Write(answer)
}

func (s *server) answer(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	query, format := string(body), "TabSeparated"
	for name, values := range r.URL.Query() {
		value := values[0]
		switch name {
		case "query":
			query = value + query
		case "default_format":
			format = value
		case "database":
			_, err = s.run("USE "+quote(value, "`"), format)
		case "client_protocol_version", "send_progress_in_http_headers", "wait_end_of_query", "query_id", "session_id":
		default:
			_, err = s.run("SET "+name+" = "+quote(value, "'"), format)
		}
		if err != nil {
			return nil, err
		}
	}
	answer, err := s.run(query, format)
	if err != nil || format != "Native" {
		return answer, err
	}
	return forClients(answer)
}

func quote(text, mark string) string {
	return mark + strings.NewReplacer(`\`, `\\`, mark, `\`+mark).Replace(text) + mark
}

// run is the answer to one statement.
func (s *server) run(query, format string) ([]byte, error) {
	result, err := s.session.Query(query, format)
	if err != nil || result == nil {
		return nil, err
	}
	defer result.Free()
	if err := result.Error(); err != nil {
		return nil, err
	}
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
