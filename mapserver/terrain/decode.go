package terrain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"unicode/utf8"
)

// decode reads one JSON file of Tiled into dst.
func decode(file string, data []byte, dst any) error {
	if len(data) > MaxFileBytes {
		return &Error{File: file, Message: fmt.Sprintf("the file is larger than %d MiB", MaxFileBytes>>20)}
	}
	if start := bytes.TrimSpace(data); bytes.HasPrefix(start, []byte("<")) {
		return &Error{File: file, Message: "this is XML; save it as JSON in Tiled (a map as .tmj, a tileset as .tsj)"}
	}
	err := json.Unmarshal(data, dst)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	e := &Error{File: file, Message: err.Error()}
	switch {
	case errors.As(err, &mismatch):
		e.Line, e.Column = position(data, mismatch.Offset)
		e.Message = fmt.Sprintf("%s must be %s, not a JSON %s", field(mismatch.Field), expected(mismatch.Type), mismatch.Value)
	case errors.As(err, &syntax):
		e.Line, e.Column = position(data, syntax.Offset)
		e.Message = "this is not JSON: " + syntax.Error()
	}
	return e
}

func field(name string) string {
	if name == "" {
		return "the file"
	}
	return quote(name)
}

func expected(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list (maps saved by Tiled before 1.2 must be saved again)"
	case reflect.Struct:
		return "an object"
	case reflect.Int, reflect.Uint32:
		return "a whole number"
	default:
		return "a number"
	}
}

// position returns the line and column, in characters, of the byte before offset.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(max(offset-1, 0), int64(len(data)))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return 1 + bytes.Count(before, []byte("\n")), 1 + utf8.RuneCount(before[start:])
}
