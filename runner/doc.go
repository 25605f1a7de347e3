// Package runner holds the words that every part of the house shares: what a
// robot is, what an item is, how a case ends. It does no input or output, reads no
// clock and imports the standard library alone. How the words are made to happen
// stands below: runner/engine takes items to their outcomes, runner/store keeps
// what must not be lost, runner/runlog proves what happened, runner/workbook
// carries exceptions to people and back.
package runner
