package export

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"iter"
	"slices"
	"strings"

	"example.org/fieldbot/flows"
)

const (
	nsORX      = "http://openrosa.org/xforms"
	nsJavaRosa = "http://openrosa.org/javarosa"
)

// AppendXML appends a submission as an OpenRosa document, as an app that
// submits to ODK Central or Kobo would send it. f is the version of the form
// that it was given to; nil leaves out what only the form knows.
func AppendXML(b []byte, s *flows.Submission, f *flows.Form) []byte {
	var out bytes.Buffer
	out.Write(b)
	root, namespace, id := "data", "", s.FormID
	if f != nil {
		if f.Settings.RootName != "" {
			root = f.Settings.RootName
		}
		namespace = f.Settings.Namespace
		if id == "" {
			id = f.ID
		}
	}
	out.WriteString(xml.Header)
	out.WriteString("<" + root)
	attribute(&out, "xmlns:orx", nsORX)
	attribute(&out, "xmlns:jr", nsJavaRosa)
	if namespace != "" && !strings.Contains(namespace, "=") {
		attribute(&out, "xmlns", namespace)
	}
	attribute(&out, "id", id)
	if s.Version != "" {
		attribute(&out, "version", s.Version)
	}
	out.WriteString(">\n")
	data, audit := withoutAudit(s.Data)
	xmlRecord(&out, data, 1)
	// without a namespace of its own, as the standard's compiler writes it
	out.WriteString("  <meta>\n")
	if audit != nil {
		element(&out, 2, audit.Name, audit.Text)
	}
	element(&out, 2, "instanceID", "uuid:"+s.ID)
	if s.InstanceName != "" {
		element(&out, 2, "instanceName", s.InstanceName)
	}
	if f != nil {
		for _, e := range f.Entities(s) {
			xmlEntity(&out, &e)
		}
	}
	out.WriteString("  </meta>\n</" + root + ">\n")
	return out.Bytes()
}

// xmlEntity writes what the submission makes or changes in a list of entities.
func xmlEntity(out *bytes.Buffer, e *flows.Entity) {
	indent(out, 2)
	out.WriteString("<entity")
	attribute(out, "dataset", e.List)
	attribute(out, "id", e.ID)
	if e.Versioned {
		attribute(out, "update", e.Update)
		attribute(out, "baseVersion", e.Base)
		attribute(out, "trunkVersion", e.Trunk)
		attribute(out, "branchId", e.Branch)
	}
	if e.Create != "" {
		attribute(out, "create", e.Create)
	}
	if !e.Labelled {
		out.WriteString("/>\n")
		return
	}
	out.WriteString(">\n")
	element(out, 3, "label", e.Label)
	indent(out, 2)
	out.WriteString("</entity>\n")
}

// withoutAudit takes out the audit question, which stands in meta.
func withoutAudit(data flows.Record) (flows.Record, *flows.Field) {
	i := slices.IndexFunc(data, func(d flows.Field) bool { return d.Type == "audit" })
	if i < 0 {
		return data, nil
	}
	return slices.Concat(data[:i], data[i+1:]), &data[i]
}

func xmlRecord(out *bytes.Buffer, data flows.Record, depth int) {
	for i := range data {
		d := &data[i]
		if d.Kind == flows.QuestionNode {
			element(out, depth, d.Name, d.Text)
			continue
		}
		for _, k := range d.Records {
			indent(out, depth)
			out.WriteString("<" + d.Name + ">\n")
			xmlRecord(out, k, depth+1)
			indent(out, depth)
			out.WriteString("</" + d.Name + ">\n")
		}
	}
}

func element(out *bytes.Buffer, depth int, name, text string) {
	indent(out, depth)
	if text == "" {
		out.WriteString("<" + name + "/>\n")
		return
	}
	out.WriteString("<" + name + ">")
	_ = xml.EscapeText(out, []byte(text)) // a buffer takes everything
	out.WriteString("</" + name + ">\n")
}

func attribute(out *bytes.Buffer, name, value string) {
	out.WriteString(" " + name + `="`)
	_ = xml.EscapeText(out, []byte(value))
	out.WriteByte('"')
}

func indent(out *bytes.Buffer, depth int) {
	for range depth {
		out.WriteString("  ")
	}
}

// writeXML writes an archive with one document a submission, in the folders
// that ODK's tools expect.
func (l *layout) writeXML(w io.Writer, rows iter.Seq2[*Row, error]) (int, error) {
	z := zip.NewWriter(w)
	n := 0
	var buf []byte
	for r, err := range rows {
		if err != nil {
			return n, err
		}
		p, err := l.plan(r)
		if err != nil {
			return n, err
		}
		file, err := z.Create("instances/uuid" + fileName(r.ID) + "/submission.xml")
		if err != nil {
			return n, err
		}
		buf = AppendXML(buf[:0], r.Submission, p.form)
		if _, err := file.Write(buf); err != nil {
			return n, err
		}
		if l.o.Media != nil {
			if err := writeMedia(z, "instances/uuid"+fileName(r.ID)+"/", l.o.Media(r)); err != nil {
				return n, err
			}
		}
		n++
	}
	return n, z.Close()
}

// writeMedia puts the files of a submission beside its document.
func writeMedia(z *zip.Writer, folder string, files iter.Seq2[MediaFile, error]) error {
	taken := map[string]bool{"submission.xml": true}
	for f, err := range files {
		if err != nil {
			return err
		}
		name := fileName(f.Name)
		if taken[name] {
			continue // the same file answers two questions
		}
		taken[name] = true
		if err := writeMedium(z, folder+name, f); err != nil {
			return err
		}
	}
	return nil
}

// writeMedium copies one file; pictures and sound are compressed already.
func writeMedium(z *zip.Writer, name string, f MediaFile) error {
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	return err
}
