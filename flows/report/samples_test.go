package report_test

import (
	"time"

	"example.org/fieldbot/flows/chart"
	"example.org/fieldbot/flows/report"
)

func pick(lang, lao, english string) string {
	if lang == "lo" {
		return lao
	}
	return english
}

// outline is a report of an invented working group.
func outline(lang string) report.Outline {
	w := func(lao, english string) string { return pick(lang, lao, english) }
	before := chart.Figure{Value: 0.61, Low: 0.57, High: 0.65, N: 560}
	return report.Outline{
		Lang: lang, Year: 2026,
		Title:    w("ໜ່ວຍງານຂະແໜງການປົກຄອງ", "Governance Sector Working Group"),
		Subtitle: w("ຮ່າງ, 24 ພະຈິກ 2026", "Draft of 24 November 2026"),
		Cover: []report.List{
			{Title: w("ປະທານ ແລະ ຮອງປະທານ", "Chairs and co-chairs"), Items: []string{w("ກະຊວງພາຍໃນ, ຮອງລັດຖະມົນຕີ", "Ministry of Home Affairs, Vice Minister"), w("ກະຊວງຍຸຕິທຳ, ຮອງລັດຖະມົນຕີ", "Ministry of Justice, Vice Minister")}},
			{Title: w("ຜູ້ປະສານງານຂອງກອງເລຂາ", "Secretariat focal points"), Items: []string{w("ກົມແຜນການ ແລະ ການຮ່ວມມື", "Department of Planning and Cooperation")}},
		},
		Sections: []report.OutlineSection{
			{Key: "A", Title: w("ກ. ການປະຕິບັດຂໍ້ສະເໜີແນະຂອງກອງປະຊຸມຄັ້ງກ່ອນ", "A. Actions relating to the key recommendations of the last meeting"),
				Figures: []report.Figure{
					{Label: w("ປະຊາຊົນທີ່ພໍໃຈກັບການບໍລິການ", "People satisfied with services"), Now: chart.Figure{Value: 0.68, Low: 0.655, High: 0.71, N: 1204}, Before: &before, Tested: true, Changed: true},
					{Label: w("ເມືອງທີ່ລາຍງານ", "Districts that reported"), Unit: chart.Numbers, Now: chart.Figure{Value: 131}},
					{Label: w("ຜູ້ໃຫ້ຄຳຕອບໃນ ໜອງແຮດ", "Respondents in Nonghet"), Now: chart.Figure{State: chart.Few}},
				},
				Chart: &chart.Chart{Kind: chart.Bars, Lang: lang, Title: w("ຄວາມພໍໃຈຕາມການບໍລິການ", "Satisfaction by service"), Rows: []chart.Row{
					{Label: w("ປະຖົມສຶກສາ", "Primary education"), Figures: []chart.Figure{{Value: 0.72, Low: 0.66, High: 0.77, N: 240}}},
					{Label: w("ນ້ຳປະປາ ແລະ ສຸຂາພິບານ", "Water and sanitation"), Figures: []chart.Figure{{Value: 0.51, Low: 0.44, High: 0.57, N: 236}}},
				}},
				Parts: []report.Part{
					{Key: "A.1", Title: w("ກ.1 ເສີມສ້າງປະສິດທິຜົນຂອງການບໍລິຫານລັດ", "A.1 Enhance effectiveness of public governance and administration")},
					{Key: "A.3", Title: w("ກ.3 ຂໍ້ສະເໜີແນະ", "A.3 Recommendations"), Recommendations: []report.Recommendation{
						{Text: w("ຂະຫຍາຍການສຳຫຼວດໄປສູ່ທຸກເມືອງທີ່ມີສູນບໍລິການປະຕູດຽວ", "Take the survey to every district with a service centre"), Column: report.Progress, Owner: w("ກະຊວງພາຍໃນ", "Ministry of Home Affairs"), Due: time.Date(2027, 6, 30, 0, 0, 0, 0, time.UTC), Year: 2025},
						{Text: w("ຈັດພິມຄູ່ມື", "Print the manual"), Column: report.Progress, Done: true, Year: 2026},
					}},
				}},
			{Key: "B", Title: w("ຂ. ການສື່ສານ ແລະ ເຜີຍແຜ່", "B. Communication and outreach")},
		},
	}
}

func entries(lang string) []report.Entry {
	w := func(lao, english string) string { return pick(lang, lao, english) }
	digital, services := w("ການຫັນເປັນດິຈິຕອນ:", "Digitalization:"), w("ການບໍລິການປະຊາຊົນ:", "Citizen-centric service delivery:")
	source := w("ຫ້ອງວ່າການເມືອງໄຊ, ແຂວງອຸດົມໄຊ, 12 ມີນາ 2026", "Xay district office, Oudomxay, 12 March 2026")
	return []report.Entry{
		{Part: "A.1", Column: report.Outputs, Text: w("ຝຶກອົບຮົມສູນບໍລິການປະຕູດຽວ (ເມືອງໄຊ)", "Training on service centres (Xay)"), Ref: "U-9", Source: source},
		{Part: "A.1", Column: report.Progress, Lead: digital, Text: w("44 ເມືອງໄດ້ຮັບການຝຶກອົບຮົມຜ່ານກອງປະຊຸມທາງໄກຄັ້ງໜຶ່ງ.", "44 districts were trained in one online workshop."), Ref: "U-9", Source: source},
		{Part: "A.1", Column: report.Progress, Lead: services, Text: w("ສູນບໍລິການໃໝ່ເປີດນຳໃຊ້ທີ່ ເມືອງປາກເຊ.", "A new service centre opened in Pakse."), Ref: "U-12", Source: w("ເມືອງປາກເຊ", "Pakse district")},
		{Part: "A.1", Column: report.Progress, Lead: digital, Text: w("18 ກະຊວງເຂົ້າຮ່ວມກອງປະຊຸມປຶກສາຫາລື.", "18 ministries took part in a consultation <on the draft> & agreed."), Ref: "U-10", Source: w("ກະຊວງ", "Ministry")},
		{Part: "A.1", Column: report.Challenges, Text: w("ງົບປະມານບໍ່ພຽງພໍເພື່ອຂະຫຍາຍການສຳຫຼວດ.", "The budget does not suffice to scale the survey up."), Ref: "U-9", Source: source},
		{Part: "B", Column: report.Progress, Text: w("ຜະລິດລາຍການວິທະຍຸເປັນພາສາຊົນເຜົ່າ.", "Radio programmes in ethnic languages."), Ref: "U-11", Source: w("ແຂວງຫຼວງນ້ຳທາ", "Luangnamtha")},
		{Part: "Z", Column: report.Progress, Text: "?", Ref: "U-1"},
	}
}

func sample(lang string) *report.Report {
	r, _ := report.Draft(outline(lang), entries(lang), nil)
	r.Annexes = []report.Table{{
		Title: pick(lang, "ກິດຈະກຳຕາມເປົ້າໝາຍ SDG", "Activities by SDG target"),
		Head:  []string{pick(lang, "ເປົ້າໝາຍ", "Target"), pick(lang, "ກິດຈະກຳ", "Activities"), pick(lang, "ຜູ້ໄດ້ຮັບຜົນປະໂຫຍດ", "People reached")},
		Rows:  [][]string{{"16.6", "12", "20.000"}, {"16.7", "8", "1.200"}},
	}}
	return r
}
