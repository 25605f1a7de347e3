package access

import (
	"context"
	"strings"

	"byskriver/robots/access/review"
	"byskriver/runner"
)

// tidy deletes what was kept for as long as it may be, and what shadow runs have
// left once the robot is live.
func (r *Robot) tidy(ctx context.Context, _ runner.Finder) error {
	last := review.MonthOf(r.today()) - review.Month(r.settings.Policy.Keep)
	heads, err := all[head](ctx, r.books, inHeads)
	if err != nil {
		return err
	}
	for id, h := range heads {
		if h.State != review.Open && review.MonthOf(h.Opens) < last {
			if err := r.dropPackage(ctx, id, "gennemgangens opbevaringstid udløbet"); err != nil {
				return err
			}
		}
	}
	removals, err := all[review.Removal](ctx, r.books, inRemovals)
	if err != nil {
		return err
	}
	for id, x := range removals {
		if x.Stage.Ended() && review.MonthOf(r.dateOf(x.Decision.At)) < last {
			for _, prefix := range []string{inRemovals, inApprovals} {
				if err := r.books.clear(ctx, prefix+id, "gennemgangens opbevaringstid udløbet"); err != nil {
					return err
				}
			}
		}
	}
	return r.forgetShadow(ctx)
}

func (r *Robot) forgetShadow(ctx context.Context) error {
	var names []string
	err := r.books.drawer.Each(ctx, inShadow, func(name string, _ []byte) error {
		names = append(names, strings.TrimPrefix(name, r.books.prefix))
		return nil
	})
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := r.books.clear(ctx, name, "skyggekørsel afsluttet"); err != nil {
			return err
		}
	}
	return nil
}
