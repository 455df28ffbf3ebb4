// Command spark stands before the Thrift server of Apache Spark as a Databricks warehouse would, for tests: the driver of the one
// speaks a later dialect of the protocol than the other. It prints its address, and ends with its standard input.
//
//	spark http://127.0.0.1:10001/cliservice
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/apache/thrift/lib/go/thrift"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, front{spark: os.Args[1]})
	fmt.Printf("http://%s\n", listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}

// token is the one that logs in.
const token = "test"

// A front passes calls on to Spark at that address.
type front struct{ spark string }

func (f front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+token {
		w.Header().Set("X-Databricks-Reason-Phrase", "Invalid access token.")
		w.WriteHeader(http.StatusForbidden)
		return
	}
	call, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, err := f.answer(call)
	if err != nil {
		w.Header().Set("X-Thriftserver-Error-Message", err.Error())
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/x-thrift")
	w.Write(answer)
}

// answer is Spark's to a call, with what differs put right. Pages of rows, which nothing is to be changed in, are not read.
func (f front) answer(text []byte) ([]byte, error) {
	call, err := decode(text)
	if err != nil {
		return nil, err
	}
	switch call.name {
	case "OpenSession":
		return f.pass(withProtocol(call))
	case "ExecuteStatement":
		return encoded(f.execute(call))
	case "GetOperationStatus":
		return encoded(f.status(call))
	}
	return f.send(text)
}

// Fields of the protocol, which is Hive's; those of Databricks alone begin at 0x501.
const (
	clientProtocol  = 1     // of a call to open a session
	operationHandle = 2     // of the answer to a statement
	directResults   = 0x501 // the same: what has come of it already, a status first of all
	operationState  = 2     // of a status
	errorMessage    = 5     // the same
	displayMessage  = 0x501 // the same
)

// protocolV8 is the last of Hive's: by an unknown one Spark takes the client for one of the first, which reads rows, not columns.
const protocolV8 = int32(7)

func withProtocol(call message) message {
	request := call.body.in(1).with(field{clientProtocol, thrift.I32, protocolV8})
	call.body = call.body.with(field{1, thrift.STRUCT, request})
	return call
}

// patience is how long a statement may take to be answered at once, as a warehouse answers short ones; beat is how often it is
// looked at.
const patience, beat = 5 * time.Second, 10 * time.Millisecond

// execute starts a statement and waits a while for its end.
func (f front) execute(call message) (message, error) {
	answer, err := f.call(call)
	if err != nil || answer.body.in(0).at(operationHandle) == nil {
		return answer, err
	}
	handle := field{1, thrift.STRUCT, answer.body.in(0).at(operationHandle)}
	asking := message{name: "GetOperationStatus", kind: thrift.CALL, body: structure{{1, thrift.STRUCT, structure{handle}}}}
	var status message
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(beat) {
		if status, err = f.status(asking); err != nil {
			return message{}, err
		}
		if !unfinished[status.body.in(0).at(operationState)] {
			break
		}
	}
	results := structure{{1, thrift.STRUCT, status.body.in(0)}}
	answer.body = structure{{0, thrift.STRUCT, answer.body.in(0).with(field{directResults, thrift.STRUCT, results})}}
	return answer, nil
}

// unfinished are the states of an operation that has not ended: initialised, running, pending.
var unfinished = map[any]bool{int32(0): true, int32(1): true, int32(7): true}

// status is an operation's, with the text of its error where the driver reads it.
func (f front) status(call message) (message, error) {
	answer, err := f.call(call)
	if err != nil {
		return message{}, err
	}
	if text, failed := answer.body.in(0).at(errorMessage).([]byte); failed {
		status := answer.body.in(0).with(field{displayMessage, thrift.STRING, forPeople(text)})
		answer.body = structure{{0, thrift.STRUCT, status}}
	}
	return answer, nil
}

var (
	raised = regexp.MustCompile(`^[\w.]+Exception: (Error running query: \[[\w.]+\] [\w.]+: )?`)
	trace  = regexp.MustCompile(`(?s)\n\tat .*`)
)

// forPeople is an error without what is for Spark's developers.
func forPeople(text []byte) []byte {
	return trace.ReplaceAll(raised.ReplaceAll(text, nil), nil)
}

func encoded(m message, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	return m.encode()
}

func (f front) call(call message) (message, error) {
	answer, err := f.pass(call)
	if err != nil {
		return message{}, err
	}
	return decode(answer)
}

func (f front) pass(call message) ([]byte, error) {
	text, err := call.encode()
	if err != nil {
		return nil, err
	}
	return f.send(text)
}

func (f front) send(call []byte) ([]byte, error) {
	request, err := http.NewRequest(http.MethodPost, f.spark, bytes.NewReader(call))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-thrift")
	request.SetBasicAuth("test", "test")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	return answer, err
}
