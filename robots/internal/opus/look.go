package opus

import (
	"context"
	"fmt"
)

// Look signs in and visits the screens that can be reached without opening a
// voucher, which would reserve it. seen is told of each that showed its probe.
// The error is about the first that did not.
func (p *Portal) Look(ctx context.Context, seen func(page string)) error {
	return p.with(ctx, wanted{}, func(d *desk) error {
		// Nobody comes here but through these three.
		for _, page := range []string{"signin", "home", "inbox"} {
			seen(page)
		}
		if err := d.tab(ctx, "find"); err != nil {
			return fmt.Errorf("look at the list of other vouchers: %w", err)
		}
		seen("find")
		seen("tabs")
		return nil
	})
}
