// Package export writes submissions as files: csv, xlsx, JSON lines, OpenRosa
// XML and GeoJSON. Columns follow the conventions of ODK and Kobo, so that what
// reads their exports reads these.
//
// A form's versions share one table: a column that any of them has is there,
// in the order of the newest. Nothing that was answered is left out; a
// submission that does not fit the versions given is an error.
package export

import (
	"fmt"
	"io"
	"iter"
	"time"

	"example.org/fieldbot/flows"
)

// A Row is a submission with what is known beside it. Fields left zero make
// blank cells.
type Row struct {
	*flows.Submission
	Number     int64  // running number in the store; "_id"
	Reference  string // receipt number
	Person     string // pseudonym of the respondent
	Enumerator string // pseudonym of the officer who assisted
	Link       string // id of the entry link
	Received   time.Time
}

// A Format is a kind of file.
type Format string

// The formats. CSV becomes a zip of several files if the form has repeats.
const (
	CSV     Format = "csv"
	ZIP     Format = "zip" // csv files with a codebook, always zipped
	XLSX    Format = "xlsx"
	JSONL   Format = "jsonl"
	XML     Format = "xml" // a zip with one OpenRosa document a submission
	GeoJSON Format = "geojson"
)

// Formats lists the formats in the order in which to offer them.
func Formats() []Format { return []Format{XLSX, CSV, ZIP, JSONL, XML, GeoJSON} }

// Options say how to write. The zero value writes csv with names.
type Options struct {
	Format        Format         // "" is CSV
	Labels        bool           // labels instead of names, of questions and choices
	Language      string         // of labels: name or BCP-47 code; "" is the form's first
	SplitMultiple bool           // beside a multiple select, a 0/1 column for each choice
	SplitPoints   bool           // beside a geopoint, columns for latitude, longitude, altitude, accuracy
	GroupNames    bool           // headers with the groups: household/size, not size
	Notes         bool           // columns for notes too, which mostly are blank
	Zone          *time.Location // of the times in metadata columns; nil is UTC
	Media         MediaOf        // what to put beside the documents of XML; nil: no files
	MaxRows       int            // of a sheet, before xlsx gives way to zipped csv; 0 is 100,000
}

// A MediaOf yields the files of a submission, by the name that the answer has.
// What is read from them is closed by the caller.
type MediaOf func(r *Row) iter.Seq2[MediaFile, error]

// A MediaFile is a file that answers a question.
type MediaFile struct {
	Name string
	Open func() (io.ReadCloser, error)
}

func (o Options) zone() *time.Location {
	if o.Zone == nil {
		return time.UTC
	}
	return o.Zone
}

func (o Options) maxRows() int {
	if o.MaxRows <= 0 || o.MaxRows > maxSheetRows {
		return 100_000
	}
	return o.MaxRows
}

// A Result tells what was written.
type Result struct {
	Submissions int
	Extension   string // with its dot: ".csv", ".zip"; not always the format asked for
	MediaType   string
}

var mediaTypes = map[string]string{
	".csv":     "text/csv; charset=utf-8",
	".zip":     "application/zip",
	".xlsx":    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
	".jsonl":   "application/x-ndjson",
	".geojson": "application/geo+json",
}

// Write writes the rows to w. Forms are the versions that they were given to,
// oldest first; rows are told apart by Submission.Hash.
//
// CSV, ZIP, JSONL and GeoJSON stream at constant memory; XML keeps some 100
// bytes a submission for the archive's directory. XLSX keeps to disk, and
// beyond Options.MaxRows begins anew as ZIP: then rows is ranged over twice.
// An error of rows ends the export and is returned; what was written until then
// is of no use.
func Write(w io.Writer, rows iter.Seq2[*Row, error], forms []*flows.Form, o Options) (Result, error) {
	if len(forms) == 0 {
		return Result{}, fmt.Errorf("export: no form")
	}
	l := newLayout(forms, o)
	var n int
	var err error
	ext := Extension(forms, o)
	switch o.Format {
	case "", CSV, ZIP:
		if ext == ".csv" {
			n, err = l.writeCSV(w, rows)
		} else {
			n, err = l.writeZIP(w, rows)
		}
	case XLSX:
		n, err = l.writeXLSX(w, rows)
		if err == errTooManyRows {
			ext = ".zip"
			n, err = l.writeZIP(w, rows)
		}
	case JSONL:
		n, err = l.writeJSONL(w, rows)
	case XML:
		n, err = l.writeXML(w, rows)
	case GeoJSON:
		n, err = l.writeGeoJSON(w, rows)
	default:
		return Result{}, fmt.Errorf("export: no format %q", o.Format)
	}
	if err != nil {
		return Result{}, fmt.Errorf("export: %w", err)
	}
	return Result{Submissions: n, Extension: ext, MediaType: mediaTypes[ext]}, nil
}

// Extension tells the ending of the file that Write will write, as far as it
// can be known before: an XLSX may still become a zip.
func Extension(forms []*flows.Form, o Options) string {
	switch o.Format {
	case XLSX:
		return ".xlsx"
	case JSONL:
		return ".jsonl"
	case GeoJSON:
		return ".geojson"
	case ZIP, XML:
		return ".zip"
	}
	for _, f := range forms {
		for _, n := range f.Nodes {
			if n.Kind == flows.RepeatNode {
				return ".zip"
			}
		}
	}
	return ".csv"
}
