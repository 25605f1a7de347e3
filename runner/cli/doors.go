package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// called is a robot that others call: serve keeps its address open.
type called interface {
	// Endpoint is where it is called, and what answers; an empty address is nowhere.
	// With a nil config it is plain HTTP.
	Endpoint() (address string, config *tls.Config, answer http.Handler, err error)
}

// How long a caller may take over a request, and a request under way may take when
// the address is closed.
const (
	requestTime = 2 * time.Minute
	closingTime = 10 * time.Second
)

// openDoors opens the addresses at which robots are called. shut closes them, and
// lets requests under way come to their end. After an error none is open, and shut
// does nothing.
func (s *server) openDoors(robots map[string]*opened) (shut func(), err error) {
	var open []*http.Server
	shut = func() {
		ctx, cancel := context.WithTimeout(context.Background(), closingTime)
		defer cancel()
		for _, server := range open {
			if err := server.Shutdown(ctx); err != nil {
				s.complain(fmt.Errorf("close %s: %w", server.Addr, errors.Join(err, server.Close())))
			}
		}
	}
	for name, o := range robots {
		robot, ok := o.robot.(called)
		if !ok {
			continue
		}
		server, err := s.openDoor(name, robot)
		if err != nil {
			shut()
			return func() {}, fmt.Errorf("let robot %s be called: %w", name, err)
		}
		if server != nil {
			open = append(open, server)
		}
	}
	return shut, nil
}

func (s *server) openDoor(name string, robot called) (*http.Server, error) {
	address, config, answer, err := robot.Endpoint()
	if err != nil || address == "" {
		return nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s.say(fmt.Sprintf("%s is called at %s", name, listener.Addr()))
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	// What strangers do to the door is no news: a refused hand-shake is no line.
	server := &http.Server{Addr: listener.Addr().String(), Handler: answer, ReadTimeout: requestTime, WriteTimeout: requestTime,
		ReadHeaderTimeout: requestTime / 4, ErrorLog: log.New(io.Discard, "", 0)}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.complain(fmt.Errorf("robot %s can no longer be called: %w", name, err))
		}
	}()
	return server, nil
}
