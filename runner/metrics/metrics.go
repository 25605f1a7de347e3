// Package metrics tells a monitoring system (Prometheus) how the robots stand. What it
// tells is counted in the store and the run log when it is asked, at a cost that does not
// grow with what has been settled; labels are names of the configuration, states and codes,
// never a number, a text or a person.
package metrics

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"byskriver/runner"
	"byskriver/runner/config"
	"byskriver/runner/runlog"
	"byskriver/runner/store"
)

// Options are what is looked at.
type Options struct {
	Store   *store.Store
	Log     *runlog.Log
	Clock   runner.Clock
	Version string
	// Ill says, by part of the program, what is wrong with it; "" where it is in order.
	Ill func(ctx context.Context) map[string]string
	// Expiries are what runs out.
	Expiries func() []config.Expiry
}

// asked is the longest that one answer may take.
const asked = 10 * time.Second

// Handler answers at /metrics. What is counted up is counted from now on.
func Handler(ctx context.Context, o Options) (http.Handler, error) {
	c := &collector{Options: o, since: since{outcomes: map[[3]string]float64{}, told: map[[2]string]float64{}, stops: map[[3]string]float64{},
		runs: map[[3]string]float64{}, seen: map[int64]bool{}, took: durations()}}
	if err := c.begin(ctx); err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	for _, one := range []prometheus.Collector{c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})} {
		if err := registry.Register(one); err != nil {
			return nil, err
		}
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 2}), nil
}

func durations() *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "byskriver_run_duration_seconds",
		Help: "How long the runs took that have ended.", Buckets: []float64{5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 28800}}, []string{"robot", "mode"})
}

// collector counts when it is asked. One question is answered at a time.
type collector struct {
	Options
	turn  chan struct{}
	since since
}

func (c *collector) begin(ctx context.Context) (err error) {
	c.turn = make(chan struct{}, 1)
	lag, err := c.Log.Lag(ctx, c.Store.Reader())
	if err != nil {
		return err
	}
	c.since.seq = lag.Entries
	if c.since.stop, err = c.Store.LastStopID(ctx); err != nil {
		return err
	}
	c.since.run, err = c.Store.LastRunID(ctx)
	return err
}

// Describe sends nothing: which labels there are depends on what has happened.
func (c *collector) Describe(chan<- *prometheus.Desc) {}

// Collect looks at everything. What cannot be looked at is an error of its own, and takes
// nothing from the rest.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	c.turn <- struct{}{}
	defer func() { <-c.turn }()
	ctx, cancel := context.WithTimeout(context.Background(), asked)
	defer cancel()
	s := sink{out}
	s.gauge("byskriver_build_info", "The program's version.", 1, label{"version", c.Version})
	for name, look := range map[string]func(context.Context, sink) error{"items": c.items, "lists": c.lists, "log": c.log, "runs": c.runs,
		"stops": c.stops, "alarms": c.alarms} {
		ok := 1.0
		if err := look(ctx, s); err != nil {
			ok = 0
		}
		s.gauge("byskriver_collected", "1 where this group of figures could be looked at, 0 where not.", ok, label{"group", name})
	}
	c.expiries(s)
	for part, ill := range c.Ill(ctx) {
		ok := 1.0
		if ill != "" {
			ok = 0
		}
		s.gauge("byskriver_part_in_order", "1 where this part of the program is in order, as /healthz says it.", ok, label{"part", part})
	}
}

// sink sends figures.
type sink struct{ out chan<- prometheus.Metric }

type label struct{ name, value string }

func (s sink) gauge(name, help string, v float64, labels ...label) {
	s.send(prometheus.GaugeValue, name, help, v, labels)
}

func (s sink) counter(name, help string, v float64, labels ...label) {
	s.send(prometheus.CounterValue, name, help, v, labels)
}

func (s sink) send(kind prometheus.ValueType, name, help string, v float64, labels []label) {
	names, values := make([]string, len(labels)), make([]string, len(labels))
	for i, l := range labels {
		names[i], values[i] = l.name, l.value
	}
	desc := prometheus.NewDesc(name, help, names, nil)
	m, err := prometheus.NewConstMetric(desc, kind, v, values...)
	if err != nil {
		m = prometheus.NewInvalidMetric(desc, err)
	}
	s.out <- m
}

// code is a code as a label has it. What does not look like one is no label: labels are
// kept for years by whoever asks.
func code(s string) string {
	if s == "" || codeForm.MatchString(s) && !number.MatchString(s) {
		return s
	}
	return "other"
}

var (
	codeForm = regexp.MustCompile(`^[A-Za-zÆØÅæøå][A-Za-zÆØÅæøå0-9._-]{0,47}$`)
	number   = regexp.MustCompile(`[0-9]{4}`)
)

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
