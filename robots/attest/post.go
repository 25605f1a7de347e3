package attest

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"byskriver/robots/internal/digitalpost"
	"byskriver/runner"
)

// Door is where the post distributor calls.
type Door struct {
	Address string // such as :8443; "" is nowhere
	Path    string
	Names   []string               // the clients' common names
	Own     func() ([]byte, error) // our certificate, in PEM
	Key     func() ([]byte, error) // its private key, in PEM
	Clients func() ([]byte, error) // the authorities of the clients' certificates, in PEM
}

// Config is the door's side of mutual TLS.
func (d Door) Config() (*tls.Config, error) {
	own, err := d.Own()
	if err != nil {
		return nil, fmt.Errorf("read the endpoint's certificate: %w", err)
	}
	key, err := d.Key()
	if err != nil {
		return nil, fmt.Errorf("read the endpoint's key: %w", err)
	}
	pair, err := tls.X509KeyPair(own, key)
	if err != nil {
		return nil, fmt.Errorf("read the endpoint's certificate and key: %w", err)
	}
	clients, err := d.Clients()
	if err != nil {
		return nil, fmt.Errorf("read the authorities of those who may call: %w", err)
	}
	return digitalpost.MutualTLS(pair, clients, d.Names)
}

// Endpoint is where the post distributor calls, and what answers.
func (r *Robot) Endpoint() (string, *tls.Config, http.Handler, error) {
	d := r.settings.Door
	if d.Address == "" {
		return "", nil, nil, nil
	}
	config, err := d.Config()
	return d.Address, config, digitalpost.Endpoint(d.Path, func(ctx context.Context, m digitalpost.Message, raw []byte) error {
		return r.take(ctx, m.ID, raw)
	}), err
}

// take keeps a message so that a crash cannot lose it. The same one again is the
// same entry; one of the same id that says something else is another.
func (r *Robot) take(ctx context.Context, id string, raw []byte) error {
	sum := sha256.Sum256(raw)
	name := inPost + hashed(id) + "-" + hex.EncodeToString(sum[:4])
	if _, again, err := r.read(ctx, name); err != nil || again {
		return err
	}
	data, err := json.Marshal(letter{ID: id, Received: r.today(), Raw: raw})
	if err != nil {
		return err
	}
	return r.drawer.Lay(ctx, name, data)
}

// collectPost takes messages from the folder, reports each message that is kept, and
// deletes those that are settled or have been kept as long as they may.
func (r *Robot) collectPost(ctx context.Context, found runner.Finder) error {
	var failed error
	if !r.shadow {
		if err := r.emptyDrop(ctx, found); err != nil {
			failed = fmt.Errorf("take messages from the folder: %w", err)
		}
	}
	r.mailbox.lookAgain()
	var letters []letter
	var names []string
	err := r.drawer.Each(ctx, inPost, func(name string, data []byte) error {
		var l letter
		err := json.Unmarshal(data, &l)
		l.Raw = nil
		letters, names = append(letters, l), append(names, name)
		return err
	})
	if err != nil {
		return fmt.Errorf("look at the messages that are kept: %w", err)
	}
	for i, l := range letters {
		failed = errors.Join(failed, r.collectLetter(ctx, found, names[i], l))
	}
	return failed
}

func (r *Robot) collectLetter(ctx context.Context, found runner.Finder, name string, l letter) error {
	data, err := json.Marshal(content{Post: name})
	if err != nil {
		return err
	}
	standing, err := found(runner.Found{Key: "post/" + l.ID, Content: data, Source: "Digital Post", Area: r.settings.Areas.Payroll})
	if err != nil {
		return err
	}
	if standing.Settled() && !r.shadow {
		if rec := r.answered(name); rec.Name != "" {
			// A person has settled the answer in a way that the robot was not told of.
			if err := r.register.finish(ctx, rec.Name, endManual, r.today()); err != nil {
				return err
			}
		}
		return r.drawer.Clear(ctx, name, "afsluttet")
	}
	// One that has not been looked at yet, after a long stop, is judged first. What has
	// been kept as long as it may goes in a shadow run too.
	looked := standing.State == runner.Exception || standing.State == runner.Waiting
	if looked && r.today().After(l.Received.AddDays(r.settings.Policy.Held)) {
		return r.drawer.Clear(ctx, name, "opbevaringstid udløbet")
	}
	return nil
}

// emptyDrop moves messages from the folder into the drawer, each deleted from the
// folder once it is kept.
func (r *Robot) emptyDrop(ctx context.Context, found runner.Finder) error {
	if r.settings.Drop == "" {
		return nil
	}
	entries, err := os.ReadDir(r.settings.Drop)
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			failed = errors.Join(failed, err)
			continue
		}
		named := strings.HasSuffix(strings.ToLower(e.Name()), ".xml") && !strings.HasPrefix(e.Name(), ".")
		if !named || !info.Mode().IsRegular() || time.Since(info.ModTime()) < r.settings.Quiet {
			continue
		}
		if info.Size() > digitalpost.Largest {
			failed = errors.Join(failed, r.foundTooLarge(found, info))
			continue
		}
		failed = errors.Join(failed, r.takeFile(ctx, filepath.Join(r.settings.Drop, e.Name())))
	}
	return failed
}

// foundTooLarge reports a file that is larger than a message may be. It stays where it is.
func (r *Robot) foundTooLarge(found runner.Finder, info os.FileInfo) error {
	data, err := json.Marshal(content{File: info.Name()})
	if err != nil {
		return err
	}
	key := fmt.Sprintf("fil/%s/%d/%d", info.Name(), info.Size(), info.ModTime().UnixNano())
	_, err = found(runner.Found{Key: key, Content: data, Source: "Mappen til beskeder", Area: r.settings.Areas.Payroll})
	return err
}

// tooLarge gives such a file to a person for as long as it lies there.
func (r *Robot) tooLarge(file string) error {
	info, err := os.Stat(filepath.Join(r.settings.Drop, file))
	if errors.Is(err, os.ErrNotExist) || err == nil && info.Size() <= digitalpost.Largest {
		return nil
	}
	if err != nil {
		return err
	}
	return runner.Refuse("POST-FOR-STOR", "Filen »"+runner.Mask(file)+"« i mappen til beskeder er større, end en besked må være, og er ikke læst. Flyt den, bed afsenderen om at sende den igen, og vælg Prøv igen.", "", runner.Retry(), runner.Manual())
}

func (r *Robot) takeFile(ctx context.Context, path string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	id := "fil-" + hashed(string(raw))
	if m, err := digitalpost.Parse(raw); err == nil {
		id = m.ID
	}
	if err := r.take(ctx, id, raw); err != nil {
		return err
	}
	return os.Remove(path)
}
