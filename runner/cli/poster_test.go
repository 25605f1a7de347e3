package cli_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"byskriver/fixtures/postgres"
	"byskriver/runner"
	"byskriver/runner/config"
)

// The environment says that this process is byskriver with the poster alone, and where
// the system is that it posts to.
const inSystem = "BYSKRIVER_TEST_SYSTEM"

var database postgres.Server

// stopping ends the database server when the tests have run.
type stopping struct{ *testing.M }

// Run runs the tests.
func (s stopping) Run() int {
	code := s.M.Run()
	if err := database.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// poster posts each key once.
type poster struct{ url string }

func (poster) Name() string { return "poster" }

func (poster) Collect(_ context.Context, found runner.Finder) error {
	for i := range postings {
		if _, err := found(runner.Found{Key: fmt.Sprint("k", i), Content: []byte("x"), Area: "Test"}); err != nil {
			return err
		}
	}
	return nil
}

func (p poster) Work(ctx context.Context, c runner.Case) error {
	key := c.Item().Key
	_, err := c.Once(ctx, runner.Step{Name: "post", System: "erp"}, func(ctx context.Context) (runner.Sight, error) {
		there, err := p.ask(ctx, "find", key)
		switch {
		case err != nil:
			return runner.Sight{}, err
		case there == "0":
			return runner.Sight{Certainty: runner.Absent}, nil
		}
		return runner.Sight{Certainty: runner.Present, Receipt: key}, nil
	}, func(ctx context.Context) error {
		_, err := p.ask(ctx, "post", key)
		return err
	})
	return err
}

func (p poster) ask(ctx context.Context, what, key string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url+"/"+what+"/"+key, strings.NewReader(""))
	if err != nil {
		return "", err
	}
	req.Header.Set("Machine", os.Getenv("BYSKRIVER_MACHINE"))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(resp.Body)
	return string(b), errors.Join(err, resp.Body.Close())
}

// posterFleet is that one robot.
type posterFleet struct{ url string }

func (posterFleet) Names() []runner.About { return []runner.About{{Name: "poster"}, {Name: "other"}} }
func (f posterFleet) Open(*config.Config, string, runner.Clock, runner.Shelf, func(string, string, string, int, string)) (runner.Robot, func() error, error) {
	return poster(f), func() error { return nil }, nil
}
func (posterFleet) Check(*config.Config) error { return nil }
func (posterFleet) Look(context.Context, *config.Config, string, func(string)) ([]string, error) {
	return nil, errors.New("there are no screens")
}
func (posterFleet) Expiries(*config.Config) []config.Expiry { return nil }
func (posterFleet) Mail(*config.Config) (func(context.Context, string, string, string, string, time.Time) error, error) {
	return nil, errors.New("there is no mail server")
}
func (posterFleet) Record(context.Context, *config.Config, string, func(string) error) error {
	return errors.New("there is no browser")
}
