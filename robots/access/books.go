package access

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"

	"byskriver/robots/access/review"
	"byskriver/schedules"
)

// Drawer is what the robot keeps between runs: each entry sealed under a key of its
// own, and deleted with it. Names hold nothing personal.
type Drawer interface {
	Lay(ctx context.Context, name string, data []byte) error
	Each(ctx context.Context, prefix string, entry func(name string, data []byte) error) error
	Clear(ctx context.Context, name, rule string) error
}

// Names of the drawer's entries. Who writes what: pages write inAnswers and
// inApprovals, the robot everything else.
const (
	inStaff     = "stab"         // the staff as it was read last
	inReadings  = "laesning/"    // by system, as it was read last
	inAsked     = "proevet/"     // by system, the day on which a reading was asked for last
	inRuns      = "runde/"       // by month
	inPackages  = "pakke/"       // by number: what is frozen, never changed
	inHeads     = "hoved/"       // by number: how the package stands
	inAnswers   = "svar/"        // by number: what the reviewers have said so far
	inRemovals  = "fjern/"       // by number: what is to be removed, or changed by hand
	inApprovals = "godkendelse/" // by number: IT's word on a removal
	inMemory    = "husk/"        // people by a part of their id's digest
	inWheel     = "aarshjul"     //
	inFindings  = "fund"         // what IT was told of
	inMoves     = "flyt"         // the day on which moves were looked for last
	inSheets    = "ark/"         // by package, workbooks that were handed in
	inReports   = "rapport/"     // by run and unit, the digest of the evidence as it was written last
	inShadow    = "skygge/"      // before all of them, what a shadow run has found
)

// memoryParts is how many entries the memory of all people is spread over.
const memoryParts = 64

// books is the drawer with what lies in it by kind. What lies in the drawer is the
// truth; what is read, changed and laid back is held under a lock meanwhile.
type books struct {
	drawer Drawer
	prefix string
	memory *sync.Mutex // over the memory of people
	desk   *sync.Mutex // over answers and approvals
}

func (b *books) put(ctx context.Context, name string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := b.drawer.Lay(ctx, b.prefix+name, data); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return nil
}

func (b *books) clear(ctx context.Context, name, rule string) error {
	return b.drawer.Clear(ctx, b.prefix+name, rule)
}

// get reads one entry; ok is false where there is none.
func get[T any](ctx context.Context, b *books, name string) (v T, ok bool, err error) {
	err = b.drawer.Each(ctx, b.prefix+name, func(found string, data []byte) error {
		if found != b.prefix+name {
			return nil
		}
		ok = true
		return json.Unmarshal(data, &v)
	})
	if err != nil {
		err = fmt.Errorf("read %s: %w", name, err)
	}
	return v, ok, err
}

// all reads the entries of a kind, by what follows the prefix.
func all[T any](ctx context.Context, b *books, prefix string) (map[string]T, error) {
	list := map[string]T{}
	err := b.drawer.Each(ctx, b.prefix+prefix, func(name string, data []byte) error {
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		list[strings.TrimPrefix(name, b.prefix+prefix)] = v
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read what lies under %s: %w", prefix, err)
	}
	return list, nil
}

// run is what is known of a month's run.
type run struct {
	Month    string                    `json:"month"`
	Opened   schedules.Date            `json:"opened"`
	Read     map[string]schedules.Date `json:"read"` // by system, when it was read
	Packages int                       `json:"packages"`
	Settled  bool                      `json:"settled,omitempty"` // everybody's memory knows of it
	Held     int                       `json:"held"`
	Open     int                       `json:"open"`
	Explain  int                       `json:"explained"`
}

// head is how a package stands: the package without its people, and what was done
// about it.
type head struct {
	review.Package

	Told map[string]schedules.Date `json:"told,omitempty"` // by Step.Name, and loggedFor
	Last schedules.Date            `json:"last,omitzero"`  // the last day, where a person has put it off
	Item string                    `json:"item,omitempty"` // as the run log calls it
}

// due is the package's last day.
func (h head) due() schedules.Date {
	if h.Last.IsZero() {
		return h.Due
	}
	return h.Last
}

// layPackage keeps a package: its people once and for all, its head for now.
func (b *books) layPackage(ctx context.Context, p review.Package) error {
	if err := b.put(ctx, inPackages+p.ID, p.People); err != nil {
		return err
	}
	p.People = nil
	return b.put(ctx, inHeads+p.ID, head{Package: p, Told: map[string]schedules.Date{}})
}

// pack is a whole package, as it stands.
func (b *books) pack(ctx context.Context, id string) (head, bool, error) {
	h, ok, err := get[head](ctx, b, inHeads+id)
	if err != nil || !ok {
		return h, ok, err
	}
	h.People, ok, err = get[[]review.Person](ctx, b, inPackages+id)
	return h, ok, err
}

// putHead keeps how a package stands.
func (b *books) putHead(ctx context.Context, h head) error {
	h.People = nil
	return b.put(ctx, inHeads+h.ID, h)
}

func memoryPart(employee string) string {
	sum := fnv.New32a()
	sum.Write([]byte(employee))
	return inMemory + hex.EncodeToString([]byte{byte(sum.Sum32() % memoryParts)})
}

// remembered is everybody's memory.
func (b *books) remembered(ctx context.Context) (map[string]review.Memory, error) {
	parts, err := all[map[string]review.Memory](ctx, b, inMemory)
	people := map[string]review.Memory{}
	for _, part := range parts {
		for id, m := range part {
			people[id] = m
		}
	}
	return people, err
}

// remember replaces everybody's memory; who is not in it is forgotten.
func (b *books) remember(ctx context.Context, people map[string]review.Memory) error {
	b.memory.Lock()
	defer b.memory.Unlock()
	parts := map[string]map[string]review.Memory{}
	for i := range memoryParts {
		parts[inMemory+hex.EncodeToString([]byte{byte(i)})] = map[string]review.Memory{}
	}
	for id, m := range people {
		parts[memoryPart(id)][id] = m
	}
	for name, part := range parts {
		old, _, err := get[map[string]review.Memory](ctx, b, name)
		if err != nil {
			return err
		}
		if same(old, part) || len(old)+len(part) == 0 {
			continue
		}
		if err := b.put(ctx, name, part); err != nil {
			return err
		}
	}
	return nil
}

// recall changes one person's memory.
func (b *books) recall(ctx context.Context, employee string, how func(review.Memory) review.Memory) error {
	b.memory.Lock()
	defer b.memory.Unlock()
	name := memoryPart(employee)
	part, _, err := get[map[string]review.Memory](ctx, b, name)
	if err != nil {
		return err
	}
	m, ok := part[employee]
	if !ok {
		return nil // gone in the meantime
	}
	part[employee] = how(m)
	return b.put(ctx, name, part)
}

func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}
