package attest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"byskriver/robots/attest/rules"
)

// openOrders fetches the orders that have not ended. unknown is of those that nobody can
// be asked about, since they have no id.
func (r *Robot) openOrders(ctx context.Context) (open []rules.Order, unknown, err error) {
	raw, err := r.systems.Orders.Open(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch the orders: %w", err)
	}
	all, at := make([]rules.Order, 0, len(raw)), map[string]int{}
	for i, data := range raw {
		o, err := readOrder(data)
		if err != nil {
			unknown = errors.Join(unknown, fmt.Errorf("order %d of the list: %w", i+1, err))
			continue
		}
		if first, twice := at[o.ID]; twice {
			// Nobody can tell which of them holds.
			all[first].Unreadable = "id"
			continue
		}
		at[o.ID] = len(all)
		all = append(all, o)
	}
	fresh := map[string]rules.Order{}
	for _, o := range all {
		fresh[o.ID] = o
	}
	r.register.setFresh(fresh)
	return all, unknown, nil
}

// readOrder reads one order. What is not of the form agreed is named in it, and the
// rest is read; one without an id is an error.
func readOrder(data json.RawMessage) (rules.Order, error) {
	var o rules.Order
	if json.Unmarshal(data, &o) == nil && o.ID != "" {
		return o, nil
	}
	// What the library says may quote the order.
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return o, errors.New("it is not of the form agreed")
	}
	o = rules.Order{}
	var bad []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		one, err := json.Marshal(map[string]json.RawMessage{name: fields[name]})
		if err != nil {
			return o, errors.New("it is not of the form agreed")
		}
		try := o
		if json.Unmarshal(one, &try) != nil {
			bad = append(bad, name)
			continue
		}
		o = try
	}
	if o.ID == "" {
		return o, errors.New("it has no id")
	}
	o.Unreadable = strings.Join(bad, ", ")
	return o, nil
}
