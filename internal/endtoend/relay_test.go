package endtoend

import (
	"io"
	"net"
	"regexp"
	"sync"
	"testing"
)

// A relay passes what clients and a server say to one another, until a client says the words that something happens at.
type relay struct {
	listener        net.Listener
	network, server string
	mu              sync.Mutex
	words           *regexp.Regexp // nil: none
	happens         func() (breaks bool)
	times           int
}

func newRelay(t *testing.T, network, server string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	r := &relay{listener: listener, network: network, server: server}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(client)
		}
	}()
	return r
}

// breakAt has connections break whose clients say these words.
func (r *relay) breakAt(words *regexp.Regexp) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.words, r.times, r.happens = words, 0, func() bool { return true }
}

// doAt does something when these words are first said, before the server hears them.
func (r *relay) doAt(words *regexp.Regexp, do func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.words, r.times, r.happens = words, 0, func() bool {
		r.words = nil
		do()
		return false
	}
}

// happened is how often they have been said since.
func (r *relay) happened() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.times
}

func (r *relay) serve(client net.Conn) {
	defer client.Close()
	server, err := net.Dial(r.network, r.server)
	if err != nil {
		return
	}
	defer server.Close()
	go func() {
		io.Copy(client, server)
		client.Close()
	}()
	r.pass(server, client)
}

// overlap is how much of what was said before is heard again with what comes next: words may come in pieces.
const overlap = 200

// pass hands on what the client says, the words too: the server has the statement then, and the client, gone by now, no answer.
func (r *relay) pass(server io.Writer, client io.ReadCloser) {
	var heard []byte
	piece := make([]byte, 64<<10)
	for broken := false; !broken; {
		n, err := client.Read(piece)
		if err != nil {
			return
		}
		heard = append(heard[max(0, len(heard)-overlap):], piece[:n]...)
		if broken = r.breaksAt(heard); broken {
			client.Close()
		}
		if _, err := server.Write(piece[:n]); err != nil {
			return
		}
	}
}

func (r *relay) breaksAt(heard []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.words == nil || !r.words.Match(heard) {
		return false
	}
	r.times++
	return r.happens()
}
