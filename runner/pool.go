package runner

import (
	"context"
	"database/sql"
	"errors"
)

// A Pool is a Warehouse whose sessions are connections of one database/sql pool.
type Pool struct {
	DB     *sql.DB
	Engine *Engine
	// Results is the schema where result tables go.
	Results string
	Staged  Staging
	// Ready, unless nil, makes a new connection a session.
	Ready func(ctx context.Context, conn *sql.Conn) error
}

// Schema implements Warehouse.
func (p *Pool) Schema() string { return p.Results }

// Staging implements Warehouse.
func (p *Pool) Staging() Staging { return p.Staged }

// Close implements Warehouse.
func (p *Pool) Close() error { return p.DB.Close() }

// Connect implements Warehouse.
func (p *Pool) Connect(ctx context.Context) (Session, error) {
	conn, err := p.Engine.Connect(ctx, p.take)
	switch {
	case err != nil:
		return nil, err
	case p.Engine.Transactional:
		return TxConn{conn}, nil
	}
	return conn, nil
}

func (p *Pool) take(ctx context.Context) (*sql.Conn, error) {
	conn, err := p.DB.Conn(ctx)
	if err != nil || p.Ready == nil {
		return conn, err
	}
	if err := p.Ready(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}
