package main

import "encoding/json"

// unstructuredOf is a value as text, so that two that differ can be shown.
func unstructuredOf(value any) (string, error) {
	bytes, err := json.Marshal(value)
	return string(bytes), err
}
