package report_test

import (
	"fmt"
	"os"

	"example.org/fieldbot/flows/report"
)

func ExampleDraft() {
	r, lost := report.Draft(report.Outline{
		Title: "Working group", Year: 2026, Lang: "en",
		Sections: []report.OutlineSection{{Key: "B", Title: "B. Outreach"}},
	}, []report.Entry{
		{Part: "B", Column: report.Progress, Text: "Radio in five languages.", Ref: "U-7", Source: "Sing district"},
	}, nil)
	if err := r.Markdown(os.Stdout); err != nil {
		fmt.Println(err)
	}
	fmt.Println(len(lost), "lost")
	// Output:
	// # Working group – report 2026
	//
	// ## Overview of the sector performance in 2026
	//
	// ### B. Outreach
	//
	// *Update on the progress / note on situation*
	//
	// - Radio in five languages. \[U-7\]
	//
	// ## Sources
	//
	// - **U-7** Sing district
	// 0 lost
}
