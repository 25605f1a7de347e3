package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"testing"

	"modernc.org/sqlite"
)

// tired is a way to a real database whose first connections are good for everything but
// to begin with, as a driver's are that tidies up too late.
type tired struct{ first int }

func (d *tired) Driver() driver.Driver { return &sqlite.Driver{} }

func (d *tired) Connect(context.Context) (driver.Conn, error) {
	conn, err := d.Driver().Open(":memory:")
	if d.first--; d.first < 0 || err != nil {
		return conn, err
	}
	return &tiredConn{conn}, nil
}

type tiredConn struct{ driver.Conn }

var errTired = errors.New("failed to tidy up: i/o timeout")

func (*tiredConn) BeginTx(context.Context, driver.TxOptions) (driver.Tx, error) { return nil, errTired }

// Connections that are good no more cost no write, however many of them the pool has; a
// database that lets nobody begin is told of after each was tried once.
func TestWriteBeginsOnAnotherConnection(t *testing.T) {
	const most = 3
	for _, c := range []struct {
		tired int
		want  error
	}{{0, nil}, {1, nil}, {most, nil}, {1 << 20, errTired}} {
		d := &tired{first: c.tired}
		db := sql.OpenDB(d)
		db.SetMaxOpenConns(most)
		s, ran := &Store{write: db}, false
		err := s.writeBeside(t.Context(), func(tx *Tx) error { ran = true; return tx.exec(`CREATE TABLE t (a)`) })
		if !errors.Is(err, c.want) || ran != (c.want == nil) {
			t.Errorf("%d tired: %v, ran %v", c.tired, err, ran)
		}
		if tried := c.tired - d.first; c.want != nil && tried != most+1 {
			t.Errorf("%d tries", tried)
		}
		if open := db.Stats().OpenConnections; open > 1 {
			t.Errorf("%d tired: %d connections are open, the bad ones too", c.tired, open)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}
