package export

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/xlsform"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const flatForm = `
| survey |
| | type | name | label::English (en) | label::ລາວ (lo) |
| | text | village | Village | ບ້ານ |
| | integer | people | How many people? | ຈັກຄົນ? |
| | select_multiple crop | crops | Crops | ພືດ |
| | begin_group | land | Land | ດິນ |
| | decimal | area | Area | ເນື້ອທີ່ |
| | geopoint | place | Where? | ຢູ່ໃສ? |
| | end_group | | | |
| | note | thanks | Thank you | ຂອບໃຈ |
| | date | seen | Seen | ເຫັນ |
| choices |
| | list_name | name | label::English (en) | label::ລາວ (lo) |
| | crop | rice | Rice | ເຂົ້າ |
| | crop | maize | Maize, sweet | ສາລີ |
| | crop | cassava | Cassava | ມັນຕົ້ນ |
| settings |
| | form_id | version | name |
| | farm | 3 | farm |
`

const rosterForm = `
| survey |
| | type | name | label |
| | text | head | Head |
| | begin_repeat | member | Member |
| | text | name | Name |
| | begin_group | who | |
| | integer | age | Age |
| | end_group | | |
| | begin_repeat | job | Job |
| | text | title | Title |
| | end_repeat | | |
| | end_repeat | | |
| settings |
| | form_id |
| | roster |
`

func form(t testing.TB, md string) *flows.Form {
	t.Helper()
	d, err := xlsform.Read("form.md", []byte(md), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := flows.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func q(name, text string) flows.Field { return flows.Field{Name: name, Text: text} }

func group(name string, fields ...flows.Field) flows.Field {
	return flows.Field{Name: name, Kind: flows.GroupNode, Records: []flows.Record{fields}}
}

func repeat(name string, records ...flows.Record) flows.Field {
	return flows.Field{Name: name, Kind: flows.RepeatNode, Records: records}
}

var received = time.Date(2026, 3, 4, 9, 30, 0, 0, time.UTC)

func row(f *flows.Form, id string, fields ...flows.Field) *Row {
	return &Row{
		Submission: &flows.Submission{
			ID: id, FormID: f.ID, Version: f.Version, Hash: f.Hash, Language: f.Languages[0].Name,
			InstanceName: "visit " + id, Started: received.Add(-time.Hour), Finished: received, Data: fields,
		},
		Number: 7, Reference: "AU-2026-00007", Person: "p-1", Received: received,
	}
}

func farm(f *flows.Form) []*Row {
	return []*Row{
		row(f, "a-1", q("village", "Ban Nong, upper"), q("people", "-4"), q("crops", "rice cassava"),
			group("land", q("area", "2.5"), q("place", "15.12 106.85 0 5")), q("thanks", ""), q("seen", "2026-03-01")),
		row(f, "a-2", q("village", "=HYPERLINK(\"http://x\")"), q("people", ""), q("crops", ""),
			group("land", q("area", "-0.5"), q("place", "")), q("thanks", ""), q("seen", "")),
		row(f, "a-3", q("village", "two\nlines \"said\""), q("people", "12"), q("crops", "maize gone")),
	}
}

func rosterRow(f *flows.Form) *Row {
	return row(f, "r-1", q("head", "Noy"), repeat("member",
		flows.Record{q("name", "Noy"), group("who", q("age", "31")), repeat("job",
			flows.Record{q("title", "farmer")}, flows.Record{q("title", "weaver")})},
		flows.Record{q("name", "Kham"), group("who", q("age", "4")), repeat("job")},
		flows.Record{q("name", "Seng"), group("who", q("age", "60")), repeat("job", flows.Record{q("title", "=1+1")})},
	))
}

func seq(rows ...*Row) iter.Seq2[*Row, error] {
	return func(yield func(*Row, error) bool) {
		for _, r := range rows {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, o Options, forms []*flows.Form, rows ...*Row) ([]byte, Result) {
	t.Helper()
	var out bytes.Buffer
	res, err := Write(&out, seq(rows...), forms, o)
	if err != nil {
		t.Fatal(err)
	}
	if res.Submissions != len(rows) {
		t.Errorf("%d submissions written, want %d", res.Submissions, len(rows))
	}
	return out.Bytes(), res
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s (-want +got):\n%s", name, d)
	}
}

func TestTextFormats(t *testing.T) {
	f := form(t, flatForm)
	hash := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte(f.Hash), []byte("HASH")) }
	vientiane := time.FixedZone("", 7*3600)
	for name, o := range map[string]Options{
		"plain.csv":  {},
		"split.csv":  {SplitMultiple: true, SplitPoints: true, GroupNames: true, Zone: vientiane},
		"labels.csv": {Labels: true, Language: "lo", SplitMultiple: true},
		"farm.jsonl": {Format: JSONL},
		"split.jsonl": {
			Format: JSONL, SplitMultiple: true, Labels: true, Language: "en",
		},
		"farm.geojson": {Format: GeoJSON},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := write(t, o, []*flows.Form{f}, farm(f)...)
			golden(t, name, hash(got))
		})
	}
}

func TestEveryLineOfJSONIsAnObject(t *testing.T) {
	f := form(t, rosterForm)
	got, res := write(t, Options{Format: JSONL}, []*flows.Form{f}, rosterRow(f), rosterRow(f))
	if res.Extension != ".jsonl" {
		t.Error(res)
	}
	for line := range bytes.Lines(got) {
		var v struct {
			UUID   string `json:"_uuid"`
			Member []struct {
				Name string
				Who  struct{ Age int }
				Job  []struct{ Title string }
			}
		}
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		if v.UUID != "r-1" || len(v.Member) != 3 || v.Member[0].Who.Age != 31 || v.Member[0].Job[1].Title != "weaver" {
			t.Errorf("%+v", v)
		}
	}
}

// unzip gives the files of an archive, csv files without their mark.
func unzip(t *testing.T, data []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = strings.TrimPrefix(string(b), bom)
	}
	return files
}

func pick(t *testing.T, text string, columns ...string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, r := range rows {
		var picked []string
		for _, c := range columns {
			i := slices.Index(rows[0], c)
			if i < 0 {
				t.Fatalf("no column %s in %v", c, rows[0])
			}
			picked = append(picked, r[i])
		}
		out = append(out, picked)
	}
	return out
}

func TestRepeatsAreFilesOfTheirOwn(t *testing.T) {
	f := form(t, rosterForm)
	got, res := write(t, Options{}, []*flows.Form{f}, rosterRow(f), row(f, "r-2", q("head", "Alone"), repeat("member")))
	if res.Extension != ".zip" || Extension([]*flows.Form{f}, Options{}) != ".zip" {
		t.Errorf("extension %q", res.Extension)
	}
	files := unzip(t, got)
	want := [][]string{
		{"name", "age", "_index", "_parent_table_name", "_parent_index", "_submission__uuid"},
		{"Noy", "31", "1", "submissions", "1", "r-1"},
		{"Kham", "4", "2", "submissions", "1", "r-1"},
		{"Seng", "60", "3", "submissions", "1", "r-1"},
	}
	if d := cmp.Diff(want, pick(t, files["member.csv"], want[0]...)); d != "" {
		t.Error(d)
	}
	want = [][]string{
		{"title", "_index", "_parent_table_name", "_parent_index"},
		{"farmer", "1", "member", "1"},
		{"weaver", "2", "member", "1"},
		{"'=1+1", "3", "member", "3"},
	}
	if d := cmp.Diff(want, pick(t, files["job.csv"], want[0]...)); d != "" {
		t.Error(d)
	}
	want = [][]string{{"head", "_index"}, {"Noy", "1"}, {"Alone", "2"}}
	if d := cmp.Diff(want, pick(t, files["submissions.csv"], want[0]...)); d != "" {
		t.Error(d)
	}
	if !strings.Contains(files["codebook.csv"], "member,age,who,integer") {
		t.Errorf("codebook: %s", files["codebook.csv"])
	}
}

func TestWorkbookOpensWithTypedCells(t *testing.T) {
	f := form(t, flatForm)
	got, res := write(t, Options{Format: XLSX, SplitMultiple: true}, []*flows.Form{f}, farm(f)...)
	if res.Extension != ".xlsx" {
		t.Fatal(res)
	}
	x, err := excelize.OpenReader(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	if d := cmp.Diff([]string{"submissions", "codebook", "choices"}, x.GetSheetList()); d != "" {
		t.Error(d)
	}
	if used, _ := x.GetSheetDimension("submissions"); used == "A1" {
		t.Error("the used range is one cell: readers that go by it would miss the rest")
	}
	rows, err := x.GetRows("submissions")
	if err != nil {
		t.Fatal(err)
	}
	for col, want := range map[string][]string{
		"people": {"-4", "", "12"}, "crops": {"rice cassava", "", "maize gone"}, "crops/rice": {"1", "", "0"},
		"crops/cassava": {"1", "", "0"}, "crops/maize": {"0", "", "1"}, "area": {"2.5", "-0.5", ""},
		"seen": {"2026-03-01", "", ""}, "village": {"Ban Nong, upper", `=HYPERLINK("http://x")`, "two\nlines \"said\""},
		"_submission_time": {"2026-03-04 09:30:00", "2026-03-04 09:30:00", "2026-03-04 09:30:00"},
	} {
		i := slices.Index(rows[0], col)
		if i < 0 {
			t.Errorf("no column %s", col)
			continue
		}
		for k, w := range want {
			name, _ := excelize.CoordinatesToCellName(i+1, k+2)
			if got := rows[k+1][i]; got != w {
				t.Errorf("%s %s = %q, want %q", col, name, got, w)
			}
			kind, _ := x.GetCellType("submissions", name)
			text := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString
			if w != "" && text != (col == "crops" || col == "village") {
				t.Errorf("%s %s has type %v", col, name, kind)
			}
			if formula, _ := x.GetCellFormula("submissions", name); formula != "" {
				t.Errorf("%s became a formula: %s", name, formula)
			}
		}
	}
	book, err := x.GetRows("codebook")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"submissions", "crops", "", "select_multiple", "crop", "Crops", "ພືດ", "rice = Rice\nmaize = Maize, sweet\ncassava = Cassava"}
	if d := cmp.Diff(want, book[3]); d != "" {
		t.Error(d)
	}
}

func TestWorkbookGivesWayToArchive(t *testing.T) {
	f := form(t, flatForm)
	got, res := write(t, Options{Format: XLSX, MaxRows: 2}, []*flows.Form{f}, farm(f)...)
	if res.Extension != ".zip" || res.MediaType != "application/zip" {
		t.Fatal(res)
	}
	if rows := pick(t, unzip(t, got)["submissions.csv"], "_uuid"); len(rows) != 4 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestVersionsShareColumns(t *testing.T) {
	old := form(t, `
| survey |
| | type | name | label |
| | text | a | A |
| | text | gone | Gone |
| | integer | b | B |
| | begin_group | g | G |
| | text | only | Only |
| | end_group | | |
| | select_multiple l | m | M |
| choices |
| | list_name | name | label |
| | l | x | X |
| | l | y | Y |
`)
	now := form(t, `
| survey |
| | type | name | label |
| | text | new | New |
| | text | a | A |
| | text | b | B |
| | select_multiple l | m | M |
| | begin_repeat | g | G |
| | text | only | Only |
| | end_repeat | | |
| choices |
| | list_name | name | label |
| | l | z | Z |
| | l | x | X |
`)
	forms := []*flows.Form{old, now}
	got, _ := write(t, Options{SplitMultiple: true}, forms,
		row(old, "1", q("a", "a1"), q("gone", "g1"), q("b", "5"), group("g", q("only", "o1")), q("m", "x y")),
		row(now, "2", q("new", "n2"), q("a", "a2"), q("b", "-five"), q("m", "z"), repeat("g", flows.Record{q("only", "o2")})))
	files := unzip(t, got)
	want := [][]string{
		{"new", "a", "gone", "b", "only", "m", "m/z", "m/x", "m/y", "_id"},
		{"", "a1", "g1", "5", "o1", "x y", "0", "1", "1", "7"},
		{"n2", "a2", "", "'-five", "", "z", "1", "0", "0", "7"},
	}
	rows, err := csv.NewReader(strings.NewReader(files["submissions.csv"])).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i := range rows {
		rows[i] = rows[i][:len(want[0])]
	}
	if d := cmp.Diff(want, rows); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([][]string{{"only"}, {"o2"}}, pick(t, files["g.csv"], "only")); d != "" {
		t.Error(d)
	}
	strange := row(old, "3", q("a", "x"))
	strange.Hash = "other"
	if _, err := Write(io.Discard, seq(strange), forms, Options{}); err == nil || !strings.Contains(err.Error(), "not at hand") {
		t.Errorf("a submission of an unknown version: %v", err)
	}
	if _, err := Write(io.Discard, seq(row(now, "4", q("gone", "x"))), forms, Options{}); err == nil {
		t.Error("a field that the version has not was dropped")
	}
}

func TestColumnsNeverCollide(t *testing.T) {
	f := form(t, `
| survey |
| | type | name | label |
| | text | _uuid | Id |
| | begin_group | g | G |
| | text | x | Same |
| | end_group | | |
| | begin_group | h | H |
| | text | x | Same |
| | end_group | | |
`)
	for _, o := range []Options{{}, {Labels: true}, {GroupNames: true}} {
		l := newLayout([]*flows.Form{f}, o)
		seen := map[string]bool{}
		for _, h := range l.header(l.tables[0]) {
			if seen[h] {
				t.Errorf("%+v: header %q stands twice", o, h)
			}
			seen[h] = true
		}
	}
}

// JavaRosa puts the audit of pyxform's forms into meta, before the rest.
func TestAuditStandsInMeta(t *testing.T) {
	f := form(t, `
| survey | | | |
| | type | name | label |
| | audit | audit | |
| | text | a | A |
`)
	s := &flows.Submission{FormID: f.ID, ID: "1", Data: flows.Record{
		{Name: "audit", Kind: flows.QuestionNode, Type: "audit"}, {Name: "a", Kind: flows.QuestionNode, Type: "text", Text: "x"}}}
	got := strings.Join(strings.Fields(string(AppendXML(nil, s, f))), "")
	if want := "<a>x</a><meta><audit/><instanceID>uuid:1</instanceID></meta></data>"; !strings.HasSuffix(got, want) {
		t.Errorf("%s\nends not on %s", got, want)
	}
}

// A submission tells which entities it makes and changes, as JavaRosa's does, and
// says the same each time.
func TestEntitiesStandInMeta(t *testing.T) {
	const head = `
| survey | | | | |
| | type | name | label | save_to |
| | text | t | Tree | kind |
| | integer | h | Height | height |
| entities | | | | | |
| | list_name | label | entity_id | create_if | update_if |
`
	list := map[string][]byte{"trees.csv": []byte("name,label,__version,__trunkVersion,__branchId\na1,Oak,3,2,br\n")}
	for _, tt := range []struct{ row, want string }{
		{"| | trees | concat('Tree ', ${t}) | | | |", `<entity dataset="trees" id="{id}" create="1"><label>Tree a1</label></entity>`},
		{"| | trees | ${t} | | ${h} > 3 | |", `<entity dataset="trees" id="{id}" create="1"><label>a1</label></entity>`},
		{"| | trees | ${t} | | ${h} > 9 | |", `<entity dataset="trees" id="{id}" create="0"><label>a1</label></entity>`},
		{"| | trees | | ${t} | | |", `<entity dataset="trees" id="a1" update="1" baseVersion="3" trunkVersion="2" branchId="br"/>`},
		{"| | trees | ${t} | ${t} | ${h} > 9 | ${h} <= 9 |", `<entity dataset="trees" id="a1" update="1" baseVersion="3" trunkVersion="2" branchId="br" create="0"><label>a1</label></entity>`},
	} {
		d, err := xlsform.Read("form.md", []byte(head+tt.row+"\n"), list)
		if err != nil {
			t.Fatal(err)
		}
		f, err := flows.Compile(d)
		if err != nil {
			t.Fatal(err)
		}
		s := &flows.Submission{FormID: f.ID, ID: "1", Data: flows.Record{
			{Name: "t", Kind: flows.QuestionNode, Type: "text", Text: "a1"}, {Name: "h", Kind: flows.QuestionNode, Type: "integer", Text: "5"}}}
		id := f.Entities(s)[0].ID
		if again := f.Entities(s)[0].ID; again != id || id != "a1" && len(id) != 36 {
			t.Errorf("the id is %q, then %q", id, again)
		}
		var lines []string
		for line := range strings.Lines(string(AppendXML(nil, s, f))) {
			lines = append(lines, strings.TrimSpace(line))
		}
		got := strings.Join(lines, "")
		if want := strings.ReplaceAll(tt.want, "{id}", id); !strings.Contains(got, "<meta><instanceID>uuid:1</instanceID>"+want+"</meta>") {
			t.Errorf("%s\ngives\n%s\nwant\n%s", tt.row, got, want)
		}
	}
}

func TestOpenRosaXML(t *testing.T) {
	f := form(t, rosterForm)
	r := rosterRow(f)
	r.InstanceName = "Noy & <Co>"
	r.Data[0].Text = "a < b\x00\ufffe"
	got, res := write(t, Options{Format: XML}, []*flows.Form{f}, r)
	if res.Extension != ".zip" {
		t.Fatal(res)
	}
	files := unzip(t, got)
	text := files["instances/uuidr-1/submission.xml"]
	golden(t, "roster.xml", []byte(text))
	var doc struct {
		ID     string `xml:"id,attr"`
		Head   string `xml:"head"`
		Member []struct {
			Name string `xml:"name"`
			Age  int    `xml:"who>age"`
		} `xml:"member"`
		InstanceID   string `xml:"meta>instanceID"`
		InstanceName string `xml:"meta>instanceName"`
	}
	if err := xml.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.ID != "roster" || len(doc.Member) != 3 || doc.Member[2].Age != 60 || doc.InstanceID != "uuid:r-1" || doc.InstanceName != "Noy & <Co>" {
		t.Errorf("%+v", doc)
	}
}

func TestErrorOfRowsEndsTheExport(t *testing.T) {
	f := form(t, flatForm)
	broken := errors.New("connection lost")
	rows := func(yield func(*Row, error) bool) {
		if yield(farm(f)[0], nil) {
			yield(nil, broken)
		}
	}
	for _, format := range Formats() {
		if _, err := Write(io.Discard, rows, []*flows.Form{f}, Options{Format: format}); !errors.Is(err, broken) {
			t.Errorf("%s: %v", format, err)
		}
	}
	if _, err := Write(io.Discard, rows, nil, Options{}); err == nil {
		t.Error("no form, no error")
	}
	if _, err := Write(io.Discard, rows, []*flows.Form{f}, Options{Format: "pdf"}); err == nil {
		t.Error("unknown format, no error")
	}
}

func TestGeometry(t *testing.T) {
	for _, c := range []struct {
		kind     cellKind
		in, want string
	}{
		{pointCell, "15.12 106.85 0 5", `{"type":"Point","coordinates":[106.85,15.12]}`},
		{pointCell, "15.12 106.85 120.5 5", `{"type":"Point","coordinates":[106.85,15.12,120.5]}`},
		{pointCell, "91 0 0 0", ""}, {pointCell, "here", ""}, {pointCell, "1 2 Inf 0", ""}, {textCell, "1 2", ""},
		{traceCell, "1 2 0 0; 3 4 0 0;", `{"type":"LineString","coordinates":[[2,1],[4,3]]}`},
		{traceCell, "1 2 0 0", ""},
		{shapeCell, "0 0;0 1;1 1;0 0", `{"type":"Polygon","coordinates":[[[0,0],[1,0],[1,1],[0,0]]]}`},
		{shapeCell, "0 0;0 1;1 1", ""},
	} {
		if got := geometry(c.kind, c.in); got != c.want {
			t.Errorf("%d %q: %s, want %s", c.kind, c.in, got, c.want)
		}
	}
}
