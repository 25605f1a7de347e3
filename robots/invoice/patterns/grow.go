package patterns

import "math"

// outcome is a decision that has come out.
type outcome struct {
	marks marks
	right bool
}

const (
	leastKnown = 1000  // decisions that must have come out before a judge is grown
	perTree    = 20000 // decisions that one tree looks at
	stiff      = 5     // draws a leaf's value towards nothing
)

// slope is a sum of first and second derivatives of the loss.
type slope struct{ g, h float32 }

func (s slope) gain() float32 { return s.g * s.g / (s.h + stiff) }

// grow makes a judge of what came out: gradient boosting of trees on the logistic
// loss, with histograms. seed decides which decisions each tree looks at.
func grow(known []outcome, used int, seed uint64) *judge {
	if len(known) < leastKnown {
		return nil
	}
	right := 1.0
	for i := range known {
		if known[i].right {
			right++
		}
	}
	p := right / float64(len(known)+2)
	j := &judge{bias: math.Log(p / (1 - p))}
	z := make([]float32, len(known))
	for i := range z {
		z[i] = float32(j.bias)
	}
	pick := make([]int32, 0, perTree+perTree/8)
	for range treeCount {
		pick = pick[:0]
		for i := range known {
			seed = mix(seed)
			if seed%uint64(len(known)) < perTree {
				pick = append(pick, int32(i))
			}
		}
		g := &grower{known: known, pick: pick, used: used}
		t := g.tree(z)
		j.trees = append(j.trees, t)
		for i := range known {
			z[i] += t.value[t.leaf(&known[i].marks)]
		}
	}
	return j
}

// grower grows one tree, level by level.
type grower struct {
	known  []outcome
	pick   []int32
	used   int
	slopes []slope
	nodes  []int32 // which node each decision has come to
}

func (g *grower) tree(z []float32) tree {
	g.slopes, g.nodes = make([]slope, len(g.pick)), make([]int32, len(g.pick))
	for i, r := range g.pick {
		p := float32(1 / (1 + math.Exp(-float64(z[r]))))
		g.slopes[i] = slope{-p, p * (1 - p)}
		if g.known[r].right {
			g.slopes[i].g++
		}
	}
	var t tree
	var above []slope
	for depth := range treeDepth {
		here := g.histograms(depth, above)
		size := g.used * markSteps
		for w := range 1 << depth {
			t.split(1<<depth-1+w, here[w*size:(w+1)*size])
		}
		for i, r := range g.pick {
			at := g.nodes[i]
			g.nodes[i] = 2*at + 2
			if g.known[r].marks[t.mark[at]] <= t.upTo[at] {
				g.nodes[i] = 2*at + 1
			}
		}
		above = here
	}
	var ends [leaves]slope
	for i, n := range g.nodes {
		ends[n-inner].g += g.slopes[i].g
		ends[n-inner].h += g.slopes[i].h
	}
	for i, e := range ends {
		t.value[i] = treeRate * e.g / (e.h + stiff)
	}
	return t
}

// histograms sums the slopes by node, mark and step. Of two sisters the smaller is
// summed, and the larger is what is left of their mother.
func (g *grower) histograms(depth int, above []slope) []slope {
	first, size := int32(1<<depth-1), g.used*markSteps
	out := make([]slope, size<<depth)
	counts := make([]int, 1<<depth)
	for _, n := range g.nodes {
		counts[n-first]++
	}
	sum := func(w int) bool { // whether the node is summed itself
		return depth == 0 || counts[w] < counts[w^1] || counts[w] == counts[w^1] && w&1 == 0
	}
	for i, r := range g.pick {
		w := int(g.nodes[i] - first)
		if !sum(w) {
			continue
		}
		row, m, s := out[w*size:(w+1)*size], &g.known[r].marks, g.slopes[i]
		for f := range g.used {
			c := &row[f*markSteps+int(m[f]&(markSteps-1))]
			c.g += s.g
			c.h += s.h
		}
	}
	for w := range 1 << depth {
		if sum(w) {
			continue
		}
		row, mother, sister := out[w*size:(w+1)*size], above[w/2*size:], out[(w^1)*size:]
		for i := range row {
			row[i] = slope{mother[i].g - sister[i].g, mother[i].h - sister[i].h}
		}
	}
	return out
}

// split finds what a node best looks at. Where nothing helps, all go left.
func (t *tree) split(at int, hist []slope) {
	t.mark[at], t.upTo[at] = 0, markSteps
	var best float32
	for f := range len(hist) / markSteps {
		row := hist[f*markSteps : (f+1)*markSteps]
		var sum, left slope
		for _, c := range row {
			sum.g += c.g
			sum.h += c.h
		}
		for b, c := range row[:markSteps-1] {
			left.g += c.g
			left.h += c.h
			right := slope{sum.g - left.g, sum.h - left.h}
			if left.h < 1 || right.h < 1 {
				continue
			}
			if gain := left.gain() + right.gain() - sum.gain(); gain > best+1e-4 {
				best, t.mark[at], t.upTo[at] = gain, uint8(f), uint8(b)
			}
		}
	}
}
