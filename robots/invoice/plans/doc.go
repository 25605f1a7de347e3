// Package plans holds the municipality's payment plans: what the Excel sheet may
// say, what is wrong with one that says something else, what has changed between
// two versions of it, and the rule that decides whether an invoice falls inside
// exactly one plan.
//
// Nothing here takes effect by itself. Read and Parse refuse a damaged sheet
// whole; Diff and Describe put the difference before the person who approves it;
// Match is pure, so that a decision can be replayed from its recorded input.
package plans
