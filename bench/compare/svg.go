package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// chart is a bar chart: groups of bars on one scale that begins at zero.
type chart struct {
	title  string
	unit   string
	file   string
	groups []group
}

// group is bars that are compared with each other.
type group struct {
	name string
	bars []bar
}

// bar is one value; NaN is a gap.
type bar struct {
	name  string
	value float64
}

// Lengths of a chart in pixels.
const (
	chartWidth = 720
	leftSide   = 12
	barsWidth  = 560 // of the longest bar
	barHeight  = 16
	titleSpace = 64 // title and legend
	nameSpace  = 22
	groupGap   = 12
)

// colours are those of the first bar of each group, the second, and so on. They
// can be told apart without seeing red or green.
func colours(i int) string {
	return [...]string{"#0b63b0", "#f0a030", "#777777"}[i%3]
}

// svg draws the chart, in the dark ink on white that any page can show.
func (c chart) svg() string {
	var body strings.Builder
	y := titleSpace
	most := c.most()
	for _, g := range c.groups {
		y = g.draw(&body, y, most) + groupGap
	}
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img" font-family="sans-serif" font-size="13">`+"\n",
		chartWidth, y, chartWidth, y)
	fmt.Fprintf(&b, "<title>%s</title>\n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n", html.EscapeString(c.title))
	text(&b, leftSide, 24, `font-size="16" font-weight="bold"`, c.heading())
	c.legend(&b)
	b.WriteString(body.String())
	b.WriteString("</svg>\n")
	return b.String()
}

func (c chart) heading() string {
	if c.unit == "" {
		return c.title
	}
	return c.title + " (" + c.unit + ")"
}

// most is the largest value, at least a little above zero.
func (c chart) most() float64 {
	most := math.SmallestNonzeroFloat32
	for _, g := range c.groups {
		for _, b := range g.bars {
			if b.value > most { // a NaN is not
				most = b.value
			}
		}
	}
	return most
}

// legend names the colours.
func (c chart) legend(b *strings.Builder) {
	if len(c.groups) == 0 {
		return
	}
	x := leftSide
	for i, bar := range c.groups[0].bars {
		fmt.Fprintf(b, `<rect x="%d" y="36" width="12" height="12" fill="%s"/>`+"\n", x, colours(i))
		text(b, x+18, 47, "", bar.name)
		x += 40 + 8*len(bar.name)
	}
}

// draw draws a group from y down and returns where it ends.
func (g group) draw(b *strings.Builder, y int, most float64) int {
	text(b, leftSide, y+14, "", g.name)
	y += nameSpace
	for i, bar := range g.bars {
		width := 0.0
		if !math.IsNaN(bar.value) {
			width = bar.value / most * barsWidth
		}
		fmt.Fprintf(b, `<rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/>`+"\n", leftSide, y, width, barHeight-2, colours(i))
		text(b, leftSide+int(width)+8, y+12, "", short(bar.value))
		y += barHeight
	}
	return y
}

// text writes a line of text whose baseline is at y.
func text(b *strings.Builder, x, y int, attributes, s string) {
	if attributes != "" {
		attributes = " " + attributes
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" fill="#222222"%s>%s</text>`+"\n", x, y, attributes, html.EscapeString(s))
}
