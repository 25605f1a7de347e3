package reading

// Finding is one thing that is wrong with a file, or worth a remark.
type Finding struct {
	// Code is the official rule's id, or FORM-… where the rules have none.
	Code string `json:"code"`
	// Text is Danish, for a caseworker. It holds no CPR number.
	Text  string `json:"text"`
	Fatal bool   `json:"fatal"`
	// Where is the element, in the manner of XPath; "" for the file as a whole.
	Where string `json:"where,omitempty"`
}

// Fatal reports whether one of the findings is fatal.
func Fatal(findings []Finding) bool {
	for _, f := range findings {
		if f.Fatal {
			return true
		}
	}
	return false
}
