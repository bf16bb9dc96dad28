package chart_test

import (
	"fmt"
	"math"
	"slices"

	"example.org/fieldbot/flows/chart"
)

// words picks a language: the samples are drawn in both.
func words(lang, lao, english string) string {
	if lang == "lo" {
		return lao
	}
	return english
}

func share(v float64, n int) chart.Figure {
	d := 1.96 * math.Sqrt(v*(1-v)/float64(n))
	return chart.Figure{Value: v, Low: v - d, High: v + d, N: n}
}

func services(lang string) []string {
	return []string{
		words(lang, "ປະຖົມສຶກສາ", "Primary education"),
		words(lang, "ສາທາລະນະສຸກຂັ້ນພື້ນຖານ", "Primary health care"),
		words(lang, "ນ້ຳປະປາ ແລະ ສຸຂາພິບານ", "Water and sanitation"),
		words(lang, "ໂຍທາທິການ: ຂົວ ແລະ ຫົນທາງ", "Public works: roads and bridges"),
		words(lang, "ສົ່ງເສີມກະສິກຳ", "Agricultural extension"),
		words(lang, "ຂຶ້ນທະບຽນພົນລະເມືອງ", "Civil registration"),
	}
}

func levels(lang string) []string {
	return []string{
		words(lang, "ບໍ່ພໍໃຈຫຼາຍ", "Very unsatisfied"), words(lang, "ບໍ່ພໍໃຈ", "Unsatisfied"),
		words(lang, "ປານກາງ", "Neither"), words(lang, "ພໍໃຈ", "Satisfied"), words(lang, "ພໍໃຈຫຼາຍ", "Very satisfied"),
	}
}

// samples returns a chart of every kind by name.
func samples(lang string) map[string]*chart.Chart {
	bars := &chart.Chart{
		Kind: chart.Bars, Lang: lang,
		Title:    words(lang, "ຄວາມເພິ່ງພໍໃຈຂອງປະຊາຊົນຕໍ່ການບໍລິການຂັ້ນທ້ອງຖິ່ນ", "People satisfied with local services"),
		Subtitle: words(lang, "ນະຄອນຫຼວງວຽງຈັນ, ໄຕມາດ 3 ປີ 2026, n = 1.204", "Vientiane Capital, 3rd quarter of 2026, n = 1,204"),
		Note:     words(lang, "ແຫຼ່ງຂໍ້ມູນ: ການສຳຫຼວດຄວາມຄິດເຫັນຂອງຜູ້ໃຊ້ບໍລິການ ຮອບທີ 3.", "Source: service users feedback survey, third round."),
	}
	compare := *bars
	compare.Columns = []string{words(lang, "ຮອບນີ້", "This round"), words(lang, "ຮອບກ່ອນ", "The round before")}
	likert := *bars
	likert.Kind, likert.Columns = chart.Likert, levels(lang)
	lines := *bars
	lines.Kind = chart.Lines
	for i, s := range services(lang) {
		f := share([]float64{0.72, 0.655, 0.5, 0.31, 0.48, 0.9}[i], 180+7*i)
		if i == 4 {
			f = chart.Figure{State: chart.Few}
		}
		bars.Rows = append(bars.Rows, chart.Row{Label: s, Figures: []chart.Figure{f}})
		compare.Rows = append(compare.Rows, chart.Row{Label: s, Figures: []chart.Figure{f, share(0.45+0.06*float64(i), 150)}})
		var parts []chart.Figure
		for k := range 5 {
			v := []float64{0.04, 0.11, 0.2, 0.4, 0.25}[(k+i)%5]
			parts = append(parts, chart.Figure{Value: v, N: 190 + i})
		}
		if i == 4 {
			parts = []chart.Figure{{State: chart.Few}}
		}
		likert.Rows = append(likert.Rows, chart.Row{Label: s, Figures: parts})
	}
	diverging := likert
	diverging.Diverging = true
	lines.Columns = []string{"Q1 2025", "Q2 2025", "Q3 2025", "Q4 2025", "Q1 2026", "Q2 2026"}
	for i, s := range services(lang)[:4] {
		r := chart.Row{Label: s}
		for k := range lines.Columns {
			f := share(0.4+0.12*float64(i)+0.03*float64((k*(i+2))%5), 200)
			if i == 2 && k == 2 {
				f.State = chart.None
			}
			r.Figures = append(r.Figures, f)
		}
		lines.Rows = append(lines.Rows, r)
	}
	return map[string]*chart.Chart{
		"bars": bars, "compare": &compare, "likert": &likert, "diverging": &diverging, "lines": &lines,
		"quotas": quotas(lang), "grid": grid(lang), "extremes": extremes(lang), "begun": begun(lang),
	}
}

func quotas(lang string) *chart.Chart {
	q := func(lao, english string, value, target float64) chart.Row {
		return chart.Row{Label: words(lang, lao, english), Figures: []chart.Figure{{Value: value, Target: target}}}
	}
	return &chart.Chart{
		Kind: chart.Quotas, Unit: chart.Numbers, Lang: lang,
		Title:    words(lang, "ໂຄຕາ ແລະ ຈຳນວນທີ່ໄດ້ແລ້ວ", "Quotas and what is reached"),
		Subtitle: words(lang, "ການສຳຫຼວດ ຮອບທີ 3, ເຖິງວັນທີ 24 ພະຈິກ 2026", "Survey, third round, until 24 November 2026"),
		Rows: []chart.Row{
			{Label: words(lang, "ເພດ", "Sex")},
			q("ຜູ້ຍິງ", "Women", 612, 600), q("ຜູ້ຊາຍ", "Men", 440, 600),
			{Label: words(lang, "ເມືອງ", "District")},
			q("ເມືອງໄຊທານີ", "Xaythany", 300, 300), q("ເມືອງຊຽງເງິນ", "Xiengngeun", 121, 300),
			q("ເມືອງປາກເຊ", "Pakse", 0, 300), q("ເມືອງໄກສອນພົມວິຫານ", "Kaysone Phomvihane", 480, 300),
		},
	}
}

func grid(lang string) *chart.Chart {
	c := &chart.Chart{
		Kind: chart.Grid, Unit: chart.Numbers, Lang: lang,
		Title:    words(lang, "ເມືອງທີ່ລາຍງານ", "Districts that reported"),
		Subtitle: words(lang, "ຈຳນວນລາຍງານກິດຈະກຳ ປີ 2026", "Activity updates in 2026"),
	}
	for m := range 9 {
		c.Columns = append(c.Columns, words(lang, []string{"ມ.ກ.", "ກ.ພ.", "ມ.ນ.", "ມ.ສ.", "ພ.ພ.", "ມິ.ຖ.", "ກ.ລ.", "ສ.ຫ.", "ກ.ຍ."}[m],
			[]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep"}[m]))
	}
	for i, name := range []string{"ແຂວງຫຼວງນ້ຳທາ|Luangnamtha Province", "ຫຼວງນ້ຳທາ|Namtha", "ສິງ|Sing", "ລອງ|Long", "ວຽງພູຄາ|Viengphoukha", "ນາແລ|Nalae",
		"ແຂວງອຸດົມໄຊ|Oudomxay Province", "ໄຊ|Xay", "ຫຼາ|La", "ນາໝໍ້|Namor", "ງາ|Nga", "ແບ່ງ|Beng", "ຮຸນ|Houn", "ປາກແບງ|Pakbeng"} {
		var lao, english string
		for k, r := range name {
			if r == '|' {
				lao, english = name[:k], name[k+1:]
			}
		}
		r := chart.Row{Label: words(lang, lao, english)}
		for m := range 9 {
			if i == 0 || i == 6 {
				break
			}
			f := chart.Figure{Value: float64((i*7 + m*3) % 5)}
			switch {
			case m == 8:
				f.State = chart.None
			case f.Value == 3:
				f.State = chart.Late
			}
			r.Figures = append(r.Figures, f)
		}
		c.Rows = append(c.Rows, r)
	}
	return c
}

// extremes has what a chart has least room for: nothing, everything, a large
// number of answers, and labels that do not end.
func extremes(lang string) *chart.Chart {
	long := words(lang, "ການບໍລິການອອກໃບຢັ້ງຢືນທີ່ຢູ່ອາໄສ ແລະ ການຂຶ້ນທະບຽນການເກີດ ສຳລັບປະຊາຊົນທີ່ອາໄສຢູ່ໃນເຂດຫ່າງໄກສອກຫຼີກຂອງເມືອງວຽງພູຄາ",
		"Certificates of residence and registration of births for people who live in the remote areas of Viengphoukha district")
	unbroken := words(lang, "ກອງປະຊຸມຄົບຄະນະສະໄໝສາມັນເທື່ອທີສິບສອງຂອງຄະນະບໍລິຫານງານສູນກາງພັກ", "Registrationofbirthsandofcertificatesofresidence")
	return &chart.Chart{
		Kind: chart.Bars, Lang: lang, Title: long, Columns: []string{words(lang, "ຮອບນີ້", "This round"), words(lang, "ຮອບກ່ອນ", "The round before")},
		Rows: []chart.Row{
			{Label: words(lang, "ນ້ຳ", "Water"), Figures: []chart.Figure{{Value: 0, High: 0.06, N: 60}, {Value: 1, Low: 0.94, High: 1, N: 60}}},
			{Label: words(lang, "ທົ່ວປະເທດ", "Whole country"), Figures: []chart.Figure{{Value: 1, Low: 0.999, High: 1, N: 1_234_567}, {High: 0.0001, N: 98_765_432}}},
			{Label: long, Figures: []chart.Figure{{Value: 0.97, Low: 0.93, High: 0.99, N: 200}, {State: chart.Few}}},
			{Label: unbroken, Figures: []chart.Figure{{State: chart.None}, {Value: 0.45, N: 12}}},
		},
	}
}

// begun is a survey that has answers of one period: no lines yet, but intervals
// that must not hide each other.
func begun(lang string) *chart.Chart {
	c := &chart.Chart{Kind: chart.Lines, Lang: lang, Title: words(lang, "ໄຕມາດທຳອິດ", "The first quarter"), Columns: []string{"Q1", "Q2", "Q3", "Q4"}}
	for i, s := range services(lang)[:4] {
		figures := slices.Repeat([]chart.Figure{{State: chart.None}}, 3)
		c.Rows = append(c.Rows, chart.Row{Label: s, Figures: append(figures, share([]float64{0.55, 0.43, 0.38, 0.41}[i], 37))})
	}
	return c
}

// districts returns a grid of a row for each of 148 districts.
func districts() *chart.Chart {
	c := grid("lo")
	c.Rows = nil
	for i := range 148 {
		r := chart.Row{Label: fmt.Sprintf("ເມືອງທີ %d", i+1)}
		for m := range 9 {
			r.Figures = append(r.Figures, chart.Figure{Value: float64((i + m) % 4)})
		}
		c.Rows = append(c.Rows, r)
	}
	return c
}
