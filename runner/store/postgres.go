package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sys/unix"
)

// Postgres says where a PostgreSQL database is. Nothing is taken from the environment
// or from files in somebody's home.
type Postgres struct {
	Host     string // a host's name, or the folder of a socket on this machine
	Port     int
	Database string
	User     string
	Password string
	TLS      *tls.Config // nil is unencrypted, which only a socket may be
	// Connections is how many are open at most; 16 if 0.
	Connections int
}

// Where a connection is lost, or another program stands still in the middle of a
// transaction, nobody waits longer than this for it.
const (
	lockPatience = 15 * time.Second
	// idlePatience is shorter than any lease: what a frozen program holds in the database
	// is free before its work is taken over.
	idlePatience = 5 * time.Second
	netPatience  = 10 * time.Second
)

// openPostgres opens a pool of connections. None is made before it is needed.
func openPostgres(o Postgres) (*sql.DB, error) {
	c, err := pgx.ParseConfig("host=localhost user=byskriver sslmode=disable passfile=/dev/null servicefile=/dev/null")
	if err != nil {
		return nil, fmt.Errorf("prepare the connection to PostgreSQL: %w", err)
	}
	c.Host, c.Port, c.Database, c.User, c.Password = o.Host, uint16(o.Port), o.Database, o.User, o.Password
	c.TLSConfig, c.Fallbacks = o.TLS, nil
	c.ConnectTimeout = netPatience
	c.DialFunc = dial
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	c.RuntimeParams = map[string]string{"application_name": "byskriver", "timezone": "UTC",
		"default_transaction_isolation": "read committed", "synchronous_commit": "on",
		"lock_timeout": ms(lockPatience), "idle_in_transaction_session_timeout": ms(idlePatience),
		"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3", "tcp_user_timeout": ms(netPatience)}
	db := stdlib.OpenDB(*c)
	most := o.Connections
	if most == 0 {
		most = 16
	}
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// dial gives up a connection whose other end does not answer any more: the kernel
// alone would try for a quarter of an hour.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	t, ok := conn.(*net.TCPConn)
	if !ok {
		return conn, nil
	}
	raw, err := t.SyscallConn()
	if err == nil {
		var set error
		err = raw.Control(func(fd uintptr) {
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(netPatience.Milliseconds()))
		})
		err = errors.Join(err, set)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the connection to PostgreSQL: %w", err), conn.Close())
	}
	return conn, nil
}

// where is the database as people know it, without its password.
func (p Postgres) where() string {
	return fmt.Sprintf("PostgreSQL database %s on %s", p.Database, net.JoinHostPort(p.Host, strconv.Itoa(p.Port)))
}
