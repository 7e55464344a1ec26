package intake

import (
	"bytes"
	"encoding/json"
	"maps"
	"strconv"
	"unicode/utf8"

	"github.com/rollcallhq/rollcall/internal/say"
	"github.com/rollcallhq/rollcall/tasks"
)

// objectOf reads a JSON object and keeps its numbers as they are written: an id of twenty digits
// is not rounded.
func objectOf(data []byte) (map[string]any, bool) {
	if !json.Valid(data) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var object map[string]any
	if d.Decode(&object) != nil || object == nil {
		return nil, false
	}
	return object, true
}

// plainMetadata returns metadata as the record holds it: decoded from its JSON form, so that it can be read back; nil if
// it is empty.
func plainMetadata(m map[string]any) (map[string]any, *tasks.RowError) {
	if len(m) == 0 {
		return nil, nil
	}
	if err := checkDepth(m, 1); err != nil { // before encoding, which recurses
		return nil, err
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, rowError(tasks.BadField, metadata, say.Phrase{Code: say.RowMetadataValues, Text: err.Error()})
	}
	if len(data) > tasks.MaxMetadataBytes {
		return nil, rowError(tasks.BadField, metadata, say.Phrase{Code: say.RowMetadataLong, N: len(data), M: tasks.MaxMetadataBytes})
	}
	if onlyTexts(m) { // always true for metadata from a table
		return maps.Clone(m), nil
	}
	plain, ok := objectOf(data)
	if !ok {
		return nil, rowError(tasks.BadField, metadata, only(say.RowMetadataUnread))
	}
	return plain, checkNumbers(plain)
}

// onlyTexts reports whether all values are valid strings, which JSON does not change.
func onlyTexts(m map[string]any) bool {
	for key, value := range m {
		if text, ok := value.(string); !ok || !utf8.ValidString(text) || !utf8.ValidString(key) {
			return false
		}
	}
	return true
}

// checkDepth bounds how deep and wide metadata is, so that every reader of a list can read it.
func checkDepth(v any, depth int) *tasks.RowError {
	var inside []any
	switch v := v.(type) {
	case map[string]any:
		if len(v) > tasks.MaxMetadataKeys {
			return rowError(tasks.BadField, metadata, say.Phrase{Code: say.RowMetadataKeys, N: len(v), M: tasks.MaxMetadataKeys})
		}
		for _, value := range v {
			inside = append(inside, value)
		}
	case []any:
		inside = v
	default:
		return nil
	}
	if depth > tasks.MaxMetadataDepth {
		return rowError(tasks.BadField, metadata, say.Phrase{Code: say.RowMetadataDeep, N: tasks.MaxMetadataDepth})
	}
	for _, value := range inside {
		if err := checkDepth(value, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// checkNumbers refuses a number that most programs cannot read, such as 1e400.
func checkNumbers(v any) *tasks.RowError {
	switch v := v.(type) {
	case json.Number:
		if _, err := strconv.ParseFloat(v.String(), 64); err != nil {
			return rowError(tasks.BadField, metadata, only(say.RowMetadataNumber))
		}
	case map[string]any:
		for _, value := range v {
			if err := checkNumbers(value); err != nil {
				return err
			}
		}
	case []any:
		for _, value := range v {
			if err := checkNumbers(value); err != nil {
				return err
			}
		}
	}
	return nil
}
