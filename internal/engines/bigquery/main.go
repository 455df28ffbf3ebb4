// Command bigquery serves an emulator of BigQuery's REST interface on this machine, for tests: GoogleSQL's own analyser over SQLite. It
// prints its address, and ends with its standard input. It is a module of its own: what it is built of no other engine wants.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/goccy/bigquery-emulator/server"
	"github.com/goccy/bigquery-emulator/types"
)

// project is the one that there is.
const project = "test"

func main() {
	emulator, err := server.New(server.TempStorage)
	if err != nil {
		log.Fatal(err)
	}
	if err := emulator.Load(server.StructSource(types.NewProject(project))); err != nil {
		log.Fatal(err)
	}
	if err := emulator.SetProject(project); err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	// What jobs say of themselves has the address of a server that the emulator starts.
	front, err := newFront(emulator.TestServer().URL)
	if err != nil {
		log.Fatal(err)
	}
	go http.Serve(listener, front)
	fmt.Printf("http://%s\n", listener.Addr())
	io.Copy(io.Discard, os.Stdin)
}
