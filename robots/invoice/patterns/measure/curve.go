package main

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
)

// point is what came of one promise.
type point struct{ promise, reached, coverage float64 }

// The picture's size, its frame and what it shows, in percent.
const (
	width, height            = 720.0, 460.0
	left, right, top, bottom = 70.0, 30.0, 50.0, 60.0
	lowCover, highCover      = 25.0, 75.0
	lowRight, highRight      = 96.0, 100.0
)

func atX(coverage float64) float64 {
	return left + (100*coverage-lowCover)/(highCover-lowCover)*(width-left-right)
}

func atY(reached float64) float64 {
	return height - bottom - (100*reached-lowRight)/(highRight-lowRight)*(height-top-bottom)
}

// draw is the curve as SVG: share coded against share right, with what was promised
// at each point, and the two goals.
func draw(year int, points []point) []byte {
	points = slices.SortedFunc(slices.Values(points), func(a, b point) int { return cmp.Compare(a.promise, b.promise) })
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="sans-serif" font-size="13">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="%.0f" height="%.0f" fill="#ffffff"/>`+"\n", width, height)
	fmt.Fprintf(&b, `<text x="%.0f" y="26" font-size="16">Coding by pattern, %d: share coded and share right, with the day's check</text>`+"\n", left, year)
	grid(&b)
	goals(&b)
	fmt.Fprint(&b, `<polyline fill="none" stroke="#1f5a99" stroke-width="2" points="`)
	for _, p := range points {
		fmt.Fprintf(&b, "%.1f,%.1f ", atX(p.coverage), atY(p.reached))
	}
	fmt.Fprintln(&b, `"/>`)
	for _, p := range points {
		x, y := atX(p.coverage), atY(p.reached)
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" fill="#1f5a99"/>`+"\n", x, y)
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" fill="#1f5a99">promised %s %%</text>`+"\n", x+8, y-6, percent(p.promise))
	}
	fmt.Fprintln(&b, `</svg>`)
	return b.Bytes()
}

func grid(b *bytes.Buffer) {
	for c := lowCover; c <= highCover; c += 5 {
		x := atX(c / 100)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#dddddd"/>`+"\n", x, top, x, height-bottom)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">%.0f %%</text>`+"\n", x, height-bottom+20, c)
	}
	for r := lowRight; r <= highRight; r++ {
		y := atY(r / 100)
		fmt.Fprintf(b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="#dddddd"/>`+"\n", left, y, width-right, y)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="end">%.0f %%</text>`+"\n", left-8, y+4, r)
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle">coded by the robot</text>`+"\n", (left+width-right)/2, height-16)
	fmt.Fprintf(b, `<text transform="translate(20 %.1f) rotate(-90)" text-anchor="middle">of those right</text>`+"\n", (top+height-bottom)/2)
}

// goals marks 50 % at 98.5 and 60 % at 98.
func goals(b *bytes.Buffer) {
	for _, g := range []point{{reached: 0.985, coverage: 0.5}, {reached: 0.98, coverage: 0.6}} {
		x, y := atX(g.coverage), atY(g.reached)
		fmt.Fprintf(b, `<path d="M%.1f %.1f l-6 -6 m6 6 l6 -6 m-6 6 l-6 6 m6 -6 l6 6" stroke="#b0482a" stroke-width="2" fill="none"/>`+"\n", x, y)
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="middle" fill="#b0482a">goal</text>`+"\n", x+24, y+4)
	}
}
