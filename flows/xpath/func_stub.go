package xpath

func logicFunctions() []*function  { return nil }
func selectFunctions() []*function { return nil }
func textFunctions() []*function   { return nil }
func numberFunctions() []*function { return nil }
func nodeFunctions() []*function   { return nil }
func dateFunctions() []*function   { return nil }
func geoFunctions() []*function    { return nil }
func otherFunctions() []*function  { return nil }
func formFunctions() []*function   { return nil }
