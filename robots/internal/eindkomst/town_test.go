package eindkomst_test

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"byskriver/fixtures/town"
	register "byskriver/fixtures/town/eindkomst"
	"byskriver/robots/internal/eindkomst"
	"byskriver/runner"
)

// anna is the citizen who is looked up in these tests, and bo another one.
const (
	anna = "8605010001"
	bo   = "7203020002"
)

// place is a town with an income register, and a client that may ask it.
type place struct {
	t        testing.TB
	clock    *town.ManualClock
	town     *town.Town
	service  *register.Service
	issuer   *register.Authority
	identity *eindkomst.Identity
	options  eindkomst.Options
	log      *diary
}

// start is the moment at which a place begins.
func start() time.Time { return time.Date(2024, 3, 12, 8, 0, 0, 0, time.UTC) }

// issuers are made once: keys take time.
var issuers = sync.OnceValue(func() *register.Authority {
	a, err := register.NewAuthority(start())
	if err != nil {
		panic(err)
	}
	return a
})

var certificates = sync.OnceValue(func() [2][]byte {
	c, k, err := issuers().Issue("Lilleby Kommune", start().AddDate(-1, 0, 0), start().AddDate(0, 0, 40))
	if err != nil {
		panic(err)
	}
	return [2][]byte{c, k}
})

func open(t testing.TB, change ...func(*register.Options)) *place {
	t.Helper()
	p := &place{t: t, clock: town.NewManualClock(start()), issuer: issuers(), log: &diary{}}
	o := register.Options{Authority: p.issuer, Agreement: register.Lilleby()}
	for _, c := range change {
		c(&o)
	}
	p.service = register.New(o)
	secure, err := p.issuer.TLS(start().AddDate(-1, 0, 0), start().AddDate(0, 0, 20))
	if err != nil {
		t.Fatal(err)
	}
	secure.Time = p.clock.Now
	p.town, err = town.Start(town.Config{Clock: p.clock, Systems: []town.System{p.service}, TLS: secure})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.town.Close(); err != nil {
			t.Error(err)
		}
	})
	pair := certificates()
	if p.identity, err = eindkomst.ParsePEM(pair[0], pair[1]); err != nil {
		t.Fatal(err)
	}
	agreed := register.Lilleby()
	p.options = eindkomst.Options{Random: rand.Reader, Now: p.clock.Now,
		Access: eindkomst.Access{Subscriber: agreed.Subscriber, Agreement: agreed.Agreement, SE: agreed.SE, Employee: "ROBOT01"},
		Faults: eindkomst.FaultKinds{SignIn: []string{register.RefusedAccess}, TooLarge: []string{register.RefusedSize}}}
	p.options.Road = p.road(p.town.URL())
	return p
}

func (p *place) road(address string) *eindkomst.Direct {
	return eindkomst.NewDirect(eindkomst.DirectOptions{URL: address + register.Path, Identity: p.identity, Now: p.clock.Now})
}

func (p *place) client() *eindkomst.Client { return eindkomst.New(p.options) }

// month asks about the one month.
func month(cpr string, m eindkomst.Month) eindkomst.Request {
	return eindkomst.Request{CPR: cpr, From: m, To: m, Purpose: eindkomst.PurposeFleksloen(), Reference: "fleksloen-2024-000001"}
}

var february = eindkomst.Month{Year: 2024, Month: time.February}

// wage is an ordinary filing of a month's wage.
func wage(cpr, basis, amount string) register.Filing {
	first, _ := time.Parse("200601", basis)
	last := first.AddDate(0, 1, -1)
	return register.Filing{CPR: cpr, SE: "13748136", From: first.Format(time.DateOnly), To: last.Format(time.DateOnly), Disposition: last.Format(time.DateOnly), Basis: basis,
		Blanks: []register.Blank{{Number: "11000", Fields: []register.Field{{Number: "006", Value: "13748136"}, {Number: "011", Value: "I"}, {Number: "012", Value: "00"}},
			Blanks: []register.Blank{{Number: "16000", Fields: []register.Field{{Number: "020", Value: "1000000001"}},
				Blanks: []register.Blank{{Number: "16001", Fields: []register.Field{{Number: "057", Value: amount}, {Number: "197", Value: "520.00"}, {Number: "198", Value: "1040.00"}}}}}}}}}
}

// diary is a log of look-ups; closed, it takes none.
type diary struct {
	mu     sync.Mutex
	looks  []runner.LookUp
	closed bool
}

func (d *diary) LookUp(_ context.Context, l runner.LookUp) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errors.New("the log is full")
	}
	d.looks = append(d.looks, l)
	return nil
}

func (d *diary) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.looks)
}

// isTrouble demands a trouble of that kind that says nothing of what was asked or
// answered.
func isTrouble(t *testing.T, err error, kind runner.TroubleKind) *runner.Trouble {
	t.Helper()
	var trouble *runner.Trouble
	if !errors.As(err, &trouble) || trouble.Kind != kind || trouble.System != eindkomst.Name {
		t.Fatalf("error is %v, want trouble of the kind %s", err, kind)
	}
	discreet(t, err)
	return trouble
}

func discreet(t *testing.T, err error) {
	t.Helper()
	for _, secret := range []string{anna, bo, "15600", "15.600"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %s: %v", secret, err)
		}
	}
}
