package digest

import (
	"example.org/fieldbot/bot/render"
	"example.org/fieldbot/flows"
	"example.org/fieldbot/flows/tally"
)

func (d *writer) title(f *flows.Form) string {
	i, _ := f.Language(d.Lang)
	return render.Plain(f.Title.In(i))
}

// placeName is a place as the first form that knows it calls it.
func (d *writer) placeName(p tally.Place) string {
	name := d.Words.Text(d.Lang, "digest.nation", nil)
	find := func(question func(*flows.Form) string, code string) string {
		for _, f := range d.Forms {
			if label := d.label(f, question(f), code); label != code {
				return label
			}
		}
		return code
	}
	switch {
	case p.District != "":
		name = find(func(f *flows.Form) string { return f.Settings.Roles.District }, p.District)
	case p.Province != "":
		name = find(func(f *flows.Form) string { return f.Settings.Roles.Province }, p.Province)
	}
	if p.Service != "" {
		name += " · " + find(func(f *flows.Form) string { return f.Settings.Roles.Service }, p.Service)
	}
	return name
}

// PlaceName is what a place is called in a language.
func PlaceName(src Source, lang string, p tally.Place) string {
	return (&writer{Source: src, Request: Request{Lang: lang}}).placeName(p)
}

// label is the label of a choice, or its name if it has none.
func (d *writer) label(f *flows.Form, question, name string) string {
	n := f.Question(question)
	if question == "" || n == nil {
		return name
	}
	list := n.List
	if list == nil {
		// a province that is computed has its names in a list of that name
		if list = f.Lists[question]; list == nil {
			return name
		}
	}
	i := list.Find(name)
	if i < 0 {
		return name
	}
	lang, _ := f.Language(d.Lang)
	if label := render.Plain(list.Choices[i].Label.In(lang)); label != "" {
		return label
	}
	return name
}
