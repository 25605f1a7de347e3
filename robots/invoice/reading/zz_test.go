package reading

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
)

func TestZZ(t *testing.T) {
	dir := given(t)
	only := os.Getenv("ZZ")
	for _, set := range []string{"", "mutants"} {
		b, _ := os.ReadFile(filepath.Join(dir, set, "verdicts.tsv"))
		rows := strings.Split(strings.TrimSpace(string(b)), "\n")
		head := map[string]int{}
		for i, h := range strings.Split(rows[0], "\t") {
			head[h] = i
		}
		for _, r := range rows[1:] {
			c := strings.Split(r, "\t")
			get := func(n string) string {
				i, ok := head[n]
				if !ok || i >= len(c) {
					return ""
				}
				return c[i]
			}
			if only != "" && !strings.HasPrefix(get("kind"), only) {
				continue
			}
			_, fs, err := ReadFile(context.Background(), filepath.Join(dir, set, get("file")), DefaultLimits())
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for _, w := range strings.Split(get("findings"), ",") {
				if w != "" {
					want[strings.TrimPrefix(w, "w:")] = true
				}
			}
			got := map[string]bool{}
			for _, f := range fs {
				got[f.Code] = true
			}
			var miss, extra []string
			for w := range want {
				if !got[w] {
					miss = append(miss, w)
				}
			}
			for g := range got {
				if !want[g] {
					extra = append(extra, g)
				}
			}
			sort.Strings(miss)
			sort.Strings(extra)
			if len(miss)+len(extra) > 0 {
				t.Errorf("%s [%s] %s: missing %v extra %v", get("file"), get("base"), get("mutation"), miss, extra)
			}
		}
	}
}
