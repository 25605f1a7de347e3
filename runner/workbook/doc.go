// Package workbook carries the exception queue to people as an Excel
// spreadsheet, and their decisions back. It is a view: nothing in it is the only
// copy of anything, and what comes back is judged row by row.
//
// Out: Export lays a new file in a folder, with an overview and a sheet a robot.
// Every row carries its revision and, in the column Kontrol, the key of its
// decision set and a code over number, revision, exception code and decision
// set. Nothing is locked, since Excel cannot sort locked cells: a row that was
// changed where it must not be no longer fits its code.
//
// In: Read finds sheets and columns by their headings, so that a sheet may be
// sorted, filtered, its columns moved or hidden, and saved by LibreOffice. Each
// row ends as a decision, a draft, an error of its own, or (untouched) nothing.
package workbook
