// Package xlsform reads forms as authors keep them (xlsx, xls, csv, markdown
// tables) into a flows.Definition, and writes them back.
//
// A file goes through three steps. The readers (xlsx.go, xls.go, csv.go,
// markdown.go) turn bytes into a book: tables of plain text with the row
// numbers that the author sees. define.go turns a book into a Definition:
// headers get their standard spelling (columns.go), cells are cleaned
// (clean.go), comments and blank rows go. Whether the form makes sense is for
// flows.Compile to say.
//
// Files come from strangers. Sizes are checked before anything is unpacked,
// and every reader counts the cells and bytes that it keeps.
package xlsform
