package pgtest

import (
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Listen serves connections on a port of this machine until the test ends, one after another.
func Listen(t testing.TB, serve func(net.Conn)) (host, port string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serve(conn)
		}
	}()
	host, port, _ = net.SplitHostPort(listener.Addr().String())
	return host, port
}

// RefusePassword asks for the password in clear and refuses it, showing it.
func RefusePassword(conn net.Conn) {
	defer conn.Close()
	backend := pgproto3.NewBackend(conn, conn)
	start, err := backend.ReceiveStartupMessage()
	if _, wantsTLS := start.(*pgproto3.SSLRequest); wantsTLS && err == nil {
		conn.Write([]byte("N"))
		_, err = backend.ReceiveStartupMessage()
	}
	if err != nil {
		return
	}
	backend.Send(&pgproto3.AuthenticationCleartextPassword{})
	backend.SetAuthType(pgproto3.AuthTypeCleartextPassword)
	if backend.Flush() != nil {
		return
	}
	if answer, err := backend.Receive(); err == nil {
		given := answer.(*pgproto3.PasswordMessage).Password
		backend.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: "28P01", Message: "password " + given + " is wrong"})
		backend.Flush()
	}
}
