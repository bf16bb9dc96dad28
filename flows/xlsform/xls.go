package xlsform

func readXLS(data []byte) (*book, error) {
	return nil, unreadable("the file is an old workbook (.xls)")
}
